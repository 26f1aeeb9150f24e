/**
 * Inserts a simulated mailing into the log, aggregates it minute by minute, and says how well bots were distinguished
 * from people.
 */
import { env } from "cloudflare:workers";
import type { BotPolicy } from "../../src/bots/bot.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { type Mailing, truthKey } from "./simulated-mailing.ts";

const MINUTE = 60_000;
/** After that an hour's arrivals are aggregated at once: bursts are over by then, and it is quicker. */
const MINUTES_ONE_BY_ONE = 40;
const ROWS_AN_INSERT = 2_000;

export interface Classified {
  /** The share of bots' events among the marked events. */
  readonly precision: number;
  /** The share of marked events among the bots' events. */
  readonly recall: number;
  readonly bots: number;
  readonly people: number;
  /** People's events that are marked. */
  readonly peopleMarked: number;
  /** How many people opened, loading the image; and of those messages the ones whose Opened is a person's. */
  readonly openers: number;
  readonly openersKept: number;
  /** By kind of visitor, in alphabetical order: events, and those that are marked. */
  readonly kinds: Readonly<Record<string, { readonly events: number; readonly marked: number }>>;
  /** Events marked by aggregation, and the rows that D1 wrote to give them their new seqs. */
  readonly written: { readonly marked: number; readonly rows: number };
}

interface Row {
  readonly id: string;
  readonly type: number;
  readonly at: number;
  readonly person: string;
  readonly is_bot: number;
}

/** The log has to be empty. */
export async function classifiedMailing(
  d1: D1Database,
  { arrivals, truth }: Mailing,
  policy: BotPolicy,
): Promise<Classified> {
  const firstMs = arrivals[0]?.arrivesMs ?? 0;
  const written = { marked: 0, rows: 0 };
  const counted = counting(d1, written);
  let waiting: string[] = [];
  let batch = 0;
  const aggregate = async () => {
    for (let from = 0; from < waiting.length; from += ROWS_AN_INSERT)
      await insertGroups({ DB: d1, ARCHIVE: env.ARCHIVE }, [groupOf(waiting.slice(from, from + ROWS_AN_INSERT))]);
    waiting = [];
    await aggregateLog({ ...env, DB: counted }, policy, Number.POSITIVE_INFINITY);
  };
  for (const { arrivesMs, row } of arrivals) {
    const minute = Math.floor((arrivesMs - firstMs) / MINUTE);
    const now = minute < MINUTES_ONE_BY_ONE ? minute : MINUTES_ONE_BY_ONE + Math.floor(minute / 60);
    if (now !== batch) await aggregate();
    batch = now;
    waiting.push(row);
  }
  await aggregate();
  return await compareWithTruth(d1, truth, written);
}

/** D1, which counts the rows that reclassification writes. */
function counting(d1: D1Database, written: { marked: number; rows: number }): D1Database {
  const moves = new WeakSet<D1PreparedStatement>();
  const prepare = (query: string) => {
    const statement = d1.prepare(query);
    if (!query.startsWith("REPLACE")) return statement;
    const bind = (...values: unknown[]) => {
      const bound = statement.bind(...values);
      moves.add(bound);
      return bound;
    };
    return { bind };
  };
  const batch = async (statements: D1PreparedStatement[]) => {
    const results = await d1.batch(statements);
    for (const [index, { meta }] of results.entries()) {
      const statement = statements[index];
      if (statement === undefined || !moves.has(statement)) continue;
      written.marked += meta.changes;
      written.rows += meta.rows_written;
    }
    return results;
  };
  return { prepare, batch } as unknown as D1Database;
}

async function compareWithTruth(
  d1: D1Database,
  truth: Mailing["truth"],
  written: Classified["written"],
): Promise<Classified> {
  const { results } = await d1
    .prepare("SELECT id, type, at, person, is_bot FROM events WHERE type IN (10, 11)")
    .all<Row>();
  const known = results.flatMap((row) => {
    const visit = truth.get(truthKey(row.id, row.at));
    if (visit === undefined) return [];
    const what = row.type === 10 ? "open" : "click";
    return [{ ...row, by: visit.by, kind: `${visit.kind}, ${what}`, isMarked: row.is_bot === 1 }];
  });
  const count = (by: string, isMarked: boolean) =>
    known.filter((row) => row.by === by && row.isMarked === isMarked).length;
  const caught = count("bot", true);
  const missed = count("bot", false);
  const peopleMarked = count("person", true);
  const openedByPeople = new Set(
    [...truth].flatMap(([key, { by }]) => (by === "person" && key.startsWith("o") ? [key.split(" ")[0]] : [])),
  );
  const kept = known.filter(
    ({ id, type, by, isMarked }) => type === 10 && by === "person" && !isMarked && openedByPeople.has(id),
  );
  const kinds = [...Map.groupBy(known, ({ kind }) => kind)].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    precision: caught / (caught + peopleMarked),
    recall: caught / (caught + missed),
    bots: caught + missed,
    people: peopleMarked + count("person", false),
    peopleMarked,
    openers: openedByPeople.size,
    openersKept: kept.length,
    kinds: Object.fromEntries(
      kinds.map(([kind, all]) => [kind, { events: all.length, marked: all.filter(({ isMarked }) => isMarked).length }]),
    ),
    written,
  };
}
