/**
 * The edits of an email's plain text: web addresses in running text. Where one ends is a guess that every mail client
 * makes its own way; this one leaves out trailing punctuation and brackets that were not opened inside. Linear in the text.
 */
import { type Compilation, slotOf } from "./compilation.ts";
import { classifyLink, type Verdict } from "./destination.ts";
import { type Edit, UNSUBSCRIBE } from "./part.ts";
import { opensPlaceholder } from "./placeholder.ts";

const SCHEME = "[Hh][Tt][Tt][Pp][Ss]?://";
/** What stands between angle brackets is taken whole (RFC 3986, appendix C). */
const IN_ANGLES = `(?<=<)${SCHEME}[^<>\\r\\n]+(?=>)`;
const BARE = `(?<![A-Za-z0-9])${SCHEME}`;

const PLACEHOLDER: Verdict = { kind: "leave", warning: "placeholder" };

export function editText(text: string, compilation: Compilation): readonly Edit[] {
  const { origin, placeholders } = compilation;
  const surroundings = { origin, placeholders, base: undefined };
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
    const verdict = classifyLink(url, surroundings);
    const goesOn =
      angled === undefined && verdict.kind === "link" && holdsPlaceholder(run, text, start, compilation);
    const address = goesOn ? run : url;
    next.lastIndex = start + address.length;
    const slot = slotOf(goesOn ? PLACEHOLDER : verdict, address, compilation);
    if (slot !== undefined) edits.push({ start, end: start + url.length, slot });
  }
  return edits;
}

/** A placeholder in the tail that was left out, or one with spaces or angle brackets inside, which reaches past the run. */
function holdsPlaceholder(run: string, text: string, start: number, { placeholders }: Compilation): boolean {
  return placeholders.isIn(run) || opensPlaceholder(run) || text.startsWith("<%", start + run.length);
}

const PAIRS = ["()", "[]", "{}", "（）", "［］", "【】", "「」", "『』", "《》", "〈〉"];
/** By closing bracket. */
const OPENERS = new Map(PAIRS.map(([open = "", close = ""]) => [close, open]));
const TAIL = new Set([...".,;:!?'*~…·‘’“”«»‹›。、，．！？；：", ...OPENERS.values()]);
/** With the zero-width space, which breaks lines, and marks of direction, which no address may hold (RFC 3987 §4.1). */
const DELIMITER = /[\s<>"`\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Where the characters of an address end: before a delimiter, or a bracket that closes what was not opened since `from`. */
function runEnd(text: string, from: number): number {
  const depths = new Map([...OPENERS.values()].map((opener) => [opener, 0]));
  for (let at = from; at < text.length; at++) {
    const unit = text[at] ?? "";
    if (unit <= " " || unit === "\u007f" || DELIMITER.test(unit)) return at;
    const opener = OPENERS.get(unit) ?? unit;
    const depth = depths.get(opener);
    if (depth === undefined) continue;
    if (opener !== unit && depth === 0) return at;
    depths.set(opener, depth + (opener === unit ? 1 : -1));
  }
  return text.length;
}

/** Brackets in `run` are balanced but for opening ones, so those at its end belong to what follows. */
function withoutTail(run: string): string {
  let end = run.length;
  while (TAIL.has(run[end - 1] ?? "")) end--;
  return run.slice(0, end);
}

/** What browsers drop behind an address is no part of it, and stays. */
function withoutSpaceBehind(angled: string): string {
  let end = angled.length;
  while (angled.charCodeAt(end - 1) <= 0x20) end--;
  return angled.slice(0, end);
}
