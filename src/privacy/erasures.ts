/** Erasures that were asked for, and how far they are. What is kept of one that is done names nobody. */
import { normalAddress } from "../events/address.ts";
import { retryOnce } from "../platform/errors.ts";
import { newPseudonym } from "./pseudonym.ts";

/** A person, or everybody with an address. */
export type Erased = { readonly person: string } | { readonly address: string };

export interface Erasure {
  readonly id: string;
  /** ms since 1970 UTC. */
  readonly askedMs: number;
  readonly doneMs: number | undefined;
  /** How far in the log it is … */
  readonly seq: number;
  /** … of so many places. */
  readonly places: number;
  /** How many events it has changed. */
  readonly events: number;
}

const ASK = "INSERT INTO erasures (id, asked_at, address) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

/** Who is being erased already is so by that erasure; it ends later than it was asked for this one. */
const NAME = "INSERT INTO erasing (person, erasure, pseudonym) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";

/** Answers the erasure's id, when it is sure to be done. Throws D1's error. */
export async function askErasure(d1: D1Database, whom: Erased, nowMs: number): Promise<string> {
  const id = crypto.randomUUID();
  const address = "address" in whom ? normalAddress(whom.address) : null;
  const ask = d1.prepare(ASK).bind(id, nowMs, address);
  const name = "person" in whom ? [d1.prepare(NAME).bind(whom.person, id, newPseudonym("erased"))] : [];
  await retryOnce(() => d1.batch([ask, ...name]));
  return id;
}

interface Row {
  readonly asked_at: number;
  readonly done_at: number | null;
  readonly seq: number | null;
  readonly events: number;
  readonly places: number | null;
}

/** Undefined when there is none of that id. Throws D1's error. */
export async function erasureOf(d1: D1Database, id: string): Promise<Erasure | undefined> {
  const query = d1.prepare(
    `SELECT asked_at, done_at, erasures.seq, events, (SELECT max(seq) FROM events) AS places FROM erasures WHERE id = ?1`,
  );
  const row = await retryOnce(() => query.bind(id).first<Row>());
  if (row === null) return undefined;
  const places = row.places ?? 0;
  return {
    id,
    askedMs: row.asked_at,
    doneMs: row.done_at ?? undefined,
    seq: row.done_at === null ? (row.seq ?? 0) : places,
    places,
    events: row.events,
  };
}
