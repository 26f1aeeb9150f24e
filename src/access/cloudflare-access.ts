/**
 * Users of Cloudflare Access: whom the assertion (a JWT) of a request names. Guarantees that only an assertion that
 * Access has signed, for this team and one of these applications, is believed, and only until it expires; the address
 * of a user is in no header that is believed without it. The team's keys are kept for ten minutes.
 *
 * Source: developers.cloudflare.com, "Validate JWTs" and "Application token".
 */
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from "jose";
import { configured } from "../http/configured.ts";
import { logger } from "../platform/logger.ts";
import { perEnv } from "../platform/per-env.ts";
import { ok, type Result, refused } from "../platform/result.ts";

export const ASSERTION_HEADER = "Cf-Access-Jwt-Assertion";

/** Access signs by RSA only. An assertion that says otherwise is refused before its key is looked for. */
const ALGORITHMS = ["RS256"];
/** A longer one is not looked at: header fields of 16 KiB are all that Cloudflare passes on. */
const MAX_ASSERTION_LENGTH = 16 * 1024;
const DEADLINE_MS = 3_000;
/** After a failure, so long nobody else waits for keys that do not come. */
export const KEYS_PAUSE_MS = 5_000;

export interface AccessUser {
  /** In lower case. */
  readonly address: string;
  /** When the assertion was issued; Access says it in whole seconds. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * `forged`: Access has not signed it. `expired`: its time is over. `foreign`: it is for another application or team.
 * `no_user`: it is a service token's, which is no person.
 */
export type AssertionDenial = "forged" | "expired" | "foreign" | "no_user";

const DENIALS: ReadonlyMap<string, AssertionDenial> = new Map([
  [errors.JWTExpired.code, "expired"],
  [errors.JWTClaimValidationFailed.code, "foreign"],
  [errors.JWTInvalid.code, "forged"],
  [errors.JWSInvalid.code, "forged"],
  [errors.JWSSignatureVerificationFailed.code, "forged"],
  [errors.JWKSNoMatchingKey.code, "forged"],
  [errors.JWKSMultipleMatchingKeys.code, "forged"],
  [errors.JOSEAlgNotAllowed.code, "forged"],
  [errors.JOSENotSupported.code, "forged"],
]);

/** How assertions of the team are verified; undefined where Access is not set up. */
const verifierOf = perEnv((env: Env) => {
  const { cloudflareAccess } = configured(env);
  if (cloudflareAccess === undefined) return { verify: undefined };
  const { teamOrigin: issuer, audience } = cloudflareAccess;
  let pausedUntilMs = 0;
  const keys = createRemoteJWKSet(new URL("/cdn-cgi/access/certs", issuer), {
    timeoutDuration: DEADLINE_MS,
    [customFetch]: async (url, options) => {
      if (Date.now() < pausedUntilMs) throw new Error("they were out of reach a moment ago");
      return await fetch(url, options);
    },
  });
  const expected = { issuer, audience: [...audience], algorithms: ALGORITHMS, requiredClaims: ["exp", "iat"] };
  return {
    verify: async (assertion: string) => (await jwtVerify(assertion, keys, expected)).payload,
    pause: () => {
      pausedUntilMs = Date.now() + KEYS_PAUSE_MS;
    },
  };
});

/** The user whom an assertion names. `keys_unavailable`: while the team's keys are out of reach nobody knows. */
export async function verifyAssertion(
  env: Env,
  assertion: string,
): Promise<Result<AccessUser, AssertionDenial | "keys_unavailable">> {
  const { verify, pause } = verifierOf(env);
  if (verify === undefined || assertion.length > MAX_ASSERTION_LENGTH) return refused("forged");
  try {
    return userOf(await verify(assertion));
  } catch (error) {
    const denial = error instanceof errors.JOSEError ? DENIALS.get(error.code) : undefined;
    if (denial !== undefined) return refused(denial);
    pause();
    logger.error("the keys of Cloudflare Access are out of reach", { error });
    return refused("keys_unavailable");
  }
}

function userOf({ email, exp, iat }: JWTPayload): Result<AccessUser, AssertionDenial> {
  if (typeof email !== "string" || email === "" || exp === undefined || iat === undefined) return refused("no_user");
  return ok({ address: email.toLowerCase(), issuedAtMs: iat * 1_000, expiresAtMs: exp * 1_000 });
}
