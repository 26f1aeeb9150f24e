/** Providers that sign the raw body with HMAC-SHA256, in hexadecimal, and no time. Recording is idempotent. */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { hmacSha256 } from "../../platform/hmac.ts";
import { ok, refused } from "../../platform/result.ts";
import type { SignatureForm } from "./provider.ts";

/** @param header the signature's, in lower case */
export function bodyHmac(header: string): SignatureForm<string, string> {
  return {
    in: "headers",
    schema: v.pipe(
      v.record(v.string(), v.string()),
      v.transform((headers) => headers[header]),
      v.string(),
    ),
    check(signature, key, { body }) {
      const expected = Buffer.from(hmacSha256(new TextEncoder().encode(key), body)).toString("hex");
      return isSameSecret(signature.toLowerCase(), expected) ? ok(undefined) : refused("bad_signature");
    },
  };
}
