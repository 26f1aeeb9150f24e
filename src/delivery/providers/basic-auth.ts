/**
 * Providers that sign nothing, and whose webhooks carry HTTP basic authentication (RFC 7617), or a bearer token (RFC
 * 6750). There is no time in it, and so no replay window; recording is idempotent.
 */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { ok, refused } from "../../platform/result.ts";
import type { SignatureForm } from "./provider.ts";
import { isStrongSecret, MIN_SECRET_LENGTH, type ProviderSetting, textSetting } from "./setting.ts";

const Authorization = v.object({ authorization: v.string() });

interface Credentials<Variable extends string> {
  readonly setting: ProviderSetting<Variable, string>;
  readonly signature: SignatureForm<string, v.InferOutput<typeof Authorization>>;
}

const CREDENTIALS_FORM = `"user:password", the password of ${MIN_SECRET_LENGTH} characters or more`;

/** The setting and the signature of a provider that sends a user and a password, which the operator invents. */
export function basicAuthentication<const Variable extends string>(variable: Variable): Credentials<Variable> {
  return { setting: textSetting(variable, hasStrongPassword, CREDENTIALS_FORM), signature: sentCredentials };
}

/** As `basicAuthentication`; a secret without ":" is a bearer token. */
export function basicOrBearer<const Variable extends string>(variable: Variable): Credentials<Variable> {
  const isRight = (text: string) => (text.includes(":") ? hasStrongPassword(text) : isStrongToken(text));
  const form = `${CREDENTIALS_FORM}, or a token as long, without spaces`;
  return { setting: textSetting(variable, isRight, form), signature: sentCredentials };
}

function hasStrongPassword(text: string): boolean {
  return isStrongSecret(/^[^:]+:(.+)$/.exec(text)?.[1] ?? "");
}

function isStrongToken(text: string): boolean {
  return !/\s/.test(text) && isStrongSecret(text);
}

const sentCredentials: Credentials<string>["signature"] = {
  in: "headers",
  schema: Authorization,
  check({ authorization }, expected) {
    const [, scheme = "", sent = ""] = /^(Basic|Bearer) +(\S+)$/i.exec(authorization) ?? [];
    const isBasic = scheme.toLowerCase() === "basic";
    if (isBasic !== expected.includes(":")) return refused("bad_signature");
    const credentials = isBasic ? Buffer.from(sent, "base64").toString("utf8") : sent;
    return isSameSecret(credentials, expected) ? ok(undefined) : refused("bad_signature");
  },
};
