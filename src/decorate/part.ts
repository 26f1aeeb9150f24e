/**
 * One part of an email between its edits. Guarantees that what no edit covers comes out as it stood: a copy is slices of
 * the source and the values between them.
 */

/** Offsets into the source, the end exclusive. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

/** A run that goes (no slot) or gives way to the recipient's value of a slot. */
export interface Edit extends Run {
  readonly slot?: number;
}

/** Where a recipient's values stand. */
export const UNSUBSCRIBE = 0;
export const PIXEL = 1;
export const HONEYPOT = 2;
export const FIRST_LINK = 3;

/** By slot; where none is, the source stays. */
export type Values = readonly (string | undefined)[];

interface Hole {
  readonly slot: number;
  /** What the source has there. */
  readonly original: string;
  /** What stands between this hole and the next. */
  readonly after: string;
}

export interface Part {
  readonly before: string;
  readonly holes: readonly Hole[];
}

/** `edits` in any order, none over another. */
export function compilePart(source: string, edits: readonly Edit[]): Part {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const holes: Hole[] = [];
  let at = 0;
  let literal = "";
  let before: string | undefined;
  let open: { readonly slot: number; readonly original: string } | undefined;
  const close = () => {
    if (open === undefined) before = literal;
    else holes.push({ ...open, after: literal });
    literal = "";
  };
  for (const { start, end, slot } of ordered) {
    literal += source.slice(at, start);
    at = end;
    if (slot === undefined) continue;
    close();
    open = { slot, original: source.slice(start, end) };
  }
  literal += source.slice(at);
  close();
  return { before: before ?? "", holes };
}

export function renderPart({ before, holes }: Part, values: Values): string {
  let out = before;
  for (const { slot, original, after } of holes) out += (values[slot] ?? original) + after;
  return out;
}
