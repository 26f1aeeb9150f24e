/** The address of a request: whether it is one, and the path that it is routed by. */
import { getPath } from "hono/utils/url";

/**
 * The path that a request is routed by. A slash at its end is doubled, because the router takes "/healthz/" for
 * "/healthz".
 * @param dotted what an address holds whose dot segments are removed (RFC 3986 §5.2.4): the runtime leaves them in
 * @param slashed matches paths in which several slashes, one after the other, stand for one
 */
export function routingPath(dotted: string, slashed: RegExp): (request: Request) => string {
  return (request) => {
    const { url } = request;
    const given = getPath(url.includes(dotted) ? new Request(new URL(url).href) : request);
    const path = given.includes("//") && slashed.test(given) ? given.replaceAll(/\/+/g, "/") : given;
    return path.length > 1 && path.endsWith("/") ? `${path}/` : path;
  };
}

/** What can be in a Host header (RFC 9110 §7.2). The runtime hands over any other character as it came. */
const HOST = /^[\w.:[\]-]+$/;

/** Whether the address of a request is one: handlers parse it. */
export function isAddressed({ url, headers }: Request): boolean {
  return HOST.test(headers.get("Host") ?? "unnamed") && URL.canParse(url);
}
