/** Text without what stands invisibly in the middle of its words, so that a URL in pieces is found. */
import type { Range } from "./part.ts";

/** Where a line may break: `<wbr>`, soft hyphens, spaces and joiners without width. */
export const LINE_BREAKS =
  /<\/?wbr(?:\s[^<>]{0,300})?\/?>|&(?:shy|zwn?j|ZeroWidthSpace|#(?:173|820[3-5]|8288)|#[Xx](?:[Aa][Dd]|200[BbCcDd]|2060));|[\u00ad\u200b-\u200d\u2060\ufeff]/g;

/** The same, and tags between which no space is shown. */
export const INLINE_TAGS = new RegExp(
  String.raw`<\/?(?:span|font|bdi|bdo|big|code|del|em|ins|kbd|mark|samp|small|strong|sub|sup|tt|b|i|s|u)` +
    String.raw`(?:\s[^<>]{0,1000})?\/?>|${LINE_BREAKS.source}`,
  "gi",
);

export interface WholeText {
  readonly text: string;
  /** What a range of `text` is in the source: one piece, or several where something was left out. Ranges ascend. */
  readonly piecesOf: (range: Range) => readonly Range[];
}

/**
 * The text of a range of the source.
 * @param breaks what is left out, a global pattern
 * @returns undefined when nothing was to be left out
 */
export function wholeText(source: string, { start, end }: Range, breaks: RegExp | undefined): WholeText | undefined {
  const pieces: Range[] = [];
  let offset = start;
  for (const { index, 0: left } of breaks === undefined ? [] : source.slice(start, end).matchAll(breaks)) {
    if (start + index > offset) pieces.push({ start: offset, end: start + index });
    offset = start + index + left.length;
  }
  if (breaks !== undefined && offset === start) return undefined;
  if (end > offset) pieces.push({ start: offset, end });
  const text = pieces.map((piece) => source.slice(piece.start, piece.end)).join("");
  return { text, piecesOf: piecesBy(pieces) };
}

/** @returns a function of ranges that ascend, so that all of them cost no more than the pieces */
function piecesBy(pieces: readonly Range[]): WholeText["piecesOf"] {
  let next = 0;
  let at = 0;
  return (range) => {
    const found: Range[] = [];
    for (; next < pieces.length; next++) {
      const { start, end } = pieces[next] ?? range;
      const [from, to] = [Math.max(range.start - at, 0), Math.min(range.end - at, end - start)];
      if (from < to) found.push({ start: start + from, end: start + to });
      if (at + end - start >= range.end) break;
      at += end - start;
    }
    return found;
  };
}
