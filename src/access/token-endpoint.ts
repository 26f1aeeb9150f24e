/**
 * /identity/oauth/token: an access token for a client's id and secret (RFC 6749 §4.4), as Marketo's programs ask for it: by GET or POST,
 * in the query, in a form, or by HTTP Basic. Failures in the form of RFC 6749 §5.2. Gives up counting guesses, since a secret has
 * 256 random bits, and hiding which ids there are, since Marketo's words tell an unknown id from a wrong secret: an id has 122.
 */

import type { Context } from "hono";
import { configured } from "../http/configured.ts";
import { readForm } from "../http/form.ts";
import { logger } from "../platform/logger.ts";
import { ACCESS_TOKEN_LIFE_MS, signAccessToken } from "./access-token.ts";
import { grant } from "./clients.ts";

const NOT_STORED = { "Cache-Control": "no-store", Pragma: "no-cache" };

/** The status and the words of each `error`. */
const FAULTS = {
  invalid_request: [400, "grant_type is missing: it must be client_credentials"],
  unsupported_grant_type: [400, "Unsupported grant type: it must be client_credentials"],
  unauthorized: [401, "No client with requested id"],
  invalid_client: [401, "Bad client credentials"],
  temporarily_unavailable: [503, "Access tokens cannot be given out just now; try again in a moment"],
} as const;

const RETRY_AFTER = { "Retry-After": "5" };
const CHALLENGE = { "WWW-Authenticate": 'Basic realm="waxseal"' };

function fault(error: keyof typeof FAULTS): Response {
  const [status, error_description] = FAULTS[error];
  const more = status === 401 ? CHALLENGE : status === 503 ? RETRY_AFTER : {};
  return Response.json({ error, error_description }, { status, headers: { ...NOT_STORED, ...more } });
}

export async function giveAccessToken(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env, req } = context;
  const { tokenKeys } = configured(env);
  const parameters = new URL(req.url).searchParams;
  // By whatever method: some programs send a form with GET.
  for (const [name, value] of (await readForm(req)) ?? []) parameters.append(name, value);
  const grantType = parameters.get("grant_type");
  if (grantType === null) return fault("invalid_request");
  if (grantType !== "client_credentials") return fault("unsupported_grant_type");
  const { id, secret } = credentialsIn(req.header("Authorization"), parameters);
  try {
    const nowMs = Date.now();
    const granted = await grant(env.DB, id, secret, nowMs);
    if (!granted.ok) return fault(granted.reason === "wrong_secret" ? "invalid_client" : "unauthorized");
    const { issuedMs, scopes } = granted.value;
    return Response.json(
      {
        access_token: signAccessToken(tokenKeys, { client: id, issuedMs }),
        token_type: "bearer",
        // Marketo's own begins at 3599; a second too few is safe.
        expires_in: Math.max(0, Math.ceil((issuedMs + ACCESS_TOKEN_LIFE_MS - nowMs) / 1_000) - 1),
        scope: scopes.join(" "),
      },
      { headers: NOT_STORED },
    );
  } catch (error) {
    logger.error("no access token given", { error });
    return fault("temporarily_unavailable");
  }
}

/** By HTTP Basic (RFC 6749 §2.3.1) or as parameters; empty texts, which no client has, where there are none. */
function credentialsIn(authorization: string | undefined, parameters: URLSearchParams) {
  const [, basic] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? "") ?? [];
  if (basic === undefined)
    return { id: parameters.get("client_id") ?? "", secret: parameters.get("client_secret") ?? "" };
  try {
    const [, id = "", secret = ""] = /^([^:]*):(.*)$/s.exec(atob(basic)) ?? [];
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
  } catch {
    // Neither base64 nor percent-encoded: nobody's.
    return { id: "", secret: "" };
  }
}
