/** Proof that bad input stores nothing: the rows of every table, object and queue, before and after. */
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { newMessage, settledLogOf } from "../worker.ts";

const TABLES = ["events", "people", "names", "suppressions", "soft_bounced_sends", "retries"] as const;

type Stored = Readonly<Record<(typeof TABLES)[number] | "gates" | "waiting" | "dead", number>>;

export const NOTHING: Stored = {
  events: 0,
  people: 0,
  names: 0,
  suppressions: 0,
  soft_bounced_sends: 0,
  retries: 0,
  gates: 0,
  waiting: 0,
  dead: 0,
};

async function currentlyStored(): Promise<Stored> {
  // Messages sent to the queue before this one have arrived when it has; it leaves one row itself.
  await settledLogOf(newMessage().person);
  const counts = await Promise.all(
    TABLES.map((table) => env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>("n")),
  );
  const rows = Object.fromEntries(TABLES.map((table, index) => [table, counts[index] ?? 0]));
  const gates = (await listDurableObjectIds(env.OPENS)).length;
  const { waiting, deadLetters } = await env.OUTBOX.getByName(OUTBOX_NAME).counts();
  return { ...NOTHING, ...rows, gates, waiting, dead: deadLetters };
}

/** How many rows of each kind `work` stored, once everything that it sent to the log has arrived. */
export async function storedBy(work: () => Promise<void>): Promise<Stored> {
  const before = await currentlyStored();
  await work();
  const after = await currentlyStored();
  const added = (kind: keyof Stored) => after[kind] - before[kind];
  const all = Object.fromEntries(Object.keys(NOTHING).map((kind) => [kind, added(kind as keyof Stored)]));
  return { ...NOTHING, ...all, events: added("events") - 1 };
}
