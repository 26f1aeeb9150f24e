/**
 * GET /v1/docs: the OpenAPI document for people, by Swagger UI. Its files are the deploy's static assets, so that the
 * Worker's bundle does not hold them. Guarantees that the page asks nobody but this Worker, and runs no script but its
 * own files.
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

/** The page, and the files that it loads, by `:file`. */
export const DOCS_PAGE: Readonly<Record<string, Handlers>> = {
  "/v1/docs": { GET: (context) => asset(context, "docs.html") },
  "/v1/docs/:file{[A-Za-z.-]+}": { GET: (context) => asset(context, `docs/${context.req.param("file")}`) },
};

async function asset(context: Context<{ Bindings: Env }>, name: string): Promise<Response> {
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
