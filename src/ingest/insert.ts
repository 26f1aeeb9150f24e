/**
 * Rows into D1. Guarantees that each is there once: a row whose id exists adds nothing, except an Opened, whose load of
 * the pixel is added to those of the stored row (open-rows.ts); a group that is unique by its first row adds nothing
 * when that one exists.
 */
import {
  archivedClicks,
  inOneEdition,
  isFileLost,
  type LogStores,
  mayBeArchived,
  recallForRows,
  requireEdition,
} from "../archive/index.ts";
import { EVENT_TYPES } from "../events/event.ts";
import type { PixelLoad } from "../events/pixel-loads.ts";
import { RECORDED_NOW } from "../events/recorded.ts";
import { type NamedRow, namedRow, ROW_COLUMNS } from "../events/row.ts";
import { events } from "../events/schema.ts";
import { isRejectedRow, retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { isOneOf, Sql, sql } from "../platform/sql.ts";
import { INSERT_DEADLINE_MS, withDeadline } from "../platform/timeout.ts";
import { addLoads } from "./open-rows.ts";
import type { RowGroup } from "./row-group.ts";

/**
 * One statement with one parameter, because D1 binds at most 100. Each row becomes JSONB once: `->>` on text would
 * parse it again for every column, which takes twice the time.
 */
const INSERT_ALL = `WITH rows AS MATERIALIZED (SELECT jsonb(value) AS columns FROM json_each(?1))
INSERT INTO events (recorded_at, ${ROW_COLUMNS.join(", ")})
SELECT ${Sql.textOf(RECORDED_NOW, new Map())}, ${ROW_COLUMNS.map((_, index) => `columns->>${index}`).join(", ")}
FROM rows WHERE true`;
const INSERT_NEW = `${INSERT_ALL} ON CONFLICT DO NOTHING`;

/** The statement that inserts those rows of a JSON array whose ids are new. */
export function insertStatement(d1: D1Database, rows: string): D1PreparedStatement {
  return d1.prepare(INSERT_NEW).bind(rows);
}

/**
 * The statements that insert rows, for a transaction; none without rows.
 * @param groups rows as the inside of a JSON array: `[…],[…]`
 */
export function insertStatements(d1: D1Database, groups: readonly string[]): D1PreparedStatement[] {
  return jsonArrays(groups).map((rows) => insertStatement(d1, rows));
}

/**
 * Whether D1 will never accept these rows as things are. Among them are old clicks of a time whose file of the archive
 * is lost: they may be in it, and would wait for it, with all that is delivered with them.
 */
export function isUnacceptable(error: unknown): boolean {
  return isRejectedRow(error) || isFileLost(error);
}

/**
 * Inserts groups, all or none of them, and then adds the loads of opens that were known. Trying again is harmless.
 * @throws D1's error when they may not be inserted, or loads not added; also after 30 s
 */
export async function insertGroups(stores: LogStores, groups: readonly RowGroup[]): Promise<void> {
  await withDeadline(insertAndAddLoads(stores, groups), INSERT_DEADLINE_MS, "D1");
}

async function insertAndAddLoads(stores: LogStores, groups: readonly RowGroup[]): Promise<void> {
  const { DB: d1 } = stores;
  const each = jsonArrays(groups.flatMap(({ rows, unique }) => (unique === "each" ? rows : [])));
  // A leader that was only slow sends its group a second time.
  const clicks = [...new Set(groups.flatMap(({ rows, unique }) => (unique === "first" ? rows : [])))];
  const nowMs = Date.now();
  const old = clicks.filter((rows) => mayBeArchived(firstTimeIn(rows), nowMs));
  // Nearly all groups are of clicks that have just happened.
  if (each.length + old.length === 0) return void (await insertUnknown(d1, [], [], clicks));
  await inOneEdition(d1, async (edition) => {
    for (const rows of each) await recallForRows(stores, rows, edition);
    const known = await archivedAmong(stores, old, nowMs);
    const whole = clicks.filter((rows) => !known.has(firstIdIn(rows)));
    const [, ...results] = await insertUnknown(d1, [requireEdition(edition)], each, whole);
    const loads = new Map<string, PixelLoad[]>();
    for (const [index, rows] of each.entries()) collectKnownLoads(rows, results[index]?.meta.changes ?? 0, loads);
    if (loads.size > 0) await addLoads(d1, loads, edition);
  });
}

/**
 * Inserts rows of `each` that are new, and groups of `whole` that are, behind other statements. Whether a group is
 * known is asked only when the insert has failed, as nearly all are new.
 */
async function insertUnknown(
  d1: D1Database,
  first: readonly Sql[],
  each: readonly string[],
  whole: readonly string[],
): Promise<readonly D1Result[]> {
  const statements = [
    ...first.map((statement) => statement.prepare(d1)),
    ...each.map((rows) => insertStatement(d1, rows)),
    ...jsonArrays(whole).map((rows) => d1.prepare(INSERT_ALL).bind(rows)),
  ];
  const [only] = statements;
  if (only === undefined) return [];
  try {
    return await retryOnce<readonly D1Result[]>(async () =>
      statements.length === 1 ? [await only.run()] : await d1.batch(statements),
    );
  } catch (error) {
    const unknown = isRejectedRow(error) && whole.length > 0 ? await withoutKnown(d1, whole) : whole;
    if (unknown.length === whole.length) throw error;
    return await insertUnknown(d1, first, each, unknown);
  }
}

/** Those of the groups whose first row is not in the log. A group that is no JSON counts as unknown. */
async function withoutKnown(d1: D1Database, groups: readonly string[]): Promise<readonly string[]> {
  const ids = groups.map(firstIdIn);
  const query = sql`SELECT ${events.id} FROM ${events} WHERE ${isOneOf(events.uniqueId, ids)}`;
  const known = new Set((await query.prepare(d1).all<{ id: string }>()).results.map(({ id }) => id));
  return groups.filter((_, index) => !known.has(ids[index] ?? ""));
}

/** The first ids of those groups of clicks that are in the archive. */
async function archivedAmong(
  stores: LogStores,
  groups: readonly string[],
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const clicks = groups.map((rows) => ({ id: firstIdIn(rows), atMs: firstTimeIn(rows) }));
  return await archivedClicks(stores, clicks, nowMs);
}

/** When the first row's click happened. NaN, and so never old, of what is no row. */
function firstTimeIn(rows: string): number {
  return Number(FIRST_TIME.exec(rows)?.groups?.at);
}

const FIRST_TIME = /^\["[^"]*",\d+,(?<at>\d+),/u;

/** The id of the first row, which its text begins with. */
function firstIdIn(rows: string): string {
  return rows.slice(FIRST_ID_AT, rows.indexOf('"', FIRST_ID_AT));
}

const FIRST_ID_AT = '["'.length;

/** The type of an Opened in the text of its row, behind the id. */
const OPENED_TYPE = `",${EVENT_TYPES.opened.id},`;

/** Adds the loads of the rows' opens to `loads`, by the open's id; none when all rows were inserted. */
function collectKnownLoads(rows: string, inserted: number, loads: Map<string, PixelLoad[]>): void {
  // Most batches hold no open, and need not be parsed.
  if (!rows.includes(OPENED_TYPE)) return;
  const parsed: readonly (readonly unknown[])[] = JSON.parse(rows);
  if (inserted >= parsed.length) return;
  for (const row of parsed.map(namedRow)) {
    if (row.type !== EVENT_TYPES.opened.id) continue;
    const id = String(row.id);
    const known = loads.get(id);
    if (known === undefined) loads.set(id, [loadOf(row)]);
    else known.push(loadOf(row));
  }
}

function loadOf({ at, campaign, user_agent, is_bot, bot_pattern }: NamedRow): PixelLoad {
  return {
    at: Number(at),
    campaign: String(campaign),
    userAgent: user_agent === null ? null : String(user_agent),
    ...(is_bot === 1 ? { bot: String(bot_pattern ?? "") } : {}),
  };
}
