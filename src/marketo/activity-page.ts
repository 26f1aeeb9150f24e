/**
 * Pages of the log. Guarantees that a reader who goes on behind `next` until `more` is false, and again later, gets every activity
 * that the filter lets through exactly once: places ascend in the order of recording, and D1, one thread, makes rows visible in
 * that order. Gives up full pages: one reads a bounded stretch of the log, and may hold less than there was room for.
 */
import { SEQS_PER_BLOCK } from "../events/schema.ts";
import type { ActivityRow } from "./activity.ts";

/** At most so many places are read for a page, whatever the filter lets through: some 20 ms of D1. */
const SEQS_PER_PAGE = 50_000;

export interface ActivityFilter {
  /** Of ACTIVITY_TYPE_IDS. */
  readonly types: readonly number[];
  /** Of whom; undefined: everybody. */
  readonly people?: readonly string[] | undefined;
  /** Of which emails; undefined: all. */
  readonly emails?: readonly string[] | undefined;
  /** Happened at this time or later; ms since 1970 UTC. */
  readonly sinceMs: number;
}

export interface ActivityPage {
  readonly rows: readonly ActivityRow[];
  /** The place to go on behind. */
  readonly next: number;
  /** Whether there is more to read already. */
  readonly more: boolean;
}

/** What of `events`, joined with the names of emails, makes an activity; in the order of `ActivityValues`. */
export const ACTIVITY_COLUMNS = `seq, events.id, type, at, email, person, campaign, link_id, link, user_agent, is_bot,
bot_pattern, detail, name`;
export const ACTIVITY_TABLES = "events LEFT JOIN names ON kind = 'email' AND names.id = email";

/** A row of `ACTIVITY_COLUMNS`, as D1 gives it. */
export type ActivityValues = readonly [
  seq: number,
  id: string,
  type: number,
  at: number,
  email: string,
  person: string,
  campaign: string,
  linkId: string | null,
  link: string | null,
  userAgent: string | null,
  isBot: number,
  botPattern: string | null,
  detail: string | null,
  emailName: string | null,
];

/** What stands in front of them: the highest place, and what the client may do. */
type Front = readonly [top: number | null, scopes: string | null];

/**
 * One statement, so that all is of one snapshot and takes one way to D1: in front of the page's rows one with the highest
 * place and what the reading client may do.
 */
const PAGE = `WITH page AS (
  SELECT ${ACTIVITY_COLUMNS} FROM ${ACTIVITY_TABLES}
  WHERE seq > ?1 AND seq <= ?2 AND at >= ?3
  AND type IN (SELECT value FROM json_each(?5))
  AND (?6 IS NULL OR person IN (SELECT value FROM json_each(?6)))
  AND (?7 IS NULL OR email IN (SELECT value FROM json_each(?7)))
  ORDER BY seq LIMIT ?4
)
SELECT (SELECT max(seq) FROM events), (SELECT scopes FROM clients WHERE id = ?8 AND revoked_at IS NULL),
NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
UNION ALL SELECT * FROM page`;

/**
 * A page for a client, and its scopes; null for a client that is unknown or revoked, whom the page is not for. Throws D1's error
 * when it cannot be read.
 */
export async function activitiesFor(
  d1: D1Database,
  client: string,
  after: number,
  limit: number,
  { types, people, emails, sinceMs }: ActivityFilter,
): Promise<{ readonly scopes: string | null; readonly page: ActivityPage }> {
  const end = after + SEQS_PER_PAGE;
  const lists = [types, people, emails].map((list) => (list === undefined ? null : JSON.stringify(list)));
  const query = d1.prepare(PAGE).bind(after, end, sinceMs, limit + 1, ...lists, client);
  const [front, ...found] = (await query.raw()) as unknown as readonly [Front, ...ActivityValues[]];
  const [top, scopes] = front;
  const rows = found.slice(0, limit).map(activityRow);
  const last = rows.at(-1)?.seq;
  if (found.length > limit && last !== undefined) return { scopes, page: { rows, next: last, more: true } };
  return { scopes, page: { rows, next: Math.min(end, top ?? 0), more: end < (top ?? 0) } };
}

export function activityRow(values: ActivityValues): ActivityRow {
  const [
    seq,
    id,
    type,
    at,
    email,
    person,
    campaign,
    linkId,
    link,
    userAgent,
    isBot,
    botPattern,
    detail,
    emailName,
  ] = values;
  return {
    seq,
    id,
    type,
    at,
    email,
    person,
    campaign,
    linkId,
    link,
    userAgent,
    isBot,
    botPattern,
    detail,
    emailName,
  };
}

const SEQ_BEFORE = `SELECT coalesce((SELECT min(block) FROM blocks WHERE latest >= ?1) * ${SEQS_PER_BLOCK} - 1,
(SELECT seq FROM aggregated), 0) AS seq`;

/** A place behind which everything lies that happened at `sinceMs` or later. Throws D1's error. */
export async function seqBefore(d1: D1Database, sinceMs: number): Promise<number> {
  return (await d1.prepare(SEQ_BEFORE).bind(sinceMs).first<number>("seq")) ?? 0;
}
