/** What a client of the API may do. */

/**
 * `read` the log and its reports; `send`: decorate, report outcomes, check, list and add suppressions, list retries;
 * `admin`: all of it, lifting suppressions, and clients.
 */
export const SCOPES = ["read", "send", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** @param text scopes as D1 holds them, separated by spaces */
export function parseScopes(text: string): Scope[] {
  const words = text.split(" ");
  return SCOPES.filter((scope) => words.includes(scope));
}
