/**
 * Variables, `{{name}}`, and what their values become. Guarantees that a value stays a value: it can end neither the
 * text, nor the attribute, nor the part of an address that it is in, and is read for no variable and no link of its
 * own. Linear in the email and in the values. Gives up values with markup.
 */
import type { TokenKeys } from "../tokens/keys.ts";
import { MIN_TOKEN_CHARS, tokensIn } from "./copied.ts";
import { CopiedTokens } from "./copied-tokens.ts";
import { DecorateError, type Variables } from "./options.ts";
import type { Fill, Range, VariableValues } from "./part.ts";
import type { Placeholders } from "./placeholder.ts";
import { percentEncoded } from "./query.ts";

export interface VariableRange extends Range {
  readonly name: string;
}

const IN_BRACES = /(?<!\{)\{{2,}[^{}]*\}{2,}/g;
/** `{{name}}`, anywhere in a text; captures the name. */
export const VARIABLE = /\{\{\s*([A-Za-z_][\w.-]{0,63})\s*\}\}/;
const ONLY_VARIABLE = new RegExp(`^${VARIABLE.source}$`);
const MAX_SHOWN_CHARS = 60;

/**
 * The variables of a part.
 * @throws {DecorateError} naming the part when there is anything else in double braces: it would go out as it is
 */
export function variablesIn(
  source: string,
  kind: "html" | "text",
  { isUnsubscribe }: Placeholders,
): readonly VariableRange[] {
  const ranges: VariableRange[] = [];
  for (const { index: start, 0: written } of source.matchAll(IN_BRACES)) {
    if (isUnsubscribe(written)) continue;
    const name = ONLY_VARIABLE.exec(written)?.[1];
    if (name === undefined) {
      const shown = written.slice(0, MAX_SHOWN_CHARS);
      throw new DecorateError(kind, `holds ${shown}, which is no variable: those are written {{name}}`);
    }
    ranges.push({ start, end: start + written.length, name });
  }
  return ranges;
}

/** What is in double braces and is no unsubscribe placeholder, each once, shortened. */
export function placeholdersIn(sources: readonly string[], { isUnsubscribe }: Placeholders): readonly string[] {
  const written = sources.flatMap((source) => Array.from(source.matchAll(IN_BRACES), ([text]) => text));
  const shown = written.filter((text) => !isUnsubscribe(text)).map((text) => text.slice(0, MAX_SHOWN_CHARS));
  return [...new Set(shown)];
}

/** The part with letters for its variables, at the same offsets. */
export function masked(source: string, ranges: readonly VariableRange[]): string {
  if (ranges.length === 0) return source;
  let out = "";
  let offset = 0;
  for (const { start, end } of ranges) {
    out += source.slice(offset, start) + "v".repeat(end - start);
    offset = end;
  }
  return out + source.slice(offset);
}

/** How many characters a recipient's values may have altogether, each as often as it is filled in. */
const MAX_FILLED_CHARS = 1_048_576;
const NO_VALUES: VariableValues = new Map();
/** All but tabs and line ends. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * The values of a template's variables.
 * @param counts how often each is filled in
 * @throws {DecorateError} naming the variable, `variables.name`
 */
export function readVariables(
  counts: ReadonlyMap<string, number>,
  variables: Variables,
  keys: TokenKeys,
): VariableValues {
  if (counts.size === 0) return NO_VALUES;
  const values = new Map<string, string>();
  const copiedTokens = new CopiedTokens(keys, "variables");
  let filled = 0;
  for (const [name, count] of counts) {
    const value = readValue(name, variables, copiedTokens);
    values.set(name, value);
    filled += count * value.length;
  }
  if (filled > MAX_FILLED_CHARS)
    throw new DecorateError("variables", `fill the copy with more than ${MAX_FILLED_CHARS} characters`);
  return values;
}

function readValue(name: string, variables: Variables, copiedTokens: CopiedTokens): string {
  const field = `variables.${name}`;
  copiedTokens.beginPart(field);
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value === undefined) throw new DecorateError(field, "is missing");
  if (typeof value !== "string" && !Number.isFinite(value))
    throw new DecorateError(field, "is neither a text nor a number");
  const text = String(value);
  if (CONTROLS.test(text) || !text.isWellFormed())
    throw new DecorateError(field, "holds a control character or half a surrogate pair");
  // What this recipient clicks must not count for another.
  if (text.length >= MIN_TOKEN_CHARS && !tokensIn(text, copiedTokens).next().done)
    throw new DecorateError(field, "holds a link of another copy");
  return text;
}

/** @throws {TypeError} when `name` is none of the template's, which is a fault of ours */
function filledIn(values: VariableValues, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new TypeError(`no value was read for ${name}`);
  return value;
}

export function asText(name: string): Fill {
  return (values) => filledIn(values, name);
}

/** In the text, a comment, or an attribute's value in quotes. */
export function inHtmlText(name: string): Fill {
  return (values) => escapedHtml(filledIn(values, name));
}

/** In an attribute's value without quotes. */
export function inBareAttribute(name: string): Fill {
  return (values) => bareAttribute(filledIn(values, name));
}

/** In a style attribute: a number, a length, a colour, a word. */
export function inStyle(name: string): Fill {
  return (values) => {
    const value = filledIn(values, name);
    if (/^[\w#.,% -]*$/.test(value)) return bareAttribute(value);
    throw new DecorateError(`variables.${name}`, "is no number, colour or word, which a style may hold");
  };
}

/** In an address, but not at its beginning. */
export function inAddress(name: string): Fill {
  return (values) => percentEncoded(filledIn(values, name));
}

/** At the beginning of an address in an attribute. */
export function asAddress(name: string, isQuoted: boolean): Fill {
  return (values) => {
    const value = filledIn(values, name);
    if (/^(?:https?:\/\/[^/\\?#]|mailto:|tel:)/i.test(value))
      return isQuoted ? escapedHtml(value) : bareAttribute(value);
    throw new DecorateError(`variables.${name}`, "is no address that begins with https://, http://, mailto: or tel:");
  };
}

function escapedHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Within quotes or without. */
function bareAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replace(/[\s"'`<>=]/g, (character) => `&#${character.charCodeAt(0)};`);
}
