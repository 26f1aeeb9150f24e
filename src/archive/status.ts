/** How the archive is, and what D1 has beside it: for /v1/archive. */
import { lostFiles, messageFiles, recalled, segments } from "../events/archive-schema.ts";
import { events } from "../events/schema.ts";
import { runBatch, sql } from "../platform/sql.ts";
import { RELIED_ON_MS } from "./relied-on.ts";
import { FLOOR } from "./segments.ts";
import { FIRST_MOVABLE } from "./write.ts";

/** D1 ends a statement after 30 s. */
const MAX_COUNTED = 10_000_000;

/** Times are ms since 1970 UTC. */
export interface ArchiveStatus {
  readonly segments: number;
  readonly events: number;
  readonly bytes: number;
  /** YYYY-MM-DD; null without segments. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  /** The floor: the last archived seq, 0 without one. */
  readonly lastSeq: number;
  readonly d1: {
    /** At most ten million. */
    readonly events: number;
    readonly isMore: boolean;
    readonly bytes: number | undefined;
    /** When the oldest event that may move was recorded; undefined: there is none. */
    readonly oldestAtMs: number | undefined;
  };
  /** In message files. */
  readonly messages: { readonly files: number; readonly messages: number; readonly bytes: number };
  /** Files that R2 does not have as they are noted, as far as somebody has missed them. */
  readonly lostFiles: number;
  /** Events that wait for their segment to be rewritten. */
  readonly recalled: { readonly events: number; readonly rewriteAtMs: number | null };
}

const SEGMENTS = sql`SELECT count(*) AS segments, coalesce(sum(${segments.rows}), 0) AS events,
coalesce(sum(${segments.bytes}), 0) AS bytes, min(${segments.day}) AS firstDay, max(${segments.day}) AS lastDay,
${FLOOR} AS lastSeq FROM ${segments}`;
const IN_D1 = sql`SELECT count(*) AS count FROM (SELECT 1 FROM ${events} LIMIT ${MAX_COUNTED + 1})`;
const RECALLED = sql`SELECT count(*) AS events,
min(max(${recalled.dueAt}, ${recalled.usedAt} + ${RELIED_ON_MS})) AS rewriteAtMs
FROM ${recalled} WHERE ${recalled.dueAt} IS NOT NULL`;

const LOST = sql`SELECT count(*) AS count FROM ${lostFiles}`;
const MESSAGES = sql`SELECT count(*) AS files, coalesce(sum(${messageFiles.rows}), 0) AS messages,
coalesce(sum(${messageFiles.bytes}), 0) AS bytes FROM ${messageFiles}`;

/** Reads up to ten million rows. Throws D1's error. */
export async function archiveStatus(d1: D1Database): Promise<ArchiveStatus> {
  const queries = [SEGMENTS, IN_D1, FIRST_MOVABLE, RECALLED, MESSAGES, LOST];
  const [archived, counted, oldest, waiting, filed, lost] = await runBatch(d1, queries);
  const { count } = firstRow<{ count: number }>(counted);
  const oldestAtMs = (oldest?.results as { at: number }[] | undefined)?.[0]?.at;
  return {
    ...firstRow<Omit<ArchiveStatus, "d1" | "messages" | "lostFiles" | "recalled">>(archived),
    d1: {
      events: Math.min(count, MAX_COUNTED),
      isMore: count > MAX_COUNTED,
      bytes: archived?.meta.size_after,
      oldestAtMs,
    },
    messages: firstRow<ArchiveStatus["messages"]>(filed),
    lostFiles: firstRow<{ count: number }>(lost).count,
    recalled: firstRow<ArchiveStatus["recalled"]>(waiting),
  };
}

/** The row of a query that always answers one. */
function firstRow<Row>(result: D1Result | undefined): Row {
  return result?.results[0] as Row;
}
