/**
 * The roads that rows take into the log, tried in turn: the queue; straight into D1; the outbox, which tries again by
 * alarm. A row that took two of them (a queue that answered too late) is still one row: its id decides.
 * What no road takes is written whole to the log line, and counted.
 */
import { withDeadline } from "./deadline.ts";
import { insertRows } from "./insert.ts";
import type { Outbox } from "./outbox.ts";
import { bodyOf } from "./wire.ts";

export interface Roads {
  readonly EVENTS: Queue<string>;
  readonly DB: D1Database;
  readonly OUTBOX: DurableObjectNamespace<Outbox>;
}

/** Where rows went. "lost": no road took them; they stand in the Worker's log line. */
export type Road = "queue" | "d1" | "outbox" | "lost";

/** The three together stay under the 30 s that waitUntil grants. */
const ROAD_DEADLINE_MS = 5_000;

/** There is one outbox: it is used only while the queue and D1 both refuse, and its rows come in groups. */
export const OUTBOX_NAME = "outbox";

let lost = 0;

/** How many rows this isolate could record on no road since it started. */
export function lostRows(): number {
  return lost;
}

/** Records rows. Never rejects. */
export async function record(rows: readonly string[], roads: Roads): Promise<Road> {
  const body = bodyOf(rows);
  const failures: string[] = [];
  const tries: readonly [Road, () => Promise<unknown>][] = [
    ["queue", () => roads.EVENTS.send(body, { contentType: "text" })],
    ["d1", () => insertRows(roads.DB, rows)],
    ["outbox", () => roads.OUTBOX.getByName(OUTBOX_NAME).keep([body])],
  ];
  for (const [road, attempt] of tries) {
    try {
      await withDeadline(attempt(), ROAD_DEADLINE_MS, road);
      return road;
    } catch (error) {
      failures.push(`${road}: ${error}`);
    }
  }
  return lose(rows, failures);
}

/** The last resort: the rows whole in the log line, and counted. */
export function lose(rows: readonly string[], failures: readonly string[]): "lost" {
  lost += rows.length;
  console.error(JSON.stringify({ message: "events not recorded", failures, rows: bodyOf(rows) }));
  return "lost";
}
