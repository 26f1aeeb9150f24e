/** What one isolate keeps between requests: checked settings, the group that shares queue messages, what it saw opened. */
import { readSettings, type SettingsRead } from "../config/settings.ts";
import { Remembered } from "../platform/lru.ts";
import { GroupCommit } from "./group-commit.ts";
import { MAX_BODY_BYTES } from "./queue-body.ts";
import { logLostEvents, record, type Sink } from "./record.ts";

export interface IsolateContext {
  readonly settings: SettingsRead;
  /** Groups of their own, because a click must not wait as long as an open may. */
  readonly log: { readonly clicks: GroupCommit<Sink>; readonly opens: GroupCommit<Sink> };
  /** Open tokens whose message is opened, and from when on a person's open of it is news again; ms since 1970 UTC. */
  readonly opened: Remembered<number>;
  /** Tokens that were asked for by HEAD, from where, and when; ms since 1970 UTC. */
  readonly heads: Remembered<number>;
  /** A new event id, unique for ever: the isolate's random name and a count. */
  nextEventId(): string;
}

/** About 150 bytes each, two generations: at most some 6 MB of an isolate's 128. */
const OPENED_KEPT = 20_000;
/** Most are looked up again within a second, or never. */
const HEADS_KEPT = 1_000;
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

const isolates = new WeakMap<Env, IsolateContext>();

export function contextOf(env: Env): IsolateContext {
  const known = isolates.get(env);
  if (known !== undefined) return known;
  const made = makeContext(env);
  isolates.set(env, made);
  return made;
}

function makeContext(env: Env): IsolateContext {
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
    settings: readSettings(env),
    log: { clicks: groupOf(CLICKS), opens: groupOf(OPENS) },
    opened: new Remembered(OPENED_KEPT),
    heads: new Remembered(HEADS_KEPT),
    nextEventId: () => `${name}.${(count++).toString(36)}`,
  };
}
