/** Who sees the dashboard. */
import type { Context } from "hono";
import { getCookie } from "hono/cookie";
import type { Scope } from "../access/scope.ts";
import { SCOPES } from "../access/scope.ts";

export interface Viewer {
  /** Who it is: a client's name, "API key", or the address of an Access user. */
  readonly name: string;
  /** For `/v1`, as a bearer token. */
  readonly token: string;
  readonly scopes: readonly Scope[];
  /** Whether the scope, or "admin", is among them. */
  may(scope: Scope): boolean;
}

/** Undefined when nobody is signed in. */
export async function findViewer(context: Context<{ Bindings: Env }>): Promise<Viewer | undefined> {
  const token = getCookie(context, "waxseal-session");
  return token === undefined ? undefined : { name: "API key", token, scopes: SCOPES, may: () => true };
}
