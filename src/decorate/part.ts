/**
 * The HTML or the text of an email, split at its edits: a copy is slices of the source with a recipient's values
 * between them. Guarantees that what no edit covers stays as it was.
 */
import { Buffer } from "node:buffer";

/** The values of one recipient's variables, by name, checked. */
export type VariableValues = ReadonlyMap<string, string>;

/** What is put into a copy, by the recipient's values. */
export type Fill = (values: VariableValues) => string;

/** Offsets into the source; the end is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Finds the range around another; ranges and those asked for ascend. */
export function finderIn<R extends Range>(ranges: readonly R[]): (inner: Range) => R | undefined {
  let next = 0;
  return ({ start }) => {
    while ((ranges[next]?.end ?? Number.POSITIVE_INFINITY) <= start) next++;
    const range = ranges[next];
    return range !== undefined && range.start <= start ? range : undefined;
  };
}

/** A range that is removed, or with a slot, replaced by the recipient's value of that slot. */
export interface Edit extends Range {
  readonly slot?: number;
  /** Whether a person or a mail client reads a value there as text. */
  readonly inText?: boolean;
  /** What is put there when there is no slot or no value of it. Default: with a slot the source, else nothing */
  readonly instead?: string;
  /** As `instead`, where it depends on the recipient's variables. */
  readonly fill?: Fill;
}

/** The slots: indexes into a recipient's `Values`. Links have the last ones. */
export const UNSUBSCRIBE = 0;
export const PIXEL = 1;
export const HONEYPOT = 2;
/** Never has a value: `fill` says what is put there. */
export const VARIABLE_SLOT = 3;
export const FIRST_LINK = 4;

/** By slot; without a value, the source stays, or what the edit says. */
export type Values = readonly (string | undefined)[];

interface Hole {
  readonly slot: number;
  readonly inText: boolean;
  /** Whether what follows it would be read as a part of a token. */
  readonly isGlued: boolean;
  /** What is put there without a value. */
  readonly original: string;
  readonly fill: Fill | undefined;
  /** The source between this hole and the next. */
  readonly after: string;
}

export interface Part {
  readonly before: string;
  readonly holes: readonly Hole[];
  /** In UTF-8, of what is outside the holes. */
  readonly bytes: number;
}

/** @param edits in any order; one that begins inside another is dropped */
export function compilePart(source: string, edits: readonly Edit[]): Part {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const holes: Hole[] = [];
  let offset = 0;
  let literal = "";
  let before: string | undefined;
  let open: Omit<Hole, "after" | "isGlued"> | undefined;
  const close = (next = PIXEL) => {
    const isGlued = literal === "" ? next !== PIXEL && next !== HONEYPOT : /^[\w-]/.test(literal);
    if (open === undefined) before = literal;
    else holes.push({ ...open, isGlued, after: literal });
    literal = "";
  };
  for (const { start, end, slot, inText = false, instead, fill } of ordered) {
    if (start < offset) continue;
    literal += source.slice(offset, start);
    offset = end;
    if (slot === undefined) literal += instead ?? "";
    else {
      close(slot);
      open = { slot, inText, original: instead ?? source.slice(start, end), fill };
    }
  }
  literal += source.slice(offset);
  close();
  const literals = [before ?? "", ...holes.map(({ after }) => after)];
  return { before: before ?? "", holes, bytes: Buffer.byteLength(literals.join("")) };
}

export function renderPart({ before, holes }: Part, values: Values, variables: VariableValues): string {
  let out = before;
  for (const hole of holes) out += (recipientValue(hole, values) ?? withoutValue(hole, variables)) + hole.after;
  return out;
}

/** The length in UTF-8 of what `renderPart` returns. Values of slots are ASCII. */
export function renderedBytes({ holes, bytes }: Part, values: Values, variables: VariableValues): number {
  let total = bytes;
  for (const hole of holes)
    total += recipientValue(hole, values)?.length ?? Buffer.byteLength(withoutValue(hole, variables));
  return total;
}

function withoutValue({ fill, original }: Hole, variables: VariableValues): string {
  return fill === undefined ? original : fill(variables);
}

/**
 * Mail clients leave `-` or `_` at the end of a URL in text out of the link that they make of it, and take a letter
 * that is right behind it into the link. Behind a slash the Worker ignores both.
 */
function recipientValue({ slot, inText, isGlued }: Hole, values: Values): string | undefined {
  const value = values[slot];
  return inText && value !== undefined && (isGlued || /[-_]$/.test(value)) ? `${value}/x` : value;
}
