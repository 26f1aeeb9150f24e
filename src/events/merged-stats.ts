/**
 * The statistics of a message that was stored twice, as those of one message with all of its events: a person's and
 * their pseudonym's; one in a file, and the one that was made while that was lost. Each column is merged by the rule by
 * which `MessageAggregator` adds an event, except `recent`, which stays: it only shows bots among the latest events.
 */
import { excluded, rawSql, sql } from "../platform/sql.ts";
import { MESSAGE_FLAGS } from "./message-flags.ts";
import { messageStats } from "./schema.ts";

const { since, flags, outcomeAt, clicks, botClicks, seqs } = messageStats;
const other = {
  since: excluded(since),
  flags: excluded(flags),
  outcomeAt: excluded(outcomeAt),
  clicks: excluded(clicks),
  seqs: excluded(seqs),
};

const sent = rawSql(`& ${MESSAGE_FLAGS.sent}`);
const uncounted = rawSql(`& ${MESSAGE_FLAGS.uncounted}`);
const ofBothOrOne = rawSql(String(MESSAGE_FLAGS.softBouncedLast | MESSAGE_FLAGS.uncounted));
const softBouncedLast = rawSql(String(MESSAGE_FLAGS.softBouncedLast));

/** The flags of the later outcome; of two at the same time, Delivered decides. */
const flagsOfLaterOutcome = sql`CASE WHEN coalesce(${outcomeAt}, 0) > coalesce(${other.outcomeAt}, 0) THEN ${flags}
    WHEN coalesce(${outcomeAt}, 0) < coalesce(${other.outcomeAt}, 0) THEN ${other.flags}
    ELSE ${flags} & ${other.flags} END`;

const bothClicks = sql`(SELECT json_group_object(link, json_object('people', people, 'bots', bots)) FROM (
  SELECT key AS link, sum(value->>'people') AS people, sum(value->>'bots') AS bots FROM (
    SELECT key, value FROM json_each(${clicks}) UNION ALL SELECT key, value FROM json_each(${other.clicks}))
  GROUP BY link))`;

const bothSeqs = sql`(SELECT json_group_array(value) FROM (
  SELECT value FROM json_each(${seqs}) UNION ALL SELECT value FROM json_each(${other.seqs})))`;

/** For the SET of an upsert into `message_stats`. */
export const MERGED_STATS = {
  since: sql`CASE WHEN (${flags} ${uncounted}) <> (${other.flags} ${uncounted})
      THEN iif(${flags} ${uncounted}, ${other.since}, ${since})
    WHEN (${flags} ${sent}) = (${other.flags} ${sent}) THEN min(${since}, ${other.since})
    WHEN ${flags} ${sent} THEN ${since} ELSE ${other.since} END`,
  flags: sql`((${flags} | ${other.flags}) & ~${ofBothOrOne}) | ((${flagsOfLaterOutcome}) & ${softBouncedLast})
    | (${flags} & ${other.flags} ${uncounted})`,
  outcomeAt: sql`coalesce(max(${outcomeAt}, ${other.outcomeAt}), ${outcomeAt}, ${other.outcomeAt})`,
  clicks: sql`iif(${clicks} IS NULL OR ${other.clicks} IS NULL, coalesce(${clicks}, ${other.clicks}), ${bothClicks})`,
  botClicks: sql`${botClicks} + ${excluded(botClicks)}`,
  seqs: sql`iif(${seqs} IS NULL OR ${other.seqs} IS NULL, coalesce(${seqs}, ${other.seqs}), ${bothSeqs})`,
};
