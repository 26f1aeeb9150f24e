/**
 * Paging tokens: where in the log a reader stands, and since when. Guarantees that a token works for the client that it was given
 * to, for ever, on any Worker with the same TOKEN_KEYS, and that no other text does.
 */
import type { TokenKeys } from "../tokens/keys.ts";
import { openTicket, sealTicket } from "../tokens/signed-cursor.ts";

export interface ReadingPlace {
  /** The place that the reader has read up to. */
  readonly place: number;
  /** What happened before is not for this reader; ms since 1970 UTC. */
  readonly sinceMs: number;
}

export function sealPagingToken(keys: TokenKeys, client: string, { place, sinceMs }: ReadingPlace): string {
  return sealTicket(keys, "page", `${place} ${sinceMs} ${client}`);
}

/** Undefined for what is no token of this client. */
export function openPagingToken(keys: TokenKeys, client: string, token: string): ReadingPlace | undefined {
  const opened = openTicket(keys, "page", token);
  if (!opened.ok) return undefined;
  const [place, sinceMs, holder] = opened.value.split(" ");
  return holder === client ? { place: Number(place), sinceMs: Number(sinceMs) } : undefined;
}
