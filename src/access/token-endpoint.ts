/**
 * /identity/oauth/token: an access token for a client's id and secret (RFC 6749 §4.4). Marketo's programs ask by GET
 * or POST, in the query, in a form, or by HTTP Basic. Failures have the form of RFC 6749 §5.2. Gives up hiding which
 * ids exist, since Marketo answers an unknown id and a wrong secret differently: an id has 122 random bits.
 */
import type { Context } from "hono";
import { auth } from "hono/utils/basic-auth";
import { PROTECTION } from "../http/answers.ts";
import { readForm } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { mayFailAgain, mayLogIn } from "../http/rate-limit.ts";
import { logger } from "../platform/logger.ts";
import { ACCESS_TOKEN_LIFE_MS, signAccessToken } from "./access-token.ts";
import { grantAccess } from "./clients.ts";

/** The length of a client's id, which is a UUID. */
const MAX_ID_LENGTH = 36;
/** Also for caches that know HTTP/1.0 only (RFC 6749 §5.1). */
const NO_STORE = { ...PROTECTION, Pragma: "no-cache" };

/** The status and the description of each `error`. */
const ERRORS = {
  invalid_request: [400, "grant_type is missing: it must be client_credentials"],
  unsupported_grant_type: [400, "Unsupported grant type: it must be client_credentials"],
  unauthorized: [401, "No client with requested id"],
  invalid_client: [401, "Bad client credentials"],
  slow_down: [429, "That was too often; try again in a minute"],
  temporarily_unavailable: [503, "Access tokens cannot be given out just now; try again in a moment"],
} as const;

/** Header fields of an error, by its status. */
const MORE: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "WWW-Authenticate": 'Basic realm="waxseal"' },
  429: { "Retry-After": "60" },
  503: { "Retry-After": "5" },
};

function oauthError(error: keyof typeof ERRORS): Response {
  const [status, error_description] = ERRORS[error];
  return Response.json({ error, error_description }, { status, headers: { ...NO_STORE, ...MORE[status] } });
}

/** Answers `{access_token, token_type, expires_in, scope}`, `expires_in` in seconds, or an error of `ERRORS`. */
export async function issueAccessToken(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context;
  const { tokenKeys } = configured(env);
  const parameters = new URL(req.url).searchParams;
  // With GET, too: some programs send a form with it.
  for (const [name, value] of (await readForm(req)) ?? []) parameters.append(name, value);
  const grantType = parameters.get("grant_type");
  if (grantType === null) return oauthError("invalid_request");
  if (grantType !== "client_credentials") return oauthError("unsupported_grant_type");
  const { id, secret } = credentialsOf(req.raw, parameters);
  // Before D1 is read.
  if (!(await mayLogIn(context, id.slice(0, MAX_ID_LENGTH)))) return oauthError("slow_down");
  try {
    const nowMs = Date.now();
    const granted = await grantAccess(env.DB, id, secret, nowMs);
    if (!granted.ok) return await refuse(context, granted.reason);
    const { issuedAtMs, scopes } = granted.value;
    return Response.json(
      {
        access_token: signAccessToken(tokenKeys, { client: id, issuedAtMs }),
        token_type: "bearer",
        // Marketo's begins at 3599; a second too few is safe.
        expires_in: Math.max(0, Math.ceil((issuedAtMs + ACCESS_TOKEN_LIFE_MS - nowMs) / 1_000) - 1),
        scope: scopes.join(" "),
      },
      { headers: NO_STORE },
    );
  } catch (error) {
    logger.error("no access token given", { error });
    return oauthError("temporarily_unavailable");
  }
}

/** Says in the log that a login failed, and nothing of what was tried. */
async function refuse(context: Context<{ Bindings: Env }>, reason: "unknown_client" | "wrong_secret") {
  if (!(await mayFailAgain(context))) return oauthError("slow_down");
  logger.warn("no access token given", { reason });
  return oauthError(reason === "wrong_secret" ? "invalid_client" : "unauthorized");
}

/** By HTTP Basic, percent-encoded (RFC 6749 §2.3.1), or as parameters. No client has an empty id or secret. */
function credentialsOf(request: Request, parameters: URLSearchParams) {
  const basic = auth(request);
  if (basic === undefined)
    return { id: parameters.get("client_id") ?? "", secret: parameters.get("client_secret") ?? "" };
  try {
    return { id: decodeURIComponent(basic.username), secret: decodeURIComponent(basic.password) };
  } catch {
    return { id: "", secret: "" };
  }
}
