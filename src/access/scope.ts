/** What a client of the API may do. */

/**
 * `read` the log and its reports; `send`: decorate, report outcomes, check suppressions, list retries; `admin`: all of
 * it, and clients.
 */
export const SCOPES = ["read", "send", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.includes(needed) || scopes.includes("admin");
}
