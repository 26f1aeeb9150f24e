/** The path that a request is routed by. */
import { getPath } from "hono/utils/url";

/**
 * The path without dot segments (RFC 3986 §5.2.4): the runtime leaves them in, and some programs send "/rest/../bulk".
 * A slash at the end is doubled, because the router takes "/healthz/" for "/healthz".
 */
export function routingPath(request: Request): string {
  const { url } = request;
  const path = getPath(url.includes("/.") ? new Request(new URL(url).href) : request);
  return path.length > 1 && path.endsWith("/") ? `${path}/` : path;
}
