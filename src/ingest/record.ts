/**
 * The sinks that take rows into the log, tried in turn: the queue; D1 directly; the outbox, which retries by alarm.
 * Guarantees that a row that reached two of them (a queue that answered too late) is one row in D1: its id is unique.
 * Rows that no sink takes are counted and written to the Worker's log, from which they can be recorded later, except
 * for user agent and destination.
 */

import { namedRow, rowText } from "../events/row.ts";
import { errorText, logger, Unredacted } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { insertRows } from "./insert.ts";
import { bodyOf } from "./queue-body.ts";

/** The bindings that rows are written to. */
export type Sinks = Pick<Env, "EVENTS" | "DB" | "OUTBOX">;

/** The sink that took rows. "lost": none did; they are in the Worker's log. */
export type Sink = "queue" | "d1" | "outbox" | "lost";

/** All three together stay below the 30 s that `waitUntil` grants. */
const SINK_TIMEOUT_MS = 5_000;

/** The name of the only outbox: it is used only while the queue and D1 both fail, and its rows come in groups. */
export const OUTBOX_NAME = "outbox";

let lost = 0;

/** How many rows this isolate has lost since it started. */
export function lostEventCount(): number {
  return lost;
}

/** Records rows. Never rejects. */
export async function record(rows: readonly string[], sinks: Sinks): Promise<Sink> {
  const body = bodyOf(rows);
  const failures: string[] = [];
  const attempts: readonly [Sink, () => Promise<unknown>][] = [
    ["queue", () => sinks.EVENTS.send(body, { contentType: "text" })],
    ["d1", () => insertRows(sinks.DB, rows)],
    ["outbox", () => sinks.OUTBOX.getByName(OUTBOX_NAME).keep([body])],
  ];
  for (const [sink, attempt] of attempts) {
    try {
      await withDeadline(attempt(), SINK_TIMEOUT_MS, sink);
      return sink;
    } catch (error) {
      failures.push(`${sink}: ${errorText(error)}`);
    }
  }
  return logLostEvents(rows, failures);
}

/** Keeps rows of opens until it is known what opens are counted by. Never rejects. */
export async function hold(rows: readonly string[], { OUTBOX }: Pick<Env, "OUTBOX">): Promise<Sink> {
  try {
    await withDeadline(OUTBOX.getByName(OUTBOX_NAME).hold([bodyOf(rows)]), SINK_TIMEOUT_MS, "outbox");
    return "outbox";
  } catch (error) {
    return logLostEvents(rows, [`outbox: ${errorText(error)}`]);
  }
}

/** Counts rows as lost and writes them to the Worker's log, in the form of a queue message. */
export function logLostEvents(rows: readonly string[], failures: readonly string[]): "lost" {
  lost += rows.length;
  logger.error("events not recorded", { failures, rows: new Unredacted(bodyOf(rows.map(loggableRow))) });
  return "lost";
}

/** Without the columns that may hold personal data. The link's id says where a click led. */
function loggableRow(row: string): string {
  return rowText({ ...namedRow(JSON.parse(row)), user_agent: null, link: null });
}
