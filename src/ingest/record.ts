/**
 * The roads that rows take into the log, tried in turn: the queue; straight into D1; the outbox, which tries again by
 * alarm. A row that took two of them (a queue that answered too late) is still one row: its id decides.
 * What no road takes is written to the log line, fit to be recorded later but for user agent and destination, and counted.
 */

import { ROW_COLUMNS } from "../events/row.ts";
import { errorText, logger, Unredacted } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { insertRows } from "./insert.ts";
import { bodyOf } from "./queue-body.ts";

/** The bindings that rows are written to. */
export type Sinks = Pick<Env, "EVENTS" | "DB" | "OUTBOX">;

/** Where rows went. "lost": no road took them; they stand in the Worker's log line. */
export type Sink = "queue" | "d1" | "outbox" | "lost";

/** The three together stay under the 30 s that waitUntil grants. */
const SINK_TIMEOUT_MS = 5_000;

/** There is one outbox: it is used only while the queue and D1 both refuse, and its rows come in groups. */
export const OUTBOX_NAME = "outbox";

let lost = 0;

/** How many rows this isolate could record on no road since it started. */
export function lostEventCount(): number {
  return lost;
}

/** Records rows. Never rejects. */
export async function record(rows: readonly string[], sinks: Sinks): Promise<Sink> {
  const body = bodyOf(rows);
  const failures: string[] = [];
  const tries: readonly [Sink, () => Promise<unknown>][] = [
    ["queue", () => sinks.EVENTS.send(body, { contentType: "text" })],
    ["d1", () => insertRows(sinks.DB, rows)],
    ["outbox", () => sinks.OUTBOX.getByName(OUTBOX_NAME).keep([body])],
  ];
  for (const [sink, attempt] of tries) {
    try {
      await withDeadline(attempt(), SINK_TIMEOUT_MS, sink);
      return sink;
    } catch (error) {
      failures.push(`${sink}: ${errorText(error)}`);
    }
  }
  return logLostEvents(rows, failures);
}

/** The last resort: the rows in the log line, and counted. Its form is that of a message of the queue. */
export function logLostEvents(rows: readonly string[], failures: readonly string[]): "lost" {
  lost += rows.length;
  const body = bodyOf(rows.map(forTheLogLine));
  logger.error("events not recorded", { failures, rows: new Unredacted(body) });
  return "lost";
}

/** What a log line leaves out: who reads it needs neither, and the link's id tells where a click led. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "user_agent",
  "link",
] satisfies (typeof ROW_COLUMNS)[number][]);

function forTheLogLine(row: string): string {
  const values: unknown[] = JSON.parse(row);
  return JSON.stringify(ROW_COLUMNS.map((column, index) => (LEFT_OUT.has(column) ? null : values[index])));
}
