/**
 * Erases people: what identifies them is deleted, counts stay. Guarantees that a finished erasure has left nothing of
 * them that the log held up to that moment; that a crash at any moment loses and repeats nothing, since each batch is
 * one transaction; and that a batch reads and writes a bounded number of rows, whatever the size of the log: the index
 * of `message_stats` by person leads to all that is aggregated, and the rest is aggregated first. For an address
 * a batch reads the lists of one other person. When statistics fail for a day, the log behind them is searched
 * instead, window by window.
 *
 * Events that arrive after the erasure are new, even those of an old email. An erased person who subscribes again by
 * such an email lifts the suppressions that their opt-out has left under hashes.
 */
import type { BotPolicy } from "../bots/bot.ts";
import { OUTBOX_NAME } from "../ingest/record.ts";
import { sql } from "../platform/sql.ts";
import { aggregateLog } from "../reports/index.ts";
import { finishPeople, writeBatch } from "./erase-batch.ts";
import { addPeople, type Erasure, findNext, nextErasure, peopleBeingErased } from "./find.ts";
import { throttle } from "./throttle.ts";

type Storage = Pick<Env, "DB" | "OUTBOX">;

/**
 * Works on all erasures, one after the other, until they are done, or until `untilMs`. Aggregates the log where they
 * need it, unless statistics have to wait: then `policy` is undefined.
 * @param pause waits after a batch that began at `startedAtMs`
 * @throws the error of D1 or of the outbox
 */
export async function workOnErasures(
  storage: Storage,
  policy: BotPolicy | undefined,
  untilMs: number,
  pause: (startedAtMs: number) => Promise<void> = throttle,
): Promise<void> {
  for (;;) {
    const startedAtMs = Date.now();
    const erasure = await nextErasure(storage.DB, startedAtMs);
    const goesOn = erasure !== undefined && (await workOnBatch(storage, erasure, policy, untilMs));
    if (!goesOn || Date.now() >= untilMs) return;
    await pause(startedAtMs);
  }
}

/** Returns false when the erasure has to wait for statistics. */
async function workOnBatch(
  storage: Storage,
  erasure: Erasure,
  policy: BotPolicy | undefined,
  untilMs: number,
): Promise<boolean> {
  const { DB } = storage;
  if (erasure.address !== null && (await addPeople(DB, erasure))) return true;
  const found = await findNext(DB, erasure);
  const { lists, addressed, isWaiting, other } = found;
  if (isWaiting && erasure.isOverdue === 0) {
    if (policy === undefined) return false;
    await aggregateLog(DB, policy, untilMs);
  } else if (isWaiting || lists.length + addressed.length > 0 || other !== undefined) {
    await writeBatch(DB, erasure, found);
  } else {
    await eraseOutbox(storage, erasure);
    await finishPeople(DB, erasure, found, Date.now());
  }
  return true;
}

/** What it still held is in D1 afterwards, and keeps the erasure from being finished. */
async function eraseOutbox({ DB, OUTBOX }: Storage, erasure: Erasure): Promise<void> {
  const query = sql`SELECT person, pseudonym FROM ${peopleBeingErased(erasure)}`;
  const { results } = await query.prepare(DB).all<{ person: string; pseudonym: string }>();
  const pseudonyms = Object.fromEntries(results.map(({ person, pseudonym }) => [person, pseudonym]));
  const outbox = OUTBOX.getByName(OUTBOX_NAME);
  for (let after: number | undefined = 0; after !== undefined; ) after = await outbox.erase(pseudonyms, after);
}
