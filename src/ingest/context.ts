/** What one isolate keeps between requests to write the log: group commits and a source of event ids. */
import { perEnv } from "../platform/per-env.ts";
import { GroupCommit } from "./group-commit.ts";
import { MAX_BODY_BYTES } from "./queue-body.ts";
import { logLostEvents, park, record, SINK_TIMEOUT_MS, type Sink } from "./record.ts";
import { clickGroupOf, groupOf, type RowGroup } from "./row-group.ts";

export interface IngestContext {
  /** Rows of clicks, with the id "": their group gives them ids. */
  readonly clicks: GroupCommit<RowGroup, Sink>;
  /** Apart from clicks, which must not wait as long as opens may. */
  readonly opens: GroupCommit<RowGroup, Sink>;
  /** Opens that wait until OPENS_PER is right. */
  readonly parkedOpens: GroupCommit<RowGroup, Sink>;
  /** A new event id, unique for ever, without a slash: the isolate's random name and a count. */
  nextEventId(): string;
}

/** The most UTF-8 bytes of one UTF-16 unit, in which JavaScript counts a string's length. */
const MAX_UTF8_BYTES_PER_CHAR = 3;
/**
 * A queue message costs as much as several clicks, so a short pause lets rows gather. Up to 24 MB of memory, some
 * 30,000 rows, may wait: as many as arrive while every sink hangs until its deadline.
 */
const CLICKS = { pauseMs: 1, maxWaitingChars: 12_000_000 };
/** Opens are fewer, come out of their gates one by one, and nobody waits for a pixel: a longer pause. */
const OPENS = { pauseMs: 10, maxWaitingChars: 4_000_000 };
/** One object takes them all. */
const PARKED_OPENS = { pauseMs: 500, maxWaitingChars: 4_000_000 };
const LEAD_MS = 5_000;
/** All sinks have had their time. */
const COMMIT_MS = 3 * SINK_TIMEOUT_MS + 1_000;

export const contextOf = perEnv((env: Env): IngestContext => {
  const name = crypto.randomUUID().replaceAll("-", "");
  let count = 0;
  const nextEventId = () => `${name}.${(count++).toString(36)}`;
  const groupCommit = ({ pauseMs, maxWaitingChars }: typeof CLICKS, group = groupOf, commit = record) =>
    new GroupCommit({
      groupOf: group,
      commit: (rows) => commit(rows, env),
      // The ids that groups give to clicks fit in: each row has more ASCII than that, counted at three bytes.
      maxChars: MAX_BODY_BYTES / MAX_UTF8_BYTES_PER_CHAR,
      pause: () => scheduler.wait(pauseMs),
      maxWaitingChars,
      overflow: (rows) => logLostEvents(rows, ["the isolate's memory is full"]),
      leadMs: LEAD_MS,
      commitMs: COMMIT_MS,
      now: Date.now,
    });
  return {
    clicks: groupCommit(CLICKS, (rows) => clickGroupOf(rows, nextEventId())),
    opens: groupCommit(OPENS),
    parkedOpens: groupCommit(PARKED_OPENS, groupOf, park),
    nextEventId,
  };
});
