/** The edits of an email's plain text: web addresses in running text. Linear in the text. */
import { locationOf } from "../tokens/destination.ts";
import {
  classifyLink,
  type LinkContext,
  type LinkDecision,
  readableUrl,
  samePage,
  untracked,
} from "./classify-link.ts";
import { addressEdit, type Compilation, countVariables, unsubscribeEdit } from "./compilation.ts";
import { copiedEdits } from "./copied-edits.ts";
import { holdsCopied } from "./holds-copied.ts";
import { type Edit, finderIn, type Range, VARIABLE_SLOT } from "./part.ts";
import { opensPlaceholder } from "./placeholder.ts";
import { isEndUncertain } from "./url-characters.ts";
import { runEnd, withoutTail } from "./url-end.ts";
import { asText, inAddress, masked } from "./variables.ts";
import { warning } from "./warning.ts";

const SCHEME = "[Hh][Tt][Tt][Pp][Ss]?://";
/** An address between angle brackets is taken whole (RFC 3986, appendix C). */
const BEGINNING = `(?<=<(?:[Uu][Rr][Ll]:)?)${SCHEME}`;
const IN_ANGLES = `${BEGINNING}[^<>\\r\\n]+(?=>)`;
/** The end of a line and what a quotation has before the next. */
const LINE_END = "[ \\t]*(?:\\r\\n?|\\n)[ \\t>]*";
/** Such an address that was wrapped over lines. */
const WRAPPED = `${BEGINNING}[^<>\\s]+(?:${LINE_END}[^<>\\s]+)+[ \\t]*(?=>)`;
const BARE = `(?<![A-Za-z0-9])${SCHEME}`;

const PLACEHOLDER: LinkDecision = { kind: "leave", warning: "placeholder" };

export function editText(text: string, compilation: Compilation): readonly Edit[] {
  const variables = countVariables(text, "text", compilation);
  const { edits, addresses } = addressEdits(text, masked(text, variables), compilation);
  const addressAt = finderIn(addresses);
  for (const variable of variables) {
    const { start, end, name } = variable;
    const fill = addressAt(variable) === undefined ? asText(name) : inAddress(name);
    edits.push({ start, end, slot: VARIABLE_SLOT, fill });
  }
  return edits.concat(copiedEdits(text, edits, { ...compilation, base: undefined }, locationOf));
}

/** @param shown the text with letters for its variables, in which addresses end where they end once it is filled */
function addressEdits(text: string, shown: string, compilation: Compilation) {
  const isOnlyCopied = !compilation.hasHtml && holdsCopied(text, compilation.copiedTokens);
  const context = { ...compilation, base: undefined, isOnlyCopied };
  const kinds = [`(?<filled>${compilation.placeholders.pattern})`, `(?<wrapped>${WRAPPED})`, `(?<angled>${IN_ANGLES})`];
  const next = new RegExp([...kinds, `(?<bare>${BARE})`].join("|"), "g");
  const edits: Edit[] = [];
  const addresses: Range[] = [];
  for (let match = next.exec(shown); match !== null; match = next.exec(shown)) {
    const { index: start, groups: { filled, wrapped, angled, bare } = {} } = match;
    if (filled !== undefined) {
      edits.push(unsubscribeEdit({ start, end: next.lastIndex, inText: true }, compilation));
      continue;
    }
    const run = wrapped ?? angled ?? shown.slice(start, runEnd(shown, start, next.lastIndex));
    const { length } = bare === undefined ? withoutSpaceBehind(run) : withoutTail(run, shown[start - 1]);
    if (length === bare?.length) continue;
    const end = start + length;
    const decision =
      wrapped === undefined
        ? textDecision(text.slice(start, end), context)
        : wrappedDecision(text.slice(start, start + wrapped.length), context);
    const isCut = bare !== undefined && decision.kind === "link" && hasPlaceholder(run, shown, start, compilation);
    const address = text.slice(start, isCut ? start + run.length : end);
    next.lastIndex = start + address.length;
    addresses.push({ start, end: next.lastIndex });
    const isTracked = decision.kind === "link" && decision.copied === undefined;
    if (bare !== undefined && isTracked && !isCut && isEndUncertain(shown, { start, end }))
      compilation.warnings.push(warning("uncertain_end", address));
    const range = { start, end, inText: true };
    const decided = isCut ? PLACEHOLDER : decision;
    const edit = addressEdit({ range, decision: decided, address, written: locationOf }, compilation);
    if (edit !== undefined) edits.push(edit);
  }
  return { edits, addresses };
}

interface TextContext extends Compilation, LinkContext {
  /** Whether the text is of another copy, and alone: what is plain there may have opted out. */
  readonly isOnlyCopied: boolean;
}

function textDecision(url: string, context: TextContext): LinkDecision {
  const decision = classifyLink(url, context);
  if (decision.kind !== "link") return decision;
  const mayHaveOptedOut = context.isOnlyCopied && decision.copied === undefined;
  if (mayHaveOptedOut) context.untracked.push(url);
  return mayHaveOptedOut || context.optedOut.has(samePage(readableUrl(decision))) ? untracked(decision) : decision;
}

/** Only the mail client knows whether it joins the lines; another copy's URL must not stay in any case. */
function wrappedDecision(wrapped: string, context: TextContext): LinkDecision {
  const url = wrapped.replaceAll(new RegExp(LINE_END, "g"), "");
  const decision = textDecision(url, { ...context, isOnlyCopied: false });
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
