/**
 * Pages of rows in the order of their counts, which move while somebody pages. A page begins behind the counts that
 * the last row before it had, so that rows whose counts stay are neither skipped nor repeated, whatever goes past them.
 * Gives up a row whose own count changes between two pages: it may come twice, or not at all.
 */
import { sha256Hex } from "../platform/sha256.ts";
import type { ReportPage } from "./report.ts";

/** Where a row is in the order: those with higher counts come first, and of equal ones that with the lower key. */
export interface Rank {
  /** The first decides, then the next one. */
  readonly counts: readonly number[];
  /** No other row has it, and it stays as it is. */
  readonly key: string;
}

/** Any other key is compared by its hash, so that cursors stay short, and have nothing in them but ids. */
const KEY_IN_CURSOR = /^[A-Za-z0-9._:-]{0,60}$/;

/** The page after the rank `after`, a `next` of another page, of all rows. */
export function pageByRank<Row>(
  rows: readonly Row[],
  rankOf: (row: Row) => Rank,
  after: string | undefined,
  limit: number,
): ReportPage<Row> {
  const ranked = rows.map((row) => ({ row, rank: shortRank(rankOf(row)) }));
  ranked.sort((one, other) => compareRanks(one.rank, other.rank));
  const last = after === undefined ? undefined : readRank(after);
  const left = last === undefined ? ranked : ranked.filter(({ rank }) => compareRanks(rank, last) > 0);
  return rankedPage(
    left.map(({ row }) => row),
    (row) => shortRank(rankOf(row)),
    limit,
  );
}

/** The page of rows that are in their order already, at least one more than `limit` where there are more. */
export function rankedPage<Row>(rows: readonly Row[], rankOf: (row: Row) => Rank, limit: number): ReportPage<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: last !== undefined && rows.length > limit ? textOfRank(rankOf(last)) : undefined };
}

function textOfRank({ counts, key }: Rank): string {
  return `${counts.join(",")} ${key}`;
}

export function readRank(text: string): Rank {
  const end = text.indexOf(" ");
  return { counts: text.slice(0, end).split(",").map(Number), key: text.slice(end + 1) };
}

function shortRank({ counts, key }: Rank): Rank {
  return { counts, key: KEY_IN_CURSOR.test(key) ? key : sha256Hex(key) };
}

function compareRanks(one: Rank, other: Rank): number {
  for (const [index, count] of one.counts.entries()) {
    const difference = (other.counts[index] ?? 0) - count;
    if (difference !== 0) return difference;
  }
  if (one.key === other.key) return 0;
  return one.key < other.key ? -1 : 1;
}
