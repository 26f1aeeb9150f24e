/**
 * The seqs of each message's events, which lead from a person and from a message to its events without another index
 * on the log. Guarantees that every aggregated event is in the list of the message that it names. Bounded: the row
 * of a message holds the latest, at most MAX_SEQS, and rows of `earlier_seqs` hold the others.
 *
 * An event that has left the log or moved to a new seq leaves its seq behind, which no other event ever gets
 * (AUTOINCREMENT), so that a join with the log passes over it. A list that is full drops such seqs first: they do not
 * pile up, however often one event moves.
 */
import { mayBeInArchive } from "../archive/index.ts";
import { earlierSeqs, events, messageStats } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { columnNames, rawSql, type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";

/** A row is written whole with each batch that has an event of its message. */
const MAX_SEQS = 500;
/** How many seqs a row of `earlier_seqs` holds at most. */
const SEQS_PER_ROW = 250;

/** What keeps a message's list, `seqs`. */
interface Listed {
  readonly message: Message;
  seqs: number[];
}

export function readSeqs(text: string | null): number[] {
  return text === null ? [] : (JSON.parse(text) as number[]);
}

/**
 * The seqs of the messages that `condition` on `message_stats` selects, as a subquery with the column `seq`. For a
 * join with the log:
 *
 * ```ts
 * sql`SELECT ${events.id} FROM ${seqsOf(sql`${messageStats.person} = ${person}`)} AS listed
 * CROSS JOIN ${events} ON ${events.seq} = listed.seq`
 * ```
 */
export function seqsOf(condition: Sql): Sql {
  const { email, campaign, person } = earlierSeqs;
  const isSame = sql`${email} = ${messageStats.email} AND ${campaign} = ${messageStats.campaign}
    AND ${person} = ${messageStats.person}`;
  return sql`(SELECT each.value AS seq FROM ${messageStats} CROSS JOIN json_each(${messageStats.seqs}) AS each
  WHERE ${condition}
  UNION ALL SELECT each.value FROM (${messageStats} JOIN ${earlierSeqs} ON ${isSame})
    CROSS JOIN json_each(${earlierSeqs.seqs}) AS each WHERE ${condition})`;
}

/**
 * The seqs of the messages of a slice, as `seqsOf`.
 * @param slice a subquery that selects messages, with their lists
 */
export function seqsOfSlice(slice: Sql): Sql {
  const { email, campaign, person } = earlierSeqs;
  return sql`(SELECT each.value AS seq FROM (
  SELECT seqs FROM ${slice}
  UNION ALL SELECT ${earlierSeqs.seqs} FROM ${slice} AS read CROSS JOIN ${earlierSeqs}
    ON (${email}, ${campaign}, ${person}) = (read.email, read.campaign, read.person)
) AS lists CROSS JOIN json_each(lists.seqs) AS each)`;
}

/**
 * Shortens the lists that are full. Returns the JSON rows for `earlier_seqs`.
 * @param from the seq up to which the log was aggregated before: later ones are in the log
 * @throws D1's error
 */
export async function shortenLists(d1: D1Database, lists: Iterable<Listed>, from: number): Promise<string[]> {
  const full = [...lists].filter(({ seqs }) => seqs.length > MAX_SEQS);
  const inLog = await seqsInLog(
    d1,
    full.flatMap(({ seqs }) => seqs.filter((seq) => seq <= from)),
  );
  return full.flatMap((list) => {
    const seqs = list.seqs.filter((seq) => seq > from || inLog.has(seq)).toSorted((one, other) => one - other);
    const rows: string[] = [];
    while (seqs.length > SEQS_PER_ROW) rows.push(rowOf(list.message, seqs.splice(0, SEQS_PER_ROW)));
    list.seqs = seqs;
    return rows;
  });
}

function rowOf({ email, campaign, person }: Message, seqs: readonly number[]): string {
  return JSON.stringify({ email, campaign, person, last: seqs.at(-1), seqs: JSON.stringify(seqs) });
}

/** The statement that stores rows of `shortenLists`, where `condition` holds. */
export function insertEarlierSeqs(rows: string, condition: Sql): Sql {
  const { email, campaign, person, last, seqs } = earlierSeqs;
  return sql`INSERT INTO ${earlierSeqs} (${columnNames(email, campaign, person, last, seqs)})
SELECT value->>'email', value->>'campaign', value->>'person', value->>'last', value->>'seqs'
FROM json_each(${rows}) WHERE ${condition}`;
}

/**
 * Those that an event has, or may have in the archive.
 * @throws D1's error
 */
async function seqsInLog(d1: D1Database, seqs: readonly number[]): Promise<ReadonlySet<number>> {
  return await seqsWhere(
    d1,
    seqs,
    sql`(${mayBeInArchive(rawSql("value"))} OR EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} = value))`,
  );
}

/**
 * Those that an event has in D1.
 * @throws D1's error
 */
export async function seqsInD1(d1: D1Database, seqs: readonly number[]): Promise<ReadonlySet<number>> {
  return await seqsWhere(d1, seqs, sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} = value)`);
}

async function seqsWhere(d1: D1Database, seqs: readonly number[], condition: Sql): Promise<ReadonlySet<number>> {
  const inLog = new Set<number>();
  for (const array of jsonArrays(seqs.map(String))) {
    const present = sql`SELECT value AS seq FROM json_each(${array}) WHERE ${condition}`;
    const { results } = await present.prepare(d1).all<{ seq: number }>();
    for (const { seq } of results) inLog.add(seq);
  }
  return inLog;
}
