/** The edits of variables in HTML, by where they stand. Those in links are edited with their link. */
import { type AttributeRange, attributeRanges } from "./attributes.ts";
import { DecorateError } from "./options.ts";
import { type Edit, type Fill, finderIn, type Range, VARIABLE } from "./part.ts";
import type { Scan } from "./scan.ts";
import { asAddress, inAddress, inBareAttribute, inHtmlText, inStyle, type VariableRange } from "./variables.ts";

/** Attributes that hold an address (HTML, "List of attributes"; VML's and SVG's too). */
const ADDRESSES = new Set(
  "href xlink:href src srcset action formaction background cite data longdesc poster usemap".split(" "),
);

/** @throws {DecorateError} naming `html` for a variable where no value could stay one */
export function variableEdits(html: string, variables: readonly VariableRange[], scan: Scan): readonly Edit[] {
  const tagAt = finderIn(scan.startTags);
  const rawTextAt = finderIn(scan.rawTexts);
  return variables.map((variable) => {
    const tag = tagAt(variable);
    if (rawTextAt(variable) !== undefined) throw misplaced(variable, "in a script or a style sheet");
    const fill = tag === undefined ? inHtmlText(variable.name) : fillInTag(html, tag, variable);
    return { start: variable.start, end: variable.end, slot: VARIABLE, fill };
  });
}

function fillInTag(html: string, tag: Range, variable: VariableRange): Fill {
  const attribute = attributeRanges(html, tag.start, tag.end).find(
    ({ valueStart, valueEnd }) => valueStart <= variable.start && variable.end <= valueEnd,
  );
  if (attribute === undefined) throw misplaced(variable, "in a tag, outside of an attribute's value");
  return fillInAttribute(html, attribute, variable);
}

function fillInAttribute(html: string, { name: attribute, valueStart }: AttributeRange, variable: VariableRange): Fill {
  const { name, start } = variable;
  if (attribute.startsWith("on")) throw misplaced(variable, `in the script ${attribute}`);
  if (attribute === "data-link-name") throw misplaced(variable, "in a link's name, which is the same for everybody");
  if (attribute === "style") return inStyle(name);
  const isFirst = html.slice(valueStart, start).trim() === "";
  const isQuoted = /["']/.test(html[valueStart - 1] ?? "");
  if (ADDRESSES.has(attribute)) return isFirst ? asAddress(name, isQuoted) : inAddress(name);
  return isQuoted ? inHtmlText(name) : inBareAttribute(name);
}

function misplaced({ name }: VariableRange, where: string): DecorateError {
  return new DecorateError("html", `holds {{${name}}} ${where}`);
}
