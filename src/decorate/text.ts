/** The edits of an email's plain text: web addresses in running text. Linear in the text. */
import { locationOf } from "../tokens/destination.ts";
import { classifyLink, type LinkContext, type LinkDecision, samePage, untracked } from "./classify-link.ts";
import { addressEdit, type Compilation, unsubscribeEdit } from "./compilation.ts";
import { copiedEdits } from "./copied-edits.ts";
import type { Edit } from "./part.ts";
import { opensPlaceholder } from "./placeholder.ts";
import { runEnd, withoutTail } from "./url-end.ts";

const SCHEME = "[Hh][Tt][Tt][Pp][Ss]?://";
/** An address between angle brackets is taken whole (RFC 3986, appendix C). */
const BEGINNING = `(?<=<(?:[Uu][Rr][Ll]:)?)${SCHEME}`;
const IN_ANGLES = `${BEGINNING}[^<>\\r\\n]+(?=>)`;
/** The end of a line and what a quotation has before the next. */
const LINE_END = "[ \\t]*\\r?\\n[ \\t>]*";
/** Such an address that was wrapped over lines. */
const WRAPPED = `${BEGINNING}[^<>\\s]+(?:${LINE_END}[^<>\\s]+)+[ \\t]*(?=>)`;
const BARE = `(?<![A-Za-z0-9])${SCHEME}`;

const PLACEHOLDER: LinkDecision = { kind: "leave", warning: "placeholder" };

export function editText(text: string, compilation: Compilation): readonly Edit[] {
  const context = { ...compilation, base: undefined };
  const kinds = [`(?<filled>${compilation.placeholders.pattern})`, `(?<wrapped>${WRAPPED})`, `(?<angled>${IN_ANGLES})`];
  const next = new RegExp([...kinds, `(?<bare>${BARE})`].join("|"), "g");
  const edits: Edit[] = [];
  for (let match = next.exec(text); match !== null; match = next.exec(text)) {
    const { index: start, groups: { filled, wrapped, angled, bare } = {} } = match;
    if (filled !== undefined) {
      edits.push(unsubscribeEdit({ start, end: next.lastIndex, inText: true }, compilation));
      continue;
    }
    const run = wrapped ?? angled ?? text.slice(start, runEnd(text, start, next.lastIndex));
    const url = bare === undefined ? withoutSpaceBehind(run) : withoutTail(run, text[start - 1]);
    if (url === bare) continue;
    const decision = wrapped === undefined ? textDecision(url, context) : wrappedDecision(wrapped, context);
    const isCut = bare !== undefined && decision.kind === "link" && hasPlaceholder(run, text, start, compilation);
    const address = isCut ? run : url;
    next.lastIndex = start + address.length;
    const range = { start, end: start + url.length, inText: true };
    const edit = addressEdit(range, isCut ? PLACEHOLDER : decision, address, compilation, locationOf);
    if (edit !== undefined) edits.push(edit);
  }
  return edits.concat(copiedEdits(text, edits, context, locationOf));
}

type TextContext = Compilation & LinkContext;

function textDecision(url: string, context: TextContext): LinkDecision {
  const decision = classifyLink(url, context);
  const optsOut = decision.kind === "link" && context.optedOut.has(samePage(decision.url));
  return optsOut ? untracked(decision) : decision;
}

/** Only the mail client knows whether it joins the lines; another copy's URL must not stay in any case. */
function wrappedDecision(wrapped: string, context: TextContext): LinkDecision {
  const decision = textDecision(wrapped.replaceAll(new RegExp(LINE_END, "g"), ""), context);
  return decision.copied === undefined ? { kind: "leave", warning: "wrapped" } : decision;
}

/**
 * Whether a placeholder is in the tail that was left out, or goes on past `run`, with spaces or angle brackets
 * inside.
 */
function hasPlaceholder(run: string, text: string, start: number, { placeholders }: Compilation): boolean {
  return placeholders.isIn(run) || opensPlaceholder(run) || text.startsWith("<%", start + run.length);
}

/** Without the whitespace that browsers drop behind an address: it stays in the email. */
function withoutSpaceBehind(address: string): string {
  let end = address.length;
  while (address.charCodeAt(end - 1) <= 0x20) end--;
  return address.slice(0, end);
}
