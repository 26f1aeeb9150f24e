/** The edits of variables in HTML, by where they are. Those in links are edited with their link. */
import { attributeRanges } from "./attributes.ts";
import { DecorateError } from "./options.ts";
import { type Edit, type Fill, finderIn, type Range, VARIABLE_SLOT } from "./part.ts";
import type { Scan } from "./scan.ts";
import { asAddress, inAddress, inBareAttribute, inHtmlText, inStyle, type VariableRange } from "./variables.ts";

/** Attributes that hold an address (HTML, "List of attributes"; VML's and SVG's too). */
const ADDRESSES = new Set(
  "href xlink:href src srcset action formaction background cite data longdesc poster usemap".split(" "),
);

const DOCUMENT = /^\s*(?:javascript|vbscript|data):/i;

/** @throws {DecorateError} naming `html` for a variable where no value could stay one */
export function variableEdits(html: string, variables: readonly VariableRange[], scan: Scan): readonly Edit[] {
  const tagAt = finderIn(scan.startTags);
  const rawTextAt = finderIn(scan.rawTexts);
  let open: { readonly tag: Range; readonly valueAt: (inner: Range) => AttributeValue | undefined } | undefined;
  return variables.map((variable) => {
    const { start, end, name } = variable;
    if (rawTextAt(variable) !== undefined) throw misplaced(variable, "in a script or a style sheet");
    const tag = tagAt(variable);
    if (tag === undefined) return { start, end, slot: VARIABLE_SLOT, fill: inHtmlText(name) };
    // Read once for all variables of the tag.
    if (open?.tag !== tag) open = { tag, valueAt: finderIn(valuesIn(html, tag)) };
    const value = open.valueAt(variable);
    if (value === undefined || end > value.end) throw misplaced(variable, "in a tag, outside of an attribute's value");
    return { start, end, slot: VARIABLE_SLOT, fill: fillInValue(value, variable) };
  });
}

/** The value of an attribute, without quotes. */
interface AttributeValue extends Range {
  readonly attribute: string;
  readonly isQuoted: boolean;
  /** Whether it holds a script or a document, whose text no escape reaches. */
  readonly isDocument: boolean;
  /** Where it begins, without white space. */
  readonly firstAt: number;
}

function valuesIn(html: string, tag: Range): readonly AttributeValue[] {
  return attributeRanges(html, tag.start, tag.end).map(({ name: attribute, valueStart: start, valueEnd: end }) => ({
    attribute,
    start,
    end,
    isDocument: attribute === "srcdoc" || DOCUMENT.test(html.slice(start, end)),
    isQuoted: /["']/.test(html[start - 1] ?? ""),
    firstAt: start + html.slice(start, end).search(/\S/),
  }));
}

function fillInValue({ attribute, isQuoted, isDocument, firstAt }: AttributeValue, variable: VariableRange): Fill {
  const { name, start } = variable;
  if (attribute.startsWith("on") || isDocument) throw misplaced(variable, `in a script or document, in ${attribute}`);
  if (attribute === "data-link-name") throw misplaced(variable, "in a link's name, which is the same for everybody");
  if (attribute === "style") return inStyle(name);
  if (ADDRESSES.has(attribute)) return start === firstAt ? asAddress(name, isQuoted) : inAddress(name);
  return isQuoted ? inHtmlText(name) : inBareAttribute(name);
}

function misplaced({ name }: VariableRange, where: string): DecorateError {
  return new DecorateError("html", `holds {{${name}}} ${where}`);
}
