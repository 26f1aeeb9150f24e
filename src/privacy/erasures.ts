/** Requested erasures and their progress. The record of a finished erasure names nobody. */
import { eq, max } from "drizzle-orm";
import { normalAddress } from "../events/address.ts";
import { erasing, erasures } from "../events/privacy-schema.ts";
import { events } from "../events/schema.ts";
import { database } from "../platform/database.ts";
import { retryOnce } from "../platform/errors.ts";
import { newPseudonym } from "./pseudonym.ts";

/** A person, or everybody with an address. */
export type ErasureSubject = { readonly person: string } | { readonly address: string };

export interface ErasureProgress {
  readonly id: string;
  readonly requestedAtMs: number;
  /** Undefined until it is done. */
  readonly doneAtMs: number | undefined;
  /** The seq that the log is scanned up to. */
  readonly scanned: number;
  /** The last seq of the log. */
  readonly total: number;
  /** Events changed so far. */
  readonly events: number;
}

/**
 * Stores an erasure and returns its id. A person who is being erased already stays with that erasure, which ends
 * later than `nowMs`.
 * @throws D1's error
 */
export async function requestErasure(d1: D1Database, subject: ErasureSubject, nowMs: number): Promise<string> {
  const db = database(d1);
  const id = crypto.randomUUID();
  const address = "address" in subject ? normalAddress(subject.address) : null;
  const request = db.insert(erasures).values({ id, requestedAt: nowMs, address }).onConflictDoNothing();
  await retryOnce(async () => {
    if (!("person" in subject)) return await request;
    const named = { person: subject.person, erasure: id, pseudonym: newPseudonym("erased") };
    return await db.batch([request, db.insert(erasing).values(named).onConflictDoNothing()]);
  });
  return id;
}

/**
 * The progress of an erasure; undefined when there is none with that id.
 * @throws D1's error
 */
export async function erasureProgress(d1: D1Database, id: string): Promise<ErasureProgress | undefined> {
  const db = database(d1);
  const [[erasure], [log]] = await retryOnce(() =>
    db.batch([
      db.select().from(erasures).where(eq(erasures.id, id)),
      db.select({ lastSeq: max(events.seq) }).from(events),
    ]),
  );
  if (erasure === undefined) return undefined;
  const { requestedAt, doneAt, seq } = erasure;
  const total = log?.lastSeq ?? 0;
  const scanned = doneAt === null ? (seq ?? 0) : total;
  return { id, requestedAtMs: requestedAt, doneAtMs: doneAt ?? undefined, scanned, total, events: erasure.events };
}
