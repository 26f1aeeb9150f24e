/** What a client of the API may do. */

/**
 * `read` the log and its reports; `pii`: see whole addresses in them; `send`: decorate, report outcomes, check, list
 * and add suppressions, list retries; `admin`: all of it, lifting suppressions, and clients.
 */
export const SCOPES = ["read", "pii", "send", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Whether answers of `/v1` show whole addresses to a caller with these scopes. */
export function showsAddresses(scopes: readonly Scope[]): boolean {
  return scopes.some((scope) => scope !== "read");
}

/** @param text scopes as D1 holds them, separated by spaces */
export function parseScopes(text: string): Scope[] {
  const words = text.split(" ");
  return SCOPES.filter((scope) => words.includes(scope));
}

/** Whether somebody with these scopes may do what takes `needed`: "admin" includes all. */
export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.includes(needed) || scopes.includes("admin");
}
