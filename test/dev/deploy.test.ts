import { expect, inject, it } from "vitest";

it("a deploy carries the recipients' pages, nothing of the preview, and the API's page as files beside it", () => {
  const script = inject("productionScript");
  const held = (words: string) => script.includes(words);
  expect(["List-Unsubscribe", "unsubscribe"].filter((words) => !held(words))).toEqual([]);
  // Swagger UI and the OpenAPI document are static assets.
  expect(["SwaggerUIBundle", "React", "#/components/schemas", "draft-2020-12"].filter(held)).toEqual([]);
  const ofPreview = ["Waxseal: preview", "/preview/log", "letters@example.com"];
  expect(ofPreview.filter(held)).toEqual([]);
  expect(ofPreview.filter((words) => !inject("developmentScript").includes(words))).toEqual([]);
});
