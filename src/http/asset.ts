/** Files of the deploy's static assets (wrangler.toml's [assets]), which only the Worker serves. */
import type { Context } from "hono";

/**
 * Answers with a file, or with `undefined` when there is none of that name.
 * @param path where it is, from the folder of assets: "/v1/openapi.json"
 * @param fields header fields besides the file's own
 */
export async function assetAnswer(
  { req, env }: Context<{ Bindings: Env }>,
  path: string,
  fields: Readonly<Record<string, string>>,
): Promise<Response | undefined> {
  const { method, headers: asked } = req.raw;
  const { status, body, headers } = await env.ASSETS.fetch(new URL(path, req.url), { method, headers: asked });
  if (status === 404) return undefined;
  const answered = new Headers(headers);
  for (const [name, value] of Object.entries(fields)) answered.set(name, value);
  return new Response(body, { status, headers: answered });
}
