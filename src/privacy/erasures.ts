/** Requested erasures and their progress. The record of a finished erasure names nobody. */
import { erasures } from "../events/privacy-schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { columnNames, everyColumn, sql } from "../platform/sql.ts";
import { newPseudonym } from "./pseudonym.ts";
import type { ErasureSubject } from "./subject.ts";

export interface ErasureProgress {
  readonly id: string;
  readonly requestedAtMs: number;
  /** Undefined until it is done. */
  readonly doneAtMs: number | undefined;
  /** Events changed so far. */
  readonly events: number;
}

/**
 * Stores an erasure and returns its id.
 * @param idempotencyKey random; asked again with it for the same subject, the erasure is the same
 * @throws D1's error
 */
export async function requestErasure(
  d1: D1Database,
  subject: ErasureSubject,
  nowMs: number,
  idempotencyKey?: string,
): Promise<string> {
  const id = idempotencyKey === undefined ? crypto.randomUUID() : idOf(idempotencyKey, subject);
  const address = "address" in subject ? subject.address : null;
  const [person, pseudonym] = "person" in subject ? [subject.person, newPseudonym("erased")] : [null, null];
  const columns = columnNames(erasures.id, erasures.requestedAt, erasures.address, erasures.person, erasures.pseudonym);
  const request = sql`INSERT INTO ${erasures} (${columns})
    VALUES (${id}, ${nowMs}, ${address}, ${person}, ${pseudonym}) ON CONFLICT DO NOTHING`;
  await retryOnce(() => request.prepare(d1).run());
  return id;
}

/** With the subject in it, the key of one person's erasure does not pass another's off as done. */
function idOf(idempotencyKey: string, subject: ErasureSubject): string {
  return sha256Hex(JSON.stringify([idempotencyKey, subject])).slice(0, 32);
}

/**
 * The progress of an erasure; undefined when there is none with that id.
 * @throws D1's error
 */
export async function erasureProgress(d1: D1Database, id: string): Promise<ErasureProgress | undefined> {
  const query = sql`SELECT ${everyColumn(erasures)} FROM ${erasures} WHERE ${erasures.id} = ${id}`;
  const erasure = await retryOnce(() => query.prepare(d1).first<typeof erasures.$inferSelect>());
  if (erasure === null) return undefined;
  const { requestedAt, doneAt, events } = erasure;
  return { id, requestedAtMs: requestedAt, doneAtMs: doneAt ?? undefined, events };
}
