/** Request headers as the log stores them. */

const MAX_USER_AGENT_CHARS = 512;

/** The User-Agent header's first 512 characters; empty without it. */
export function userAgentOf(request: Request): string {
  return headerOf(request, "User-Agent", MAX_USER_AGENT_CHARS);
}

/**
 * A header's first `maxChars` characters; empty without it. D1 stores no half surrogate pair, so a cut one is
 * replaced.
 */
export function headerOf(request: Request, name: string, maxChars: number): string {
  return firstChars(request.headers.get(name) ?? "", maxChars);
}

/** A user agent that others have seen, as the log would store it. */
export function loggedUserAgent(userAgent: string): string {
  return firstChars(userAgent, MAX_USER_AGENT_CHARS);
}

function firstChars(value: string, maxChars: number): string {
  return value.length <= maxChars ? value : value.slice(0, maxChars).toWellFormed();
}
