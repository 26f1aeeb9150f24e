/** What a node of a MIME message is, by its header. */
import type { MimeNode } from "mailsplit";
import { fieldNamesIn } from "./mime-header.ts";

/** Undefined for what is no text of the message itself. */
export function kindOf(node: MimeNode): "html" | "text" | undefined {
  const { disposition, filename } = node;
  if (disposition === "attachment" || filename !== false || isMessage(node)) return undefined;
  const type = typeOf(node);
  if (type === "text/html") return "html";
  return type === "text/plain" ? "text" : undefined;
}

/** The type without comments, which RFC 2045 §5.1 allows; "" when it cannot be read. */
export function typeOf({ contentType }: MimeNode): string {
  return (contentType || "").replace(/\(.*$/s, "").trim();
}

/** An attached mail; in a digest the default type of a part (RFC 2046 §5.1.5). */
export function isMessage(node: MimeNode): boolean {
  if (typeOf(node) === "message/rfc822") return true;
  const inDigest = node.parentNode !== false && typeOf(node.parentNode) === "multipart/digest";
  return inDigest && !fieldNamesIn(node.getHeaders()).has("content-type");
}

export function* ancestorsOf(node: MimeNode): Generator<MimeNode> {
  for (let each = node.parentNode; each !== false; each = each.parentNode) yield each;
}
