/**
 * The sinks that take rows into the log: the queue; D1 directly; the outbox, which retries by alarm. They are tried in
 * this order, but for one that has not answered lately.
 * Guarantees that a group that reached two of them (a queue that answered too late) is in D1 once: it is unique by ids.
 * Rows that no sink takes are counted and written to the Worker's log, from which they can be recorded later, except
 * for user agent and destination.
 */
import { objectNamed } from "../config/objects.ts";
import { namedRow, rowText } from "../events/row.ts";
import { errorText, logger, Unredacted } from "../platform/logger.ts";
import { perEnv } from "../platform/per-env.ts";
import { DeadlineError, withDeadline } from "../platform/timeout.ts";
import { insertGroups } from "./insert.ts";
import { bodyOf } from "./queue-body.ts";
import type { RowGroup } from "./row-group.ts";

/** The bindings that rows are written to. */
export type Sinks = Pick<Env, "EVENTS" | "DB" | "ARCHIVE"> & OutboxEnv;

/** What the outbox is reached by. */
export type OutboxEnv = Pick<Env, "OUTBOX" | "JURISDICTION">;

/** The sink that took rows. "lost": none did; they are in the Worker's log. */
export type Sink = "queue" | "d1" | "outbox" | "lost";

/** All three together stay below the 30 s that `waitUntil` grants. */
export const SINK_TIMEOUT_MS = 5_000;

/** A sink that did not answer is tried last for so long: if each group waited for it, more rows would come than go. */
const TRIED_LAST_MS = 30_000;

/** Until when each sink is tried last, ms since 1970 UTC. */
const triedLastUntil = perEnv((_sinks: Sinks) => new Map<Sink, number>());

/** The name of the only outbox: it is used only when neither the queue nor D1 answers, and its rows come in groups. */
export const OUTBOX_NAME = "outbox";

export function outboxOf(env: OutboxEnv) {
  return objectNamed(env.OUTBOX, OUTBOX_NAME, env);
}

let lost = 0;
let lostAtMs: number | undefined;

/** How many rows this isolate has lost since it started. */
export function lostEventCount(): number {
  return lost;
}

/** When this isolate last lost rows; undefined: it has lost none. */
export function latestLossAtMs(): number | undefined {
  return lostAtMs;
}

/** Records a group. Never rejects. */
export async function record(group: RowGroup, sinks: Sinks): Promise<Sink> {
  const body = bodyOf(group);
  const failures: string[] = [];
  const attempts: readonly [Sink, () => Promise<unknown>][] = [
    ["queue", () => sinks.EVENTS.send(body, { contentType: "text" })],
    ["d1", () => insertGroups(sinks, [group])],
    ["outbox", async () => await outboxOf(sinks).keep([body])],
  ];
  const untilMs = triedLastUntil(sinks);
  const isLast = ([sink]: (typeof attempts)[number]) => (untilMs.get(sink) ?? 0) > Date.now();
  for (const [sink, attempt] of attempts.toSorted((one, other) => Number(isLast(one)) - Number(isLast(other)))) {
    try {
      await withDeadline(attempt(), SINK_TIMEOUT_MS, sink);
      return sink;
    } catch (error) {
      if (error instanceof DeadlineError) untilMs.set(sink, Date.now() + TRIED_LAST_MS);
      failures.push(`${sink}: ${errorText(error)}`);
    }
  }
  return logLostEvents(group, failures);
}

/** Keeps opens until it is known what opens are counted by. Never rejects. */
export async function park(group: RowGroup, env: OutboxEnv): Promise<Sink> {
  try {
    await withDeadline(outboxOf(env).park([bodyOf(group)]), SINK_TIMEOUT_MS, "outbox");
    return "outbox";
  } catch (error) {
    return logLostEvents(group, [`outbox: ${errorText(error)}`]);
  }
}

/** Counts rows as lost and writes them to the Worker's log, in the form of a queue message. */
export function logLostEvents({ rows, unique }: RowGroup, failures: readonly string[]): "lost" {
  const parsed: readonly (readonly unknown[])[] = JSON.parse(`[${rows}]`);
  lost += parsed.length;
  lostAtMs = Date.now();
  const body = bodyOf({ rows: parsed.map(loggableRow).join(","), unique });
  logger.error("events not recorded", { failures, rows: new Unredacted(body) });
  return "lost";
}

/** Without the columns that may hold personal data. The link's id says where a click led. */
function loggableRow(row: readonly unknown[]): string {
  return rowText({ ...namedRow(row), user_agent: null, link: null });
}
