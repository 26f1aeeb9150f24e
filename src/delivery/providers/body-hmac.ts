/** Providers that sign the raw body with HMAC-SHA256, in hexadecimal, and no time. Recording is idempotent. */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { hmacSha256 } from "../../platform/hmac.ts";
import { ok, refused } from "../../platform/result.ts";
import type { SignatureForm } from "./provider.ts";

/**
 * With one of several keys, as each webhook has its own.
 * @param header the signature's, in lower case
 */
export function bodyHmac(header: string): SignatureForm<readonly string[], string> {
  return {
    in: "headers",
    schema: v.pipe(
      v.record(v.string(), v.string()),
      v.transform((headers) => headers[header]),
      v.string(),
    ),
    check(signature, keys, { body }) {
      const isSigned = keys.some((key) => isSameSecret(signature.toLowerCase(), hmacOf(body, key)));
      return isSigned ? ok(undefined) : refused("bad_signature");
    },
  };
}

function hmacOf(body: Uint8Array, key: string): string {
  return Buffer.from(hmacSha256(new TextEncoder().encode(key), body)).toString("hex");
}
