/** What one isolate keeps between requests to write the log: the groups that share queue messages, and a source of event ids. */
import { GroupCommit } from "./group-commit.ts";
import { MAX_BODY_BYTES } from "./queue-body.ts";
import { logLostEvents, record, type Sink } from "./record.ts";

export interface IngestContext {
  /** Groups of their own, because a click must not wait as long as an open may. */
  readonly clicks: GroupCommit<Sink>;
  readonly opens: GroupCommit<Sink>;
  /** A new event id, unique for ever: the isolate's random name and a count. */
  nextEventId(): string;
}

/** At most, of a UTF-16 unit, which is what a text's length counts. */
const UTF8_BYTES_A_UNIT = 3;
/**
 * A queue message costs what several clicks do: worth waiting for those that are on their way. What may wait, 24 MB of memory, some 30,000
 * rows, is what comes in while every road hangs until its deadline.
 */
const CLICKS = { pauseMs: 1, maxWaitingChars: 12_000_000 };
/** Nobody looks at a pixel, and opens come out of their gates one by one: fewer of them, that can wait longer. */
const OPENS = { pauseMs: 10, maxWaitingChars: 4_000_000 };
const LEAD_MS = 5_000;

const contexts = new WeakMap<Env, IngestContext>();

export function contextOf(env: Env): IngestContext {
  const known = contexts.get(env);
  if (known !== undefined) return known;
  const made = makeContext(env);
  contexts.set(env, made);
  return made;
}

function makeContext(env: Env): IngestContext {
  const name = crypto.randomUUID().replaceAll("-", "");
  let count = 0;
  const groupOf = ({ pauseMs, maxWaitingChars }: typeof CLICKS) =>
    new GroupCommit({
      commit: (rows) => record(rows, env),
      maxChars: MAX_BODY_BYTES / UTF8_BYTES_A_UNIT,
      pause: () => scheduler.wait(pauseMs),
      maxWaitingChars,
      overflow: (row) => logLostEvents([row], ["the isolate's memory is full"]),
      leadMs: LEAD_MS,
      now: Date.now,
    });
  return {
    clicks: groupOf(CLICKS),
    opens: groupOf(OPENS),
    nextEventId: () => `${name}.${(count++).toString(36)}`,
  };
}
