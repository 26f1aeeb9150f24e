/** Requested erasures and their progress. The record of a finished erasure names nobody. */
import { normalAddress } from "../events/address.ts";
import { erasing, erasures, events } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { runBatch, sql } from "../platform/sql.ts";
import { newPseudonym } from "./pseudonym.ts";

/** A person, or everybody with an address. */
export type ErasureSubject = { readonly person: string } | { readonly address: string };

export interface ErasureProgress {
  readonly id: string;
  /** ms since 1970 UTC. */
  readonly requestedAtMs: number;
  /** ms since 1970 UTC; undefined until it is done. */
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
  const id = crypto.randomUUID();
  const address = "address" in subject ? normalAddress(subject.address) : null;
  const request = sql`INSERT INTO ${erasures} (id, requested_at, address) VALUES (${id}, ${nowMs}, ${address})
ON CONFLICT DO NOTHING`;
  const statements = [request];
  if ("person" in subject) {
    const addPerson = sql`INSERT INTO ${erasing} (person, erasure, pseudonym)
VALUES (${subject.person}, ${id}, ${newPseudonym("erased")}) ON CONFLICT DO NOTHING`;
    statements.push(addPerson);
  }
  await retryOnce(() => runBatch(d1, statements));
  return id;
}

interface ErasureRow {
  readonly requestedAt: number;
  readonly doneAt: number | null;
  readonly seq: number | null;
  readonly events: number;
  readonly total: number | null;
}

/**
 * The progress of an erasure; undefined when there is none with that id.
 * @throws D1's error
 */
export async function erasureProgress(d1: D1Database, id: string): Promise<ErasureProgress | undefined> {
  const query = sql`SELECT ${erasures.requestedAt} AS requestedAt, ${erasures.doneAt} AS doneAt, ${erasures.seq},
${erasures.events}, (SELECT max(${events.seq}) FROM ${events}) AS total FROM ${erasures} WHERE ${erasures.id} = ${id}`;
  const row = await retryOnce(() => query.prepare(d1).first<ErasureRow>());
  if (row === null) return undefined;
  const total = row.total ?? 0;
  return {
    id,
    requestedAtMs: row.requestedAt,
    doneAtMs: row.doneAt ?? undefined,
    scanned: row.doneAt === null ? (row.seq ?? 0) : total,
    total,
    events: row.events,
  };
}
