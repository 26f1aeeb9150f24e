/**
 * The ways in which mail clients and their readers read a part: an address of another copy may be whole in one of them
 * only.
 */
import { DecodingMode } from "entities/decode";
import { MIN_TOKEN_CHARS, mayHoldToken } from "./copied.ts";
import type { ShownLine } from "./lines.ts";
import type { Range } from "./part.ts";
import { Reading } from "./reading.ts";

/**
 * Reads what a part has outside of edits, as it is written and as it is shown.
 * @param shown the lines of HTML; plain text is shown as it is written
 * @param gaps what is outside of edits; asked for again before each reading
 */
export function* readings(
  source: string,
  shown: readonly ShownLine[],
  gaps: () => readonly Range[],
): Generator<Reading> {
  // Tags, comments and all: "&copy=1" of an address is no character reference in attributes, nor in plain text.
  yield* readTwice(source, DecodingMode.Attribute, () => gaps().map((gap) => [gap]));
  // Without comments and tags inside of lines.
  const lines = shown.filter((line) => lengthOf(line) >= MIN_TOKEN_CHARS && !readsAsWritten(source, line));
  if (lines.length > 0)
    yield* readTwice(source, DecodingMode.Legacy, () => {
      const now = gaps();
      return lines.flatMap((line) => cut(line, now));
    });
}

function lengthOf(line: ShownLine): number {
  return line.reduce((length, { start, end }) => length + end - start, 0);
}

/** A line of one text without character references: most lines of most emails, and read already. */
function readsAsWritten(source: string, [first, ...others]: ShownLine): boolean {
  return others.length === 0 && !source.slice(first?.start, first?.end).includes("&");
}

/**
 * Invisible characters may be inside of an address, and between one and the next word. With them no address is whole
 * that does not begin one without them, too.
 */
function* readTwice(source: string, mode: DecodingMode, lines: () => readonly ShownLine[]): Generator<Reading> {
  const condensed = new Reading(source, { lines: lines(), mode, condenses: true });
  yield condensed;
  if (condensed.isCondensed && mayHoldToken(condensed.text))
    yield new Reading(source, { lines: lines(), mode, condenses: false });
}

/** The pieces into which gaps cut a line. */
function cut(line: ShownLine, gaps: readonly Range[]): readonly ShownLine[] {
  const pieces: Range[][] = [[]];
  for (const range of line) {
    let offset = range.start;
    for (const gap of within(gaps, range)) {
      if (gap.start > offset) pieces.push([]);
      pieces.at(-1)?.push(gap);
      offset = gap.end;
    }
    if (offset < range.end) pieces.push([]);
  }
  return pieces;
}

/** What ranges, which ascend, have in common with another one. */
function* within(ranges: readonly Range[], outer: Range): Generator<Range> {
  for (let index = firstBehind(ranges, outer.start); index < ranges.length; index++) {
    const { start, end } = ranges[index] ?? outer;
    if (start >= outer.end) return;
    yield { start: Math.max(start, outer.start), end: Math.min(end, outer.end) };
  }
}

/** The index of the first of ranges, which ascend, that ends behind an offset. */
function firstBehind(ranges: readonly Range[], offset: number): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
