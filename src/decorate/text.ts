/**
 * The edits of an email's plain text: web addresses in running text. Mail clients differ on where an address ends;
 * this leaves out trailing punctuation and brackets that were not opened inside. Linear in the text.
 */
import { classifyLink, type LinkDecision } from "./classify-link.ts";
import { type Compilation, slotOf } from "./compilation.ts";
import { type Edit, UNSUBSCRIBE } from "./part.ts";
import { opensPlaceholder } from "./placeholder.ts";

const SCHEME = "[Hh][Tt][Tt][Pp][Ss]?://";
/** An address between angle brackets is taken whole (RFC 3986, appendix C). */
const IN_ANGLES = `(?<=<)${SCHEME}[^<>\\r\\n]+(?=>)`;
const BARE = `(?<![A-Za-z0-9])${SCHEME}`;

const PLACEHOLDER: LinkDecision = { kind: "leave", warning: "placeholder" };

export function editText(text: string, compilation: Compilation): readonly Edit[] {
  const { origin, placeholders } = compilation;
  const context = { origin, placeholders, base: undefined };
  const next = new RegExp(`(?<filled>${placeholders.pattern})|(?<angled>${IN_ANGLES})|(?<bare>${BARE})`, "g");
  const edits: Edit[] = [];
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    const { index: start, groups: { filled, angled, bare } = {} } = match;
    if (filled !== undefined) {
      edits.push({ start, end: next.lastIndex, slot: UNSUBSCRIBE });
      continue;
    }
    const run = angled ?? text.slice(start, runEnd(text, next.lastIndex));
    const url = angled === undefined ? withoutTail(run) : withoutSpaceBehind(angled);
    if (url === bare) continue;
    const decision = classifyLink(url, context);
    const isCut = angled === undefined && decision.kind === "link" && hasPlaceholder(run, text, start, compilation);
    const address = isCut ? run : url;
    next.lastIndex = start + address.length;
    const slot = slotOf(isCut ? PLACEHOLDER : decision, address, compilation);
    if (slot !== undefined) edits.push({ start, end: start + url.length, slot });
  }
  return edits;
}

/**
 * A decorated URL as it stands in running text. Mail clients leave `-` or `_` at the end of a URL out of the link that
 * they make of it; they take a letter behind a slash into it, and the Worker ignores what stands behind a token.
 */
export function inRunningText(url: string): string {
  return url.endsWith("-") || url.endsWith("_") ? `${url}/x` : url;
}

/**
 * Whether a placeholder is in the tail that was left out, or goes on past `run`, with spaces or angle brackets
 * inside.
 */
function hasPlaceholder(run: string, text: string, start: number, { placeholders }: Compilation): boolean {
  return placeholders.isIn(run) || opensPlaceholder(run) || text.startsWith("<%", start + run.length);
}

const PAIRS = ["()", "[]", "{}", "（）", "［］", "【】", "「」", "『』", "《》", "〈〉"];
/** By closing bracket. */
const OPENERS = new Map(PAIRS.map(([open = "", close = ""]) => [close, open]));
const TAIL = new Set([...".,;:!?'*~…·‘’“”«»‹›。、，．！？；：", ...OPENERS.values()]);
/** Also the zero-width space, which breaks lines, and direction marks, which no address may contain (RFC 3987 §4.1). */
const DELIMITER = /[\s<>"`\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** The end of an address's characters: a delimiter, or a closing bracket that was not opened since `from`. */
function runEnd(text: string, from: number): number {
  const depths = new Map([...OPENERS.values()].map((opener) => [opener, 0]));
  for (let offset = from; offset < text.length; offset++) {
    const unit = text[offset] ?? "";
    if (unit <= " " || unit === "\u007f" || DELIMITER.test(unit)) return offset;
    const opener = OPENERS.get(unit) ?? unit;
    const depth = depths.get(opener);
    if (depth === undefined) continue;
    if (opener !== unit && depth === 0) return offset;
    depths.set(opener, depth + (opener === unit ? 1 : -1));
  }
  return text.length;
}

/** Without punctuation and opening brackets at the end: closing ones in `run` are balanced. */
function withoutTail(run: string): string {
  let end = run.length;
  while (TAIL.has(run[end - 1] ?? "")) end--;
  return run.slice(0, end);
}

/** Without the whitespace that browsers drop behind an address: it stays in the email. */
function withoutSpaceBehind(angled: string): string {
  let end = angled.length;
  while (angled.charCodeAt(end - 1) <= 0x20) end--;
  return angled.slice(0, end);
}
