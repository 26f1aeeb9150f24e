/**
 * The stretch of the log where the events of an email or a campaign are close together, as those of a large mailing
 * are. Read there in the order of the log, a row costs a sixteenth of a search by seq. Guarantees nothing about the
 * rest: events outside of the stretch are found by the lists of messages. Which stretch it is decides about the time
 * that a report takes, and never about what it counts.
 */
import { NO_ID } from "../events/event.ts";
import { mailings } from "../events/mailing-schema.ts";
import { aggregated, events, SEQS_PER_RANGE, seqRanges } from "../events/schema.ts";
import { rawSql, readBatch, type Sql, sql } from "../platform/sql.ts";
import type { ReportFilter } from "./filter.ts";

/** Seqs of the log. */
export interface Stretch {
  /** The seq before the first of them. */
  readonly after: number;
  readonly last: number;
  /** Whether it has every event of the period that D1 has. */
  readonly isWhole: boolean;
}

/** When events happened, ms since 1970 UTC. */
export interface EventPeriod {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Ranges that are looked at, ten million seqs. */
const MAX_RANGES = 1_000;
/** Seqs of each that are. */
const SAMPLE = 64;
/** A search by seq takes as long as reading so many rows. */
const ROWS_A_SEARCH = 16;
/** Reading a seq of a list takes as long as reading so many rows. */
const ROWS_A_LISTED = 4;

/** Whether an event is in a list of the email's or the campaign's messages. An event of nobody is in none. */
export function isOfMailing({ email, campaign }: Pick<ReportFilter, "email" | "campaign">): Sql {
  const isOfEmail = email === undefined ? sql`true` : sql`${events.email} = ${email}`;
  const isOfCampaign = campaign === undefined ? sql`true` : sql`${events.campaign} = ${campaign}`;
  return sql`${isOfEmail} AND ${isOfCampaign} AND ${events.person} <> ${NO_ID}`;
}

interface SampledRange {
  readonly number: number;
  /** How many events of its sample are the mailing's. */
  readonly found: number;
}

interface LogEnd {
  /** The last aggregated seq. */
  readonly seq: number;
  /** The first and the last range of the period; null without any. */
  readonly first: number | null;
  readonly last: number | null;
}

/**
 * Undefined where the mailing's events are nowhere close together.
 * @param floor the seq above which D1 has the log
 * @param period of the events that are asked for; undefined: all of the log
 * @throws D1's error
 */
export async function denseStretch(
  d1: D1Database,
  floor: number,
  mailing: Pick<ReportFilter, "email" | "campaign">,
  period: EventPeriod | undefined,
): Promise<Stretch | undefined> {
  const { number, earliest, latest } = seqRanges;
  const size = rawSql(String(SEQS_PER_RANGE));
  const isInD1 = sql`(${number} + 1) * ${size} > ${floor} + 1`;
  const { sinceMs, untilMs } = period ?? {};
  const isOfPeriod =
    sinceMs === undefined || untilMs === undefined
      ? isInD1
      : sql`${isInD1} AND ${latest} >= ${sinceMs} AND ${earliest} < ${untilMs}`;
  const from = sql`max(${number} * ${size}, ${floor} + 1)`;
  const isInSample = sql`${events.seq} >= ${from} AND ${events.seq} < ${from} + ${SAMPLE}`;
  const [sampled, [end]] = await readBatch<[SampledRange, LogEnd]>(d1, [
    sql`SELECT ${number}, (SELECT count(*) FROM ${events} WHERE ${isInSample} AND ${isOfMailing(mailing)}) AS found
FROM ${seqRanges} WHERE ${isOfPeriod} AND ${latest} >= ${firstSentAt(mailing)} ORDER BY ${number} LIMIT ${MAX_RANGES}`,
    sql`SELECT ${aggregated.seq}, (SELECT min(${number}) FROM ${seqRanges} WHERE ${isOfPeriod}) AS first,
  (SELECT max(${number}) FROM ${seqRanges} WHERE ${isOfPeriod}) AS last FROM ${aggregated}`,
  ]);
  const dense = densest(sampled);
  if (dense === undefined || end === undefined) return undefined;
  const first = end.first ?? dense.first;
  const last = end.last ?? dense.last;
  const left = (last - first - (dense.last - dense.first)) * SEQS_PER_RANGE;
  // Lists are read as a whole, even where few of their events are elsewhere.
  const isWhole = left <= dense.events * ROWS_A_LISTED;
  return {
    after: Math.max(floor, (isWhole ? first : dense.first) * SEQS_PER_RANGE - 1),
    // What is not aggregated is in no list; an event that moves on meanwhile is not read a second time.
    last: Math.min(end.seq, ((isWhole ? last : dense.last) + 1) * SEQS_PER_RANGE - 1),
    isWhole,
  };
}

/** When its first message was sent; 0 where nobody knows. */
function firstSentAt({ email, campaign }: Pick<ReportFilter, "email" | "campaign">): Sql {
  const isOfEmail = email === undefined ? sql`true` : sql`${mailings.email} = ${email}`;
  const isOfCampaign = campaign === undefined ? sql`true` : sql`${mailings.campaign} = ${campaign}`;
  return sql`coalesce((SELECT min(${mailings.firstAt}) FROM ${mailings} WHERE ${isOfEmail} AND ${isOfCampaign}), 0)`;
}

interface DenseRanges {
  readonly first: number;
  readonly last: number;
  /** How many events the mailing has, about. */
  readonly events: number;
}

/** The ranges, one behind the other, in which reading all rows saves the most searches (Kadane's algorithm). */
function densest(sampled: readonly SampledRange[]): DenseRanges | undefined {
  let best: (DenseRanges & { readonly saved: number }) | undefined;
  let run = { first: 0, saved: 0, found: 0 };
  for (const { number, found } of sampled) {
    const saved = found * ROWS_A_SEARCH - SAMPLE;
    const isNext = run.saved > 0;
    run = isNext ? { ...run, saved: run.saved + saved, found: run.found + found } : { first: number, saved, found };
    if (run.saved > (best?.saved ?? 0)) {
      best = { first: run.first, last: number, saved: run.saved, events: (run.found / SAMPLE) * SEQS_PER_RANGE };
    }
  }
  return best;
}
