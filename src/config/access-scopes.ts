/** ACCESS_SCOPES: what users of Cloudflare Access may do on the dashboard. */
import { ok, type Result, refused } from "../platform/result.ts";
import { SCOPES, type Scope } from "./scope.ts";

/** What some of the users may do. */
interface ScopeGrant {
  /** An address or "@domain", in lower case; undefined: everybody. */
  readonly to: string | undefined;
  readonly scopes: readonly Scope[];
}

export type AccessScopes = readonly ScopeGrant[];

/** Nothing is granted by it: for everybody who is not named. */
const NONE = "none";
/** An address or "@domain" before the scopes, which commas separate. */
const GRANT = /^(?:([^\s=@]*@[^\s=@]+)=)?([a-z,]+)$/;

/**
 * @param text grants, separated by spaces: "read", "none", "read,pii", "ana@example.com=admin", "@example.com=send"
 * @returns the grants, or a sentence that says what is wrong
 */
export function parseAccessScopes(text: string): Result<AccessScopes, string> {
  const grants: ScopeGrant[] = [];
  for (const word of text.split(/\s+/).filter((each) => each !== "")) {
    const [, to, list = ""] = GRANT.exec(word.toLowerCase()) ?? [];
    const names = list.split(",");
    const scopes = SCOPES.filter((scope) => names.includes(scope));
    if (list !== NONE && scopes.length !== new Set(names).size) return refused(problemOf(word));
    grants.push({ to, scopes });
  }
  return ok(grants);
}

function problemOf(word: string): string {
  const scopes = SCOPES.map((scope) => `"${scope}"`).join(", ");
  return (
    `ACCESS_SCOPES has "${word}": write "read", "ana@example.com=read,pii" or "@example.com=send", ` +
    `with scopes among ${scopes}, or "${NONE}".`
  );
}

/** What the user of an address may do: all that is granted to everybody, to their domain and to them. */
export function scopesOfUser(grants: AccessScopes, address: string): readonly Scope[] {
  const domain = address.slice(address.lastIndexOf("@"));
  const theirs = grants.filter(({ to }) => to === undefined || to === address || to === domain);
  return SCOPES.filter((scope) => theirs.some(({ scopes }) => scopes.includes(scope)));
}
