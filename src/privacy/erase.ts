/**
 * Erases people: what identifies them is deleted, counts stay. Guarantees that a finished erasure has left nothing of
 * them that the log held up to that moment; that a crash at any moment loses and repeats nothing, since each batch is
 * one transaction; and that what a batch reads and writes does not grow with the log: the index of `message_stats` by
 * person leads to all that is aggregated, and the rest is aggregated first. When statistics fail for a day, the log
 * behind them is scanned instead.
 *
 * Events that arrive after the erasure are new, even those of an old email. An erased person who subscribes again by
 * such an email lifts the suppressions that their opt-out has left under hashes.
 */
import { isFileLost, type LogStores, recallFiled, recallListed, recallToErase } from "../archive/index.ts";
import type { BotPolicy } from "../bots/bot.ts";
import type { ErasedSubject } from "../ingest/outbox.ts";
import { type OutboxEnv, outboxOf } from "../ingest/record.ts";
import { logger } from "../platform/logger.ts";
import { aggregateLog } from "../reports/index.ts";
import { deleteSourcesOf, type SourceStores } from "../sending/index.ts";
import { completeErasure, writeBatch } from "./erase-batch.ts";
import { type Erasure, findNext, firstClicksOf, nextErasure, nextSeqs, takeNextPerson } from "./next-to-erase.ts";
import { throttle } from "./throttle.ts";

type Storage = LogStores & OutboxEnv & SourceStores;

/**
 * Works on all erasures, one after the other, until they are done, or until `untilMs`. Aggregates the log where they
 * need it, unless statistics have to wait: then `policy` is undefined. Those that wait for statistics, or for a file of
 * the archive that is lost, hold up no other.
 * @param pause waits after a batch that began at `startedAtMs`
 * @throws the error of D1 or of the outbox; that of statistics once the others are done
 */
export async function workOnErasures(
  storage: Storage,
  policy: BotPolicy | undefined,
  untilMs: number,
  pause: (startedAtMs: number) => Promise<void> = throttle,
): Promise<void> {
  const waiting: string[] = [];
  let failure: { readonly error: unknown } | undefined;
  const aggregate = async (): Promise<boolean> => {
    if (policy === undefined || failure !== undefined) return false;
    try {
      await aggregateLog(storage, policy, untilMs);
      return true;
    } catch (error) {
      if (isFileLost(error)) throw error;
      failure = { error };
      return false;
    }
  };
  for (;;) {
    const startedAtMs = Date.now();
    const erasure = await nextErasure(storage.DB, startedAtMs, waiting);
    if (erasure === undefined) break;
    try {
      if (!(await workOnBatch(storage, erasure, aggregate))) waiting.push(erasure.id);
    } catch (error) {
      if (!isFileLost(error)) throw error;
      logger.error("an erasure waits for a file of the archive that is lost", { erasure: erasure.id, error });
      waiting.push(erasure.id);
    }
    if (Date.now() >= untilMs) break;
    await pause(startedAtMs);
  }
  if (failure !== undefined) throw failure.error;
}

/**
 * Returns false when the erasure has to wait for statistics.
 * @param aggregate resolves to false when nothing can be aggregated
 */
async function workOnBatch(storage: Storage, erasure: Erasure, aggregate: () => Promise<boolean>): Promise<boolean> {
  const { DB } = storage;
  const { person, pseudonym, address, seq, isOverdue } = erasure;
  if (person === null && (await takeNextPerson(DB, erasure))) return true;
  // Before the log: what leaves the outbox meanwhile must not name the address any more.
  if (address !== null && pseudonym === null && seq === 0) await eraseOutbox(storage, { address });
  if (person !== null) await recallFiled(storage, [{ person }], true);
  await recallToErase(storage, nextSeqs(erasure));
  // Whether nobody else had a URL say the first clicks on its link.
  await recallListed(storage, firstClicksOf(erasure), "throw");
  const found = await findNext(DB, erasure);
  if (found.isWaiting && isOverdue === 0) return await aggregate();
  if (found.to > seq || found.messages.length + found.removals.length > 0) {
    await writeBatch(DB, erasure, found);
  } else {
    // What it still held is in D1 afterwards, and keeps the erasure from being completed.
    if (person !== null && pseudonym !== null) {
      await eraseOutbox(storage, { person, pseudonym });
      await deleteSourcesOf(storage, person);
    }
    await completeErasure(DB, erasure, found, Date.now());
  }
  return true;
}

async function eraseOutbox(storage: Storage, whom: ErasedSubject): Promise<void> {
  const outbox = outboxOf(storage);
  for (let after: number | undefined = 0; after !== undefined; ) after = await outbox.erase(whom, after);
}
