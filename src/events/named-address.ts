/** Whether a text names an address: all of it, in whatever spelling mail servers, URLs and people give it. */
import { normalAddress, normalText } from "./address.ts";

/** URLs may hold URLs. */
const MAX_DECODINGS = 3;
const ESCAPES = /(?:%[0-9a-f]{2})+/gi;
const ASCII_ESCAPE = /%([2-7][0-9a-f])/gi;

/** What may follow the "@": a domain, or an IP address in brackets. */
const DOMAIN = /\[[^[\]\s]{1,64}\]|[\p{L}\p{M}\p{N}_.。．｡-]{1,300}/uy;
const DOMAIN_END = /(?<![_.。．｡-])[_.。．｡-]+$/u;
/** Where words of a script without spaces may follow the domain at once. */
const END_OF_ASCII = /[a-z0-9](?=\P{ASCII})/gu;

/** Where a local part goes on to the left: it is another's then. Scripts without spaces may be beside it. */
const LONGER = /(?![\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}])[\p{L}\p{M}\p{N}][._+'-]*$/u;
/** RFC 5321 §4.5.3.1.1: 64 octets. */
const MAX_LOCAL_CHARS = 64;

/**
 * Whether `text` names the address, as it is or escaped for URLs; not as a part of a longer one: `lee@example.com` is
 * not in `ashlee@example.com` and not in `lee@example.com.au`.
 * @param address as `normalAddress` writes it
 */
export function namesAddress(text: string, address: string): boolean {
  let now = text;
  for (let decodings = 0; decodings <= MAX_DECODINGS; decodings++) {
    if (namesPlainly(now, address)) return true;
    if (!now.includes("%")) return false;
    now = now.replace(ESCAPES, decoded);
  }
  return false;
}

function namesPlainly(text: string, address: string): boolean {
  const domainAt = address.lastIndexOf("@") + 1;
  const [local, domain] = [address.slice(0, domainAt - 1), address.slice(domainAt)];
  const normal = normalText(text);
  // No domain: no mail was ever sent there, but it may be stored.
  if (!domainsAt(domain, 0).includes(domain)) return normal.includes(address);
  for (let at = normal.indexOf("@"); at >= 0; at = normal.indexOf("@", at + 1)) {
    const before = normal.slice(Math.max(0, at - local.length - MAX_LOCAL_CHARS), at);
    if (!before.endsWith(local) || LONGER.test(before.slice(0, before.length - local.length))) continue;
    if (domainsAt(normal, at + 1).some((named) => normalAddress(`@${named}`) === `@${domain}`)) return true;
  }
  return false;
}

/** What may be the domain that begins there. */
function domainsAt(text: string, start: number): string[] {
  DOMAIN.lastIndex = start;
  const [run = ""] = DOMAIN.exec(text) ?? [];
  const ends = [...run.matchAll(END_OF_ASCII)].map(({ index }) => run.slice(0, index + 1));
  return [run.replace(DOMAIN_END, ""), ...ends];
}

function decoded(escapes: string): string {
  try {
    return decodeURIComponent(escapes);
  } catch {
    // Not UTF-8: the letters of ASCII are the same in most charsets.
    return escapes.replace(ASCII_ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
}
