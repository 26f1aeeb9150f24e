/** The edits of URLs of other copies, wherever else they are in a part: in words, comments, other attributes. */
import { classifyLink, type LinkContext } from "./classify-link.ts";
import { addressEdit, type Compilation } from "./compilation.ts";
import { type Edit, matchesIn, type Range } from "./part.ts";

/** With what decorating puts behind a token. */
const COPIED = /https?:\/\/[\w.:[\]-]{1,255}\/[cou]\/[\w-]{24,}(?:\.gif|\/x)?/gi;

/**
 * @param edits what is edited already
 * @param written a URL as the part writes it
 */
export function copiedEdits(
  source: string,
  edits: readonly Edit[],
  context: Compilation & LinkContext,
  written: (url: string) => string,
): readonly Edit[] {
  const found: Edit[] = [];
  for (const gap of gapsBetween(edits, source.length)) {
    for (const range of matchesIn(source, gap, COPIED)) {
      const url = source.slice(range.start, range.end);
      const decision = classifyLink(url, context);
      if (decision.copied === undefined) continue;
      const edit = addressEdit({ ...range, inText: true }, decision, url, context, written);
      if (edit !== undefined) found.push(edit);
    }
  }
  return found;
}

function* gapsBetween(ranges: readonly Range[], length: number): Generator<Range> {
  let offset = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start > offset) yield { start: offset, end: start };
    offset = Math.max(offset, end);
  }
  if (offset < length) yield { start: offset, end: length };
}
