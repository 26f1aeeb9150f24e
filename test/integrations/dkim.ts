/** Verifies a DKIM signature (RFC 6376) of one kind: rsa-sha256, relaxed/relaxed, the whole body. */
import { createHash, createVerify, type KeyObject } from "node:crypto";

export interface DkimCheck {
  readonly isValid: boolean;
  /** The signed header fields, in lower case. */
  readonly signedFields: readonly string[];
}

/** @param raw the message as it came over the wire, a character a byte */
export function verifyDkim(raw: string, publicKey: KeyObject): DkimCheck {
  const end = raw.indexOf("\r\n\r\n");
  const fields = raw.slice(0, end).split(/\r\n(?![ \t])/);
  const body = raw.slice(end + 4);
  const signature = fields.find((field) => /^dkim-signature:/i.test(field)) ?? "";
  const tags = new Map(
    signature
      .slice(signature.indexOf(":") + 1)
      .split(";")
      .map((tag) => [tag.slice(0, tag.indexOf("=")).trim(), tag.slice(tag.indexOf("=") + 1).replace(/\s+/g, "")]),
  );
  const signedFields = (tags.get("h") ?? "").toLowerCase().split(":");
  const hash = createHash("sha256").update(relaxedBody(body), "latin1").digest("base64");
  // Of several fields of one name the last is signed first (§5.4.2).
  const left = fields.toReversed();
  const signed = signedFields.flatMap((name) => {
    const at = left.findIndex((field) => field.slice(0, field.indexOf(":")).trim().toLowerCase() === name);
    return at < 0 ? [] : left.splice(at, 1).map((field) => `${relaxedField(field)}\r\n`);
  });
  const unsigned = relaxedField(signature.replace(/(\bb=)[^;]*/, "$1"));
  const isSigned = createVerify("sha256")
    .update(signed.join("") + unsigned, "latin1")
    .verify(publicKey, tags.get("b") ?? "", "base64");
  return { isValid: isSigned && hash === tags.get("bh"), signedFields };
}

/** §3.4.2 */
function relaxedField(field: string): string {
  const colon = field.indexOf(":");
  const value = field
    .slice(colon + 1)
    .replace(/\r\n/g, "")
    .replace(/[ \t]+/g, " ");
  return `${field.slice(0, colon).trim().toLowerCase()}:${value.trim()}`;
}

/** §3.4.4 */
function relaxedBody(body: string): string {
  const lines = body.split("\r\n").map((line) => line.replace(/[ \t]+/g, " ").replace(/ $/, ""));
  while (lines.at(-1) === "") lines.pop();
  return lines.length === 0 ? "" : `${lines.join("\r\n")}\r\n`;
}
