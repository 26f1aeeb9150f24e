/**
 * A writer about events that may be archived looks for earlier ones in D1, and recalls those that are not there.
 * Guarantees that none is archived between the two and the write: the write fails then, and everything begins again.
 */
import { messageFiles } from "../events/archive-schema.ts";
import { aggregated } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { type NamedResults, type NamedStatements, runNamed } from "../platform/named-statements.ts";
import { assign, type Sql, sql } from "../platform/sql.ts";
import { FLOOR } from "./segments.ts";

/** A state of the archive. */
export interface Edition {
  /** How often the archive has changed. */
  readonly number: number;
  /** The last seq of the archive; 0 without one. */
  readonly floor: number;
  /** Whether messages are in files. */
  readonly hasMessageFiles: 0 | 1;
}

const MAX_TRIES = 5;

/**
 * @param work writes in transactions that begin with `requireEdition`; repeating it must be harmless
 * @throws what `work` throws; an error when the archive changes each time
 */
export async function inOneEdition<Answer>(
  d1: D1Database,
  work: (edition: Edition) => Promise<Answer>,
): Promise<Answer> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const edition = await readEdition(d1);
    try {
      return await work(edition);
    } catch (error) {
      if (!isOtherEdition(error)) throw error;
    }
  }
  throw new Error("the archive changes all the time");
}

/**
 * Reads messages that were brought back into D1. Reads again until the archive has not changed meanwhile: messages that
 * it took in between would be missing in the answer.
 * @param read may be called again
 * @throws what `read` throws; an error when the archive changes each time
 */
export async function readInOneEdition<Answer>(d1: D1Database, read: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const before = await readEdition(d1);
    const answer = await read();
    // Also where there was no archive: its first scan may have taken something.
    if ((await readEdition(d1)).number === before.number) return answer;
  }
  throw new Error("the archive changes all the time");
}

/** Selects whether D1 has all events and messages at the moment of the transaction that it is in. */
export const SELECT_IS_WHOLE = sql`SELECT ${FLOOR} = 0 AND NOT EXISTS (SELECT 1 FROM ${messageFiles}) AS isWhole`;

export interface IsWhole {
  readonly isWhole: 0 | 1;
}

async function readEdition(d1: D1Database): Promise<Edition> {
  const query = sql`SELECT ${aggregated.archived} AS number, ${FLOOR} AS floor,
EXISTS (SELECT 1 FROM ${messageFiles}) AS hasMessageFiles FROM ${aggregated}`;
  return (await retryOnce(() => query.prepare(d1).first<Edition>())) ?? { number: 0, floor: 0, hasMessageFiles: 0 };
}

/** How often the archive has changed, once it has again. */
export const ONE_CHANGE_MORE = sql`${aggregated.archived} + 1`;

/** The statement that begins the next edition where `condition` holds: work in this one begins again. */
export function nextEdition(condition: Sql): Sql {
  return sql`UPDATE ${aggregated} SET ${assign(aggregated, { archived: ONE_CHANGE_MORE })} WHERE ${condition}`;
}

/** The statement that fails a transaction when the archive has changed since. It writes nothing. */
export function requireEdition({ number }: Edition): Sql {
  return sql`UPDATE ${aggregated} SET ${assign(aggregated, { archived: null })}
WHERE ${aggregated.archived} <> ${number}`;
}

/**
 * Runs statements in one transaction, which fails when the archive has changed since. Runs them again once after an
 * error that may pass; throws D1's error.
 */
export async function runInEdition<Rows extends object>(
  d1: D1Database,
  edition: Edition,
  statements: NamedStatements<Rows>,
): Promise<NamedResults<Rows>> {
  const first = ["edition", [requireEdition(edition).prepare(d1)]] as const;
  return await retryOnce(() => runNamed<Rows & { edition: never }>(d1, [first, ...statements]));
}

/** SQLite raises errors of its own choice in triggers only: this one is of the column that may not be null. */
function isOtherEdition(error: unknown): boolean {
  return String(error).includes(`constraint failed: aggregated.${aggregated.archived.name}`);
}
