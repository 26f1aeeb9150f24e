/** Shows /v1/openapi.json. A key that is typed in stays in this page, and leaves with it. */
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// swagger-ui-bundle.js
window.SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  // Otherwise it asks validator.swagger.io about the document.
  validatorUrl: null,
});
