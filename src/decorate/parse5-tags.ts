/**
 * In the Worker's bundle, by an alias in wrangler.toml, this stands for parse5's table of tags, 3 KB of it: the numbers by which its
 * trees are built. Its tokenizer only puts them into the tokens; `scan.ts` goes by the names.
 */
export const TAG_ID = { UNKNOWN: 0 } as const;
export const getTagID = (): number => TAG_ID.UNKNOWN;
