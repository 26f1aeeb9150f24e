/** The edits of URLs of other copies, wherever else they are in a part: in words, comments, other attributes. */
import { classifyCopied, type LinkContext } from "./classify-link.ts";
import { addressEdit, type Compilation } from "./compilation.ts";
import { COPIED, copiedToken } from "./copied.ts";
import type { Edit, Range } from "./part.ts";

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
    for (const { index, 0: url, groups } of source.slice(gap.start, gap.end).matchAll(COPIED)) {
      const copied = copiedToken(context.keys, groups);
      if (copied === undefined) continue;
      const start = gap.start + index;
      const range = { start, end: start + url.length, inText: true };
      const edit = addressEdit(range, classifyCopied(copied, context), url, context, written);
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
