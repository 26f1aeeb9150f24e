/** The charset of an HTML document, determined as browsers do. */
import { isUtf8 } from "node:buffer";

/** WHATWG HTML §13.2.3.2: a meta element counts in the first 1024 bytes. */
const PRESCAN_BYTES = 1024;
const COMMENT = /<!--.*?(?:-->|$)/gs;
const META_CHARSET = /<meta\s[^<>]*?charset\s*=\s*(?:["']\s*)?([^\s"'>;/]+)/i;

/** The label of a meta element; without one, UTF-8 if the bytes are valid UTF-8, otherwise windows-1252. */
export function charsetOfHtml(bytes: Buffer): string {
  const beginning = bytes.subarray(0, PRESCAN_BYTES).toString("latin1").replace(COMMENT, "");
  const [, label] = META_CHARSET.exec(beginning) ?? [];
  // A meta element that is readable here cannot be in UTF-16 (WHATWG HTML §13.2.3.2, step "prescan").
  if (label !== undefined) return /^utf-?(?:16|32)/i.test(label) ? "utf-8" : label;
  return isUtf8(bytes) ? "utf-8" : "windows-1252";
}
