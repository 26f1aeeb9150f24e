/**
 * What the Worker does not need of parse5's tokenizer, 4 KB of its bundle; this stands there instead. The
 * numbers of tags, by which parse5 builds its trees: `scan.ts` goes by the names. The names of errors: only a handler of errors gets
 * them, and `scan.ts` is none.
 */
export const TAG_ID = { UNKNOWN: 0 } as const;
export const getTagID = (): number => TAG_ID.UNKNOWN;
export const ERR: Readonly<Record<string, string>> = {};
