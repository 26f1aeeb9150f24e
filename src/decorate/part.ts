/**
 * The HTML or the text of an email, split at its edits: a copy is slices of the source with a recipient's values
 * between them. Guarantees that what no edit covers stays as it was.
 */

/** Offsets into the source; the end is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A range that is removed, or with a slot, replaced by the recipient's value of that slot. */
export interface Edit extends Range {
  readonly slot?: number;
}

/** The slots: indexes into a recipient's `Values`. Links have the last ones. */
export const UNSUBSCRIBE = 0;
export const PIXEL = 1;
export const HONEYPOT = 2;
export const FIRST_LINK = 3;

/** By slot; without a value, the source stays. */
export type Values = readonly (string | undefined)[];

interface Hole {
  readonly slot: number;
  /** The source there. */
  readonly original: string;
  /** The source between this hole and the next. */
  readonly after: string;
}

export interface Part {
  readonly before: string;
  readonly holes: readonly Hole[];
}

/** @param edits in any order, not overlapping */
export function compilePart(source: string, edits: readonly Edit[]): Part {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  const holes: Hole[] = [];
  let offset = 0;
  let literal = "";
  let before: string | undefined;
  let open: { readonly slot: number; readonly original: string } | undefined;
  const close = () => {
    if (open === undefined) before = literal;
    else holes.push({ ...open, after: literal });
    literal = "";
  };
  for (const { start, end, slot } of ordered) {
    literal += source.slice(offset, start);
    offset = end;
    if (slot === undefined) continue;
    close();
    open = { slot, original: source.slice(start, end) };
  }
  literal += source.slice(offset);
  close();
  return { before: before ?? "", holes };
}

export function renderPart({ before, holes }: Part, values: Values): string {
  let out = before;
  for (const { slot, original, after } of holes) out += (values[slot] ?? original) + after;
  return out;
}
