/** A browser's part in tests of the dashboard: its cookies, and forms that it sends from the Worker's own pages. */
import { env } from "cloudflare:workers";
import type { Scope } from "../../src/access/scope.ts";
import { beginSession } from "../../src/access/sessions.ts";
import { ask, ORIGIN } from "../worker.ts";

export const COOKIE = "__Host-waxseal-session";

/** Sends a form of the Worker's own page. */
export function submit(
  path: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
  around: Env = env,
): Promise<Response> {
  const own = { Origin: ORIGIN, "Sec-Fetch-Site": "same-origin" };
  return ask(path, { method: "POST", body: new URLSearchParams(fields), headers: { ...own, ...headers } }, around);
}

/** The session token that an answer sets; empty when it deletes it, undefined when it sets none. */
export function sessionOf(answer: Response): string | undefined {
  const set = answer.headers.getSetCookie().find((cookie) => cookie.startsWith(`${COOKIE}=`));
  return set?.slice(COOKIE.length + 1).split(";")[0];
}

/** The header of a request that has a session. */
export const withSession = (token: string) => ({ Cookie: `${COOKIE}=${token}` });

/** Signs in, and returns the session's token. */
export async function signedIn(fields: Readonly<Record<string, string>> = { key: "wxs_dev_test" }): Promise<string> {
  const token = sessionOf(await submit("/app/sign-in", fields));
  if (token === undefined || token === "") throw new Error("nobody was signed in");
  return token;
}

/** The token of a client's session, as if it had signed in. */
export function sessionOfClient(client: string, scopes: readonly Scope[]): Promise<string> {
  return beginSession(env, { kind: "client", holder: client }, scopes, Date.now());
}
