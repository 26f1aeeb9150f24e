/** Requested erasures and their progress. The record of a finished erasure names nobody. */
import { eq } from "drizzle-orm";
import { normalAddress } from "../events/address.ts";
import { erasing, erasures } from "../events/privacy-schema.ts";
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
  const [erasure] = await retryOnce(() => database(d1).select().from(erasures).where(eq(erasures.id, id)));
  if (erasure === undefined) return undefined;
  const { requestedAt, doneAt, events } = erasure;
  return { id, requestedAtMs: requestedAt, doneAtMs: doneAt ?? undefined, events };
}
