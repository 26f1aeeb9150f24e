/**
 * Erases people: what identifies them is deleted, counts stay. Guarantees that a finished erasure has left nothing of
 * them that the log held up to that moment; that a crash at any moment loses and repeats nothing, since each batch is
 * one transaction; and that a batch reads and writes a bounded number of rows, whatever the size of the log: the index
 * of `message_stats` by person leads to all that is aggregated, and the rest is aggregated first. When statistics fail
 * for a day, the log behind them is searched instead, window by window.
 *
 * Events that arrive after the erasure are new, even those of an old email. An erased person who subscribes again by
 * such an email lifts the suppressions that their opt-out has left under hashes.
 */
import type { BotPolicy } from "../bots/bot.ts";
import { erasing, erasures } from "../events/privacy-schema.ts";
import { OUTBOX_NAME } from "../ingest/record.ts";
import { assign, assignExcluded, columnName, columnNames, sql } from "../platform/sql.ts";
import { aggregateLog } from "../reports/index.ts";
import { type ErasureBatch, inErasureTransaction, writeBatch } from "./erase-batch.ts";
import {
  type ErasedPerson,
  type Erasure,
  type Found,
  findNext,
  findUnaggregated,
  isOverdue,
  nextErasure,
  WINDOW,
} from "./find.ts";
import { finishPeople } from "./finish.ts";
import { newPseudonym } from "./pseudonym.ts";
import { throttle } from "./throttle.ts";

type Storage = Pick<Env, "DB" | "OUTBOX">;

/**
 * Works on all erasures until they are done, or until `untilMs`. Aggregates the log where they need it, unless
 * statistics have to wait: then `policy` is undefined.
 * @param pause waits after a batch that began at `startedAtMs`
 * @throws the error of D1 or of the outbox
 */
export async function workOnErasures(
  storage: Storage,
  policy: BotPolicy | undefined,
  untilMs: number,
  pause: (startedAtMs: number) => Promise<void> = throttle,
): Promise<void> {
  /** Those whose events this run has erased in the outbox. */
  const out = new Set<string>();
  for (;;) {
    const startedAtMs = Date.now();
    const erasure = await nextErasure(storage.DB);
    if (erasure === undefined) return;
    const found = await findNext(storage.DB, erasure);
    const addNext = found.people.length === 0 && found.toAdd.length > 0;
    if (addNext) await addPeople(storage.DB, erasure, found);
    else {
      await eraseOutbox(storage, found.people, out);
      if (!(await workOnBatch(storage.DB, erasure, found, policy, untilMs))) return;
    }
    if (Date.now() >= untilMs) return;
    await pause(startedAtMs);
  }
}

/** Returns false when the erasure has to wait for statistics. */
async function workOnBatch(
  d1: D1Database,
  erasure: Erasure,
  found: Found,
  policy: BotPolicy | undefined,
  untilMs: number,
): Promise<boolean> {
  const isBehind = erasure.lastSeq - erasure.searched > WINDOW;
  const isWaiting = isBehind || found.waiting.length > 0;
  if (isWaiting && !isOverdue(erasure, Date.now())) {
    if (policy === undefined) return false;
    await aggregateLog(d1, policy, untilMs);
    return true;
  }
  if (found.lists.length > 0) await writeBatch(d1, erasure, batchOf(found));
  else if (found.addressed.length > 0) await writeBatch(d1, erasure, { ...NOTHING, addressed: found.addressed });
  else if (isWaiting) await writeBatch(d1, erasure, await unaggregatedBatch(d1, erasure));
  else await finishPeople(d1, erasure, found, Date.now());
  return true;
}

const NOTHING: ErasureBatch = { own: [], lists: [], addressed: [], searched: null };

function batchOf({ lists }: Found): ErasureBatch {
  const own = lists.flatMap(({ seqs, last, ...message }) =>
    (JSON.parse(seqs) as readonly number[]).map((seq) => ({ ...message, seq })),
  );
  return { ...NOTHING, own, lists };
}

async function unaggregatedBatch(d1: D1Database, erasure: Erasure): Promise<ErasureBatch> {
  const { events, to } = await findUnaggregated(d1, erasure);
  return {
    own: events.flatMap(({ pseudonym, ...event }) => (pseudonym === null ? [] : [{ ...event, pseudonym }])),
    lists: [],
    addressed: events.filter(({ pseudonym }) => pseudonym === null),
    searched: to,
  };
}

/** What is searched behind the statistics is searched again for them. */
async function addPeople(d1: D1Database, erasure: Erasure, { toAdd }: Found): Promise<void> {
  const rows = JSON.stringify(toAdd.map(({ person }) => ({ person, pseudonym: newPseudonym("erased") })));
  await inErasureTransaction(d1, erasure, sql`true`, (isOurs) => [
    sql`INSERT INTO ${erasing} (${columnNames(erasing.person, erasing.erasure, erasing.pseudonym)})
SELECT value->>'person', ${erasure.id}, value->>'pseudonym' FROM json_each(${rows}) WHERE ${isOurs}
ON CONFLICT (${columnName(erasing.person)}) DO UPDATE SET ${assignExcluded(erasing.erasure)}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, { seq: null })} WHERE ${erasures.id} = ${erasure.id} AND ${isOurs}`,
  ]);
}

async function eraseOutbox({ OUTBOX }: Storage, people: readonly ErasedPerson[], out: Set<string>): Promise<void> {
  const left = people.filter(({ pseudonym }) => !out.has(pseudonym));
  if (left.length === 0) return;
  const pseudonyms = Object.fromEntries(left.map(({ person, pseudonym }) => [person, pseudonym]));
  const outbox = OUTBOX.getByName(OUTBOX_NAME);
  for (let after: number | undefined = 0; after !== undefined; ) after = await outbox.erase(pseudonyms, after);
  for (const { pseudonym } of left) out.add(pseudonym);
}
