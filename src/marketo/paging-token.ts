/**
 * Paging tokens: where in the log a reader stands, and since when. Guarantees that a token works for the client that it was given
 * to, for ever, on any Worker with the same TOKEN_KEYS, and that no other text does.
 */
import type { TokenKeys } from "../tokens/keys.ts";
import { signText, verifyText } from "../tokens/signed-text.ts";

export interface ReadingPlace {
  /** The place that the reader has read up to. */
  readonly seq: number;
  /** What happened before is not for this reader; ms since 1970 UTC. */
  readonly sinceMs: number;
}

export function signPagingToken(keys: TokenKeys, client: string, { seq, sinceMs }: ReadingPlace): string {
  return signText(keys, "page", `${seq} ${sinceMs} ${client}`);
}

/** Undefined for what is no token of this client. */
export function verifyPagingToken(keys: TokenKeys, client: string, token: string): ReadingPlace | undefined {
  const opened = verifyText(keys, "page", token);
  if (!opened.ok) return undefined;
  const [seq, sinceMs, holder] = opened.value.split(" ");
  return holder === client ? { seq: Number(seq), sinceMs: Number(sinceMs) } : undefined;
}
