/** What a queue posts next, read from the log. Guarantees that each post is what the log and the filter say now. */
import { type LogStores, lastSeqBefore } from "../archive/index.ts";
import type { Settings } from "../config/settings.ts";
import { events } from "../events/schema.ts";
import { type EventRow, readFeedPage } from "../feed/index.ts";
import { type Sql, sql } from "../platform/sql.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { DELETED_SEQ } from "./deleted-events.ts";
import type { SeqStretch } from "./delivery.ts";
import { type EndpointRow, endpointFilter } from "./endpoints.ts";
import { messageOf, type WebhookMessage } from "./message.ts";
import { batchOf, type PostQueue } from "./post-queue.ts";
import { postableRows } from "./postable.ts";

/** A post, and where it takes the queue. */
export interface QueuedPost {
  readonly message: WebhookMessage;
  /** The seq of its last event. */
  readonly last: number;
  /** The seq to go on after, once it is posted. */
  readonly after: number;
  /** As a queue's. */
  readonly seenMs: number;
}

interface LogTimes {
  readonly upToMs: number;
  readonly seenMs: number;
  readonly deletedSeq: number;
}

export interface QueuePage {
  /**
   * Seqs behind `after` of the queue, of which retention may have deleted events; undefined: it has not, or it was
   * noted. It deletes what happened long ago, so what was recorded between may be in the log.
   */
  readonly possibleGap?: SeqStretch | undefined;
  /** The queue that it was read for. */
  readonly queue: PostQueue;
  readonly rows: readonly EventRow[];
  /** Where the queue is behind them. */
  readonly after: number;
  /** As a queue's. */
  readonly seenMs: number;
  /** Whether there is more behind them. */
  readonly isMore: boolean;
}

/** The post of a page's rows from the one at `from` on, at most `batch` of them. */
export function postAt(
  { rows, after, seenMs }: QueuePage,
  from: number,
  batch: number,
  isBatch: boolean,
  keys: TokenKeys,
): QueuedPost {
  const posted = rows.slice(from, from + batch);
  const last = posted.at(-1)?.seq ?? after;
  const isLast = from + batch >= rows.length;
  return { message: messageOf(posted, isBatch, keys), last, after: isLast ? after : last, seenMs };
}

/**
 * Reads what so many posts hold, at most.
 * @throws the errors of D1 and R2
 */
export async function readQueue(
  stores: LogStores,
  queue: PostQueue,
  posts: number,
  row: EndpointRow,
  settings: Settings,
): Promise<QueuePage> {
  const { DB: d1 } = stores;
  const { after, batchEnd, skipped = [] } = queue;
  const batch = batchOf(queue, row.batch);
  const limit = (batchEnd === undefined ? batch * posts : batch) + skipped.length;
  const page = await readFeedPage(stores, { after, limit }, endpointFilter(row));
  const { upToMs, seenMs, deletedSeq } = await readTimes(d1, after);
  // D1 was restored to an earlier time: what is recorded next has seqs that others had.
  if (page.end < after) return { queue, rows: [], after: page.end, seenMs, isMore: false };
  if (queue.seenMs !== undefined && upToMs > queue.seenMs) {
    return { queue, rows: [], after: await lastSeqBefore(stores, queue.seenMs + 1), seenMs, isMore: true };
  }
  const to = Math.min(batchEnd ?? Number.POSITIVE_INFINITY, queue.to ?? Number.POSITIVE_INFINITY);
  const read = page.rows.filter(({ seq }) => seq <= to && !skipped.includes(seq));
  const rows = await postableRows(d1, read, settings);
  const next = Math.min(page.next, to);
  const possibleGap = possibleGapOf(queue, deletedSeq);
  return {
    queue,
    possibleGap,
    rows,
    after: next,
    seenMs,
    isMore: next < Math.min(page.end, queue.to ?? Number.POSITIVE_INFINITY),
  };
}

/** What retention may have deleted before a queue has read it, as far as that was not noted. */
function possibleGapOf({ after, to = Number.POSITIVE_INFINITY, gapEnd = 0 }: PostQueue, deletedSeq: number) {
  const from = Math.max(after, gapEnd) + 1;
  const last = Math.min(deletedSeq, to);
  return last < from ? undefined : { from, to: last };
}

/** When the last event up to a seq was recorded, and the last of all; 0: there is none. And how far retention is. */
async function readTimes(d1: D1Database, seq: number): Promise<LogTimes> {
  const last = (which: Sql) => sql`coalesce((SELECT ${events.recordedAt} FROM ${events} WHERE ${which}
    ORDER BY ${events.seq} DESC LIMIT 1), 0)`;
  const query = sql`SELECT ${last(sql`${events.seq} <= ${seq}`)} AS upToMs, ${last(sql`true`)} AS seenMs,
    ${DELETED_SEQ} AS deletedSeq`;
  return (await query.prepare(d1).first<LogTimes>()) ?? { upToMs: 0, seenMs: 0, deletedSeq: 0 };
}
