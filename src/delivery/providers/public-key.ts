/** Providers that sign with a private key, and whose public key the operator sets. */
import { Buffer } from "node:buffer";
import { createPublicKey, createVerify } from "node:crypto";
import { type ProviderSetting, textSetting } from "./setting.ts";

/** @param form the end of the sentence "NAME must be …" */
export function publicKeySetting<const Variable extends string>(
  variable: Variable,
  form: string,
): ProviderSetting<Variable, string> {
  return textSetting(variable, (key) => /^[A-Za-z0-9+/]{64,}={0,2}$/.test(key), form);
}

interface PublicKeySignature {
  /** A key of RSA or ECDSA: base64 of its DER (SubjectPublicKeyInfo). */
  readonly publicKey: string;
  readonly algorithm: "sha1" | "sha256";
  /** In base64; DER when it is of ECDSA. */
  readonly signature: string;
}

/** Whether it signs the parts in their order. False for a malformed key or signature, too. */
export function isSignedBy(
  { publicKey, algorithm, signature }: PublicKeySignature,
  ...parts: readonly (string | Uint8Array)[]
): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    const verify = createVerify(algorithm);
    for (const part of parts) verify.update(part);
    return verify.verify(key, signature, "base64");
  } catch {
    return false;
  }
}
