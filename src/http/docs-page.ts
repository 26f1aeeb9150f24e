/**
 * The OpenAPI document, and GET /v1/docs, which shows it to people by Swagger UI. They are the deploy's static assets,
 * which src/dev/ makes, so that the Worker's bundle does not hold them. Guarantees that the page asks nobody but this
 * Worker, and runs no script but its own files.
 */
import type { Context } from "hono";
import { failureAnswer } from "./errors.ts";
import type { Handlers } from "./routes.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Swagger UI's icons.
  "img-src data:",
  // The document, and calls that a reader tries.
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The document, the page, and the files that the page loads, by `:file`. */
export const API_DOCUMENT: Readonly<Record<string, Handlers>> = {
  "/v1/openapi.json": { GET: (context) => pageFile(context, "openapi.json") },
  "/v1/docs": { GET: (context) => pageFile(context, "docs.html") },
  "/v1/docs/:file{[A-Za-z.-]+}": { GET: (context) => pageFile(context, `docs/${context.req.param("file")}`) },
};

async function pageFile(context: Context<{ Bindings: Env }>, name: string): Promise<Response> {
  const { req, env } = context;
  const { method, headers: asked } = req.raw;
  const file = await env.ASSETS.fetch(new URL(`/v1/${name}`, req.url), { method, headers: asked });
  const { status, body, headers } = file;
  if (status === 404) {
    return failureAnswer(context, { status: 404, code: "not_found", message: "There is no such path on /v1." });
  }
  const answered = new Headers(headers);
  answered.set("Content-Security-Policy", POLICY);
  answered.set("Referrer-Policy", "no-referrer");
  answered.set("X-Robots-Tag", "noindex");
  return new Response(body, { status, headers: answered });
}
