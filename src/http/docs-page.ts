/**
 * The OpenAPI document, and GET /v1/docs, which shows it to people by Swagger UI. They are the deploy's static assets,
 * which src/dev/ makes, so that the Worker's bundle does not hold them. Guarantees that the page asks nobody but this
 * Worker, and runs no script but its own files.
 */
import type { Context } from "hono";
import { assetAnswer } from "./asset.ts";
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
  const fields = { "Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex" };
  const file = await assetAnswer(context, `/v1/${name}`, fields);
  if (file !== undefined) return file;
  return failureAnswer(context, { status: 404, code: "not_found", message: "There is no such path on /v1." });
}
