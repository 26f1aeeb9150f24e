/**
 * Sends the feed to a stream of Cloudflare Pipelines, where a deploy binds one as FEED_STREAM. Guarantees that each
 * event that is recorded from then on is sent at least once, and each that changes later once more, in the order of
 * recording. Gives up exactly once: what was sent when the Worker died is sent again. Addresses are masked, as they are
 * for a client without the scope `pii`.
 *
 * @see https://developers.cloudflare.com/pipelines/streams/writing-to-streams/
 */
import type { LogStores } from "../archive/index.ts";
import { aggregated } from "../events/schema.ts";
import { maskedValue, maskPlan } from "../http/masked-answer.ts";
import { assign, sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { EventAnswer } from "./event-answer.ts";
import { endOfLog, readFeedPage } from "./feed-page.ts";
import { shownEvent } from "./shown-event.ts";

/** The binding of a stream. */
export interface FeedStream {
  send(records: readonly unknown[]): Promise<void>;
}

/** Whether a deploy has bound a stream: no setting of wrangler.toml does by itself. */
export function hasFeedStream(env: object): env is { readonly FEED_STREAM: FeedStream } {
  return "FEED_STREAM" in env && env.FEED_STREAM !== undefined;
}

/** A request to a stream has at most 5 MB; an event has 2 kB at most but for its details. */
const EVENTS_A_SEND = 500;
const SEND_DEADLINE_MS = 10_000;

const PLAN = maskPlan(EventAnswer);

/**
 * Sends what has been recorded since the last time, until `untilMs`. The first time it notes where the log ends. Ends
 * when another run has noted something meanwhile: that one goes on.
 * @throws the error of D1, R2 or the stream: what was not sent is sent the next time
 */
export async function mirrorFeed(
  stores: LogStores,
  stream: FeedStream,
  keys: TokenKeys,
  untilMs: number,
): Promise<void> {
  let after = await sentUpTo(stores.DB);
  while (after !== undefined) {
    const page = await readFeedPage(stores, { after, limit: EVENTS_A_SEND }, { bots: "include" });
    const records = page.rows.map((row) => maskedValue(PLAN, shownEvent(row, keys, false)));
    if (records.length > 0) await withDeadline(stream.send(records), SEND_DEADLINE_MS, "the stream");
    if (page.next > after && !(await noteSent(stores.DB, after, page.next))) return;
    after = page.next;
    if (after >= page.end || Date.now() >= untilMs) return;
  }
}

/** Undefined: it was noted for the first time a moment ago, by another run. */
async function sentUpTo(d1: D1Database): Promise<number | undefined> {
  const known = await sql`SELECT ${aggregated.mirroredSeq} AS seq FROM ${aggregated}`.prepare(d1).first<number>("seq");
  if (known !== null) return known;
  const end = await endOfLog(d1);
  return (await noteSent(d1, null, end)) ? end : undefined;
}

/** Resolves to whether it did so: not when something else is noted than what was read before. */
async function noteSent(d1: D1Database, before: number | null, seq: number): Promise<boolean> {
  const query = sql`UPDATE ${aggregated} SET ${assign(aggregated, { mirroredSeq: seq })}
WHERE ${aggregated.mirroredSeq} IS ${before}`;
  return (await query.prepare(d1).run()).meta.changes > 0;
}
