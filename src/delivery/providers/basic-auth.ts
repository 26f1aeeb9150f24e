/**
 * Providers that sign nothing, and whose webhooks carry HTTP basic authentication (RFC 7617). There is no time in it,
 * and so no replay window; recording is idempotent.
 */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { ok, refused } from "../../platform/result.ts";
import type { SignatureForm } from "./provider.ts";
import { isStrongSecret, MIN_SECRET_LENGTH, type ProviderSetting, textSetting } from "./setting.ts";

const Authorization = v.object({ authorization: v.pipe(v.string(), v.regex(/^Basic +[A-Za-z0-9+/]+={0,2}$/i)) });

/** The setting and the signature of a provider whose user and password the operator invents. */
export function basicAuthentication<const Variable extends string>(
  variable: Variable,
): {
  readonly setting: ProviderSetting<Variable, string>;
  readonly signature: SignatureForm<string, v.InferOutput<typeof Authorization>>;
} {
  const hasStrongPassword = (text: string) => isStrongSecret(/^[^:]+:(.+)$/.exec(text)?.[1] ?? "");
  const form = `"user:password", the password of ${MIN_SECRET_LENGTH} characters or more`;
  return {
    setting: textSetting(variable, hasStrongPassword, form),
    signature: {
      in: "headers",
      schema: Authorization,
      check({ authorization }, expected) {
        const credentials = Buffer.from(authorization.replace(/^Basic +/i, ""), "base64").toString("utf8");
        return isSameSecret(credentials, expected) ? ok(undefined) : refused("bad_signature");
      },
    },
  };
}
