/** What the D1 of a local Worker holds, and when nothing more is on its way there. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalWorker } from "../../../src/dev/local-worker.ts";
import { messageTo, runAll, signerOf } from "./load.ts";

let markers = 0;

/**
 * Waits until everything that was sent to the queue so far is in D1: a marker is sent last, and the emulator keeps
 * the order.
 */
export async function drain(worker: LocalWorker): Promise<void> {
  const person = `marker-${++markers}`;
  const link = { id: "marker", url: "https://marker.example/" };
  const path = `/c/${signerOf(worker)("click", { ...messageTo(person), link })}`;
  await runAll(worker, [{ person, path }]);
  const d1 = await worker.d1();
  const arrived = d1.prepare("SELECT 1 AS one FROM events WHERE person = ? LIMIT 1").bind(person);
  while ((await arrived.first()) === null) await sleep(50);
}

/** How many rows of a type each person has. */
export async function countsOf(worker: LocalWorker, type: number): Promise<ReadonlyMap<string, number>> {
  const { results } = await (await worker.d1())
    .prepare("SELECT person, count(*) AS rows FROM events WHERE type = ? GROUP BY person")
    .bind(type)
    .all<{ person: string; rows: number }>();
  return new Map(results.map(({ person, rows }) => [person, rows]));
}

/** The persons who must not be mailed. */
export async function suppressedPersons(worker: LocalWorker): Promise<ReadonlySet<string>> {
  const { results } = await (await worker.d1())
    .prepare("SELECT substr(subject, 8) AS person FROM suppressions WHERE subject LIKE 'person:%'")
    .all<{ person: string }>();
  return new Set(results.map(({ person }) => person));
}
