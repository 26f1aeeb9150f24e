/** The edits of an email's plain text: web addresses in running text. Linear in the text. */
import { classifyLink, type LinkDecision } from "./classify-link.ts";
import { type Compilation, slotOf } from "./compilation.ts";
import { type Edit, UNSUBSCRIBE } from "./part.ts";
import { opensPlaceholder } from "./placeholder.ts";
import { runEnd, withoutTail } from "./url-end.ts";
import { warning } from "./warning.ts";

const SCHEME = "[Hh][Tt][Tt][Pp][Ss]?://";
/** An address between angle brackets is taken whole (RFC 3986, appendix C). */
const IN_ANGLES = `(?<=<)${SCHEME}[^<>\\r\\n]+(?=>)`;
/** Such an address that was wrapped over lines. */
const WRAPPED = `(?<=<)${SCHEME}[^<>\\s]+(?:[ \\t]*\\r?\\n[ \\t]*[^<>\\s]+)+[ \\t]*(?=>)`;
const BARE = `(?<![A-Za-z0-9])${SCHEME}`;

const PLACEHOLDER: LinkDecision = { kind: "leave", warning: "placeholder" };

export function editText(text: string, compilation: Compilation): readonly Edit[] {
  const { origin, placeholders } = compilation;
  const context = { origin, placeholders, base: undefined };
  const kinds = [`(?<filled>${placeholders.pattern})`, `(?<wrapped>${WRAPPED})`, `(?<angled>${IN_ANGLES})`];
  const next = new RegExp([...kinds, `(?<bare>${BARE})`].join("|"), "g");
  const edits: Edit[] = [];
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    const { index: start, groups: { filled, wrapped, angled, bare } = {} } = match;
    if (filled !== undefined) {
      edits.push({ start, end: next.lastIndex, slot: UNSUBSCRIBE });
      continue;
    }
    if (wrapped !== undefined) {
      compilation.warnings.push(warning("wrapped", wrapped));
      continue;
    }
    const run = angled ?? text.slice(start, runEnd(text, start, next.lastIndex));
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

/** Without the whitespace that browsers drop behind an address: it stays in the email. */
function withoutSpaceBehind(angled: string): string {
  let end = angled.length;
  while (angled.charCodeAt(end - 1) <= 0x20) end--;
  return angled.slice(0, end);
}
