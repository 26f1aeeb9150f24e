/**
 * Tokens of another copy in the source: an email that was decorated before, forwarded or quoted. Guarantees that a URL
 * counts as copied only when one of our keys signed its token, whatever its host. Gives up: URLs that a scanner has
 * encrypted or replaced by a number.
 */
import { Buffer } from "node:buffer";
import type { CopiedTokens, CopiedUrl } from "./copied-tokens.ts";
import { percentDecoded } from "./placeholder.ts";

/** A URL with a token in its path. */
const PATH = /^\/([cou])\/(.+)/s;

/** Characters may be percent-encoded, also twice or thrice: `isCode` is a pattern of two digits. */
const orEncoded = (isCharacter: string, isCode: string) => `(?:${isCharacter}|%(?:25){0,2}${isCode})`;

/** As scanners encode them; as JSON and templates escape them; as mail clients take them. */
const BACKSLASH = orEncoded(String.raw`\\`, "5c");
const SLASH = String.raw`(?:\\u002f|${BACKSLASH}?${orEncoded("/", "2f")}|${BACKSLASH})`;
const COLON = orEncoded(String.raw`(?::|\\u003a)`, "3a");
const HOST = String.raw`[\w.[\]-]{1,255}(?:${COLON}[0-9]{1,5})?`;

/** The beginning of a URL, of which only the path is missing. */
export const URL_UP_TO_PATH = new RegExp(`(?:https?${COLON}${SLASH}{1,3}|${SLASH}{2})${HOST}$`, "i");
/** Without a scheme, mail clients make links of hosts, too. */
export const HOST_UP_TO_PATH = new RegExp(String.raw`(?<![\w.@/[\]-])${HOST}$`, "i");

const LETTER = orEncoded("[cou]", "(?:[46]3|[46]f|[57]5)");
const TOKEN_LETTER = orEncoded(String.raw`[\w-]`, String.raw`(?:2d|3\d|[46][1-9a-f]|[57][0-9a]|5f)`);
const GIF = [orEncoded(String.raw`\.`, "2e"), orEncoded("g", "67"), orEncoded("i", "69"), orEncoded("f", "66")].join(
  "",
);

/** Shorter texts hold no token, nor do sources of theirs: no character reference is shorter than what it stands for. */
export const MIN_TOKEN_CHARS = 24;

/** What may be a token of ours in a path, with what decorating puts behind it. A token has 24 characters or more. */
const IN_PATH = new RegExp(
  String.raw`${SLASH}(?<letter>${LETTER})${SLASH}(?<token>${TOKEN_LETTER}{24,})(?:${GIF}|${SLASH}x(?!\w))?`,
  "gi",
);

/** Undefined for a URL that is not copied. */
export function copiedUrl(url: string, tokens: CopiedTokens, workerOrigin: string): CopiedUrl | undefined {
  const { origin, pathname } = new URL(url);
  const [, letter = "", token = ""] = PATH.exec(pathname) ?? [];
  const decoded = percentDecoded(token);
  // The header has spaces where mail libraries may break the line.
  const own = tokens.verified(letter, decoded) ?? tokens.verified(letter, decoded.replace(/\s+/g, ""));
  if (own !== undefined) return own;
  if (token !== "" && origin === workerOrigin) return { kind: "unverified" };
  // Letters may be percent-encoded, too.
  for (const text of [url, percentDecoded(url)]) for (const { copied } of tokensIn(text, tokens)) return copied;
  return undefined;
}

/** How scanners write URLs into their own otherwise than percent-encoded. */
const ENCODINGS: readonly { readonly pattern: RegExp; readonly decode: (text: string) => string }[] = [
  {
    // Proofpoint's second version writes "-" for "%" and "_" for "/".
    pattern: /https?-3A__[\w.-]{24,}/gi,
    decode: (text) => percentDecoded(text.replaceAll("-", "%").replaceAll("_", "/")),
  },
  // Base64 of "http", as Sophos writes what it has rewritten, and of a JSON object.
  { pattern: /aHR0c[A-Za-z0-9+/_-]{24,}/g, decode: fromBase64 },
  { pattern: /eyJ[A-Za-z0-9+/_-]{24,}/g, decode: fromBase64 },
];

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("latin1");
}

/** Whether anything in a text looks like a token, in a path or as scanners encode it. */
export function mayHoldToken(text: string): boolean {
  return [IN_PATH, ...ENCODINGS.map(({ pattern }) => pattern)].some((pattern) => text.search(pattern) >= 0);
}

/** A token of another copy in a text. */
export interface CopiedToken {
  /** Where the path with the token begins, or the URL in which it is encoded. The end is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly isEncoded: boolean;
  readonly copied: CopiedUrl;
}

/** The tokens in paths, on whatever host and inside whatever URL, then those that scanners have encoded. */
export function* tokensIn(text: string, tokens: CopiedTokens): Generator<CopiedToken> {
  for (const { index: start, 0: path, groups } of text.matchAll(IN_PATH)) {
    const copied = copiedToken(tokens, groups);
    if (copied !== undefined) yield { start, end: start + path.length, isEncoded: false, copied };
  }
  for (const { pattern, decode } of ENCODINGS) {
    for (const { index: start, 0: encoded } of text.matchAll(pattern)) {
      for (const { groups } of decode(encoded).matchAll(IN_PATH)) {
        const copied = copiedToken(tokens, groups);
        if (copied === undefined) continue;
        yield { start, end: start + encoded.length, isEncoded: true, copied };
        break;
      }
    }
  }
}

function decodedThrice(text: string): string {
  return text.includes("%") ? percentDecoded(percentDecoded(percentDecoded(text))) : text;
}

/** What may follow a token without a space: dashes, and of scanners Proofpoint two underscores, Avanan three. */
const MARK = /[-_]{1,3}$/;

/** Undefined when no key verifies it. */
function copiedToken(tokens: CopiedTokens, groups: Readonly<Record<string, string>> = {}): CopiedUrl | undefined {
  const letter = decodedThrice(groups.letter ?? "");
  const token = decodedThrice(groups.token ?? "");
  const marks = MARK.exec(token)?.[0].length ?? 0;
  for (let count = 0; count <= marks; count++) {
    const copied = tokens.verified(letter, token.slice(0, token.length - count));
    if (copied !== undefined) return copied;
  }
  return undefined;
}
