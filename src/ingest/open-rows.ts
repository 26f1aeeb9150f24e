/**
 * Opened rows whose loads change. Guarantees that no change is lost: a row is written only when it is still as it was
 * read. It moves to the end of the log, under a new seq, when its columns change or when a message turns out to have
 * been loaded earlier, so that readers and statistics see it again; another load of a person's is added in its place.
 */
import type { Column } from "drizzle-orm";
import { type Edition, noteChangeOf, requireEdition } from "../archive/index.ts";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { loadsOf, mergedLoads, type OpenedColumns, openedColumns, type PixelLoad } from "../events/pixel-loads.ts";
import { RECORDED_NOW } from "../events/recorded.ts";
import { events } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { columnName, columnNames, joined, runBatch, type Sql, sql } from "../platform/sql.ts";

/** An Opened's row, as far as its loads decide it. */
export interface OpenRow extends OpenedColumns {
  readonly seq: number;
  readonly id: string;
  readonly email: string;
  readonly person: string;
}

/** A row as it is and as it shall be. */
export interface OpenChange {
  readonly before: OpenRow;
  readonly after: OpenedColumns;
}

/** A row that others changed since it was read is read again; more than a few at the same time are not expected. */
const MAX_TRIES = 5;

/**
 * Adds loads to stored rows. Trying again is harmless.
 * @param loads by the id of the Opened
 * @param edition the one in which these rows were found in D1
 * @throws D1's error, also when the archive has changed since, or when others have changed the rows all the time
 */
export async function addLoads(
  d1: D1Database,
  loads: ReadonlyMap<string, readonly PixelLoad[]>,
  edition: Edition,
): Promise<void> {
  const first = requireEdition(edition);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const query = selectOpenRows(events.uniqueId, [...loads.keys()]);
    const [, found] = await retryOnce(() => runBatch<OpenRow>(d1, [first, query]));
    const rows = found?.results ?? [];
    const changes = rows.flatMap((row) => changeOf(row, mergedLoads(loadsOf(row), loads.get(row.id) ?? [])));
    if (changes.length === 0) return;
    const writes = writeOpenRows(changes, sql`true`);
    const results = await retryOnce(() => runBatch(d1, [first, ...writes, ...noteChanges(changes, sql`true`)]));
    const written = results.slice(1, 1 + writes.length).reduce((sum, { meta }) => sum + meta.changes, 0);
    if (written === changes.length) return;
  }
  throw new Error("the rows of opens changed all the time");
}

/** The Opened rows with these ids or seqs. */
export async function openRowsWhere(
  d1: D1Database,
  column: typeof events.uniqueId | typeof events.seq,
  values: readonly (string | number)[],
): Promise<readonly OpenRow[]> {
  return (await selectOpenRows(column, values).prepare(d1).all<OpenRow>()).results;
}

function selectOpenRows(column: typeof events.uniqueId | typeof events.seq, values: readonly (string | number)[]): Sql {
  return sql`SELECT ${events.seq}, ${events.id}, ${events.email}, ${events.person}, ${events.type}, ${events.at},
  ${events.campaign}, ${events.userAgent} AS userAgent, ${events.isBot} AS isBot, ${events.botPattern} AS botPattern,
  ${events.detail}
  FROM json_each(${JSON.stringify(values)}) CROSS JOIN ${events} ON ${column} = value`;
}

/** The change to a row that gets these loads, in their order; none when it has them. */
export function changeOf(before: OpenRow, loads: readonly PixelLoad[]): OpenChange[] {
  const [first, ...others] = loads;
  if (first === undefined) return [];
  const after = retracted(before, openedColumns([first, ...others]));
  return isSameRow(before, after) && before.detail === after.detail ? [] : [{ before, after }];
}

/**
 * A row that was shown, and is not any more, says so, for readers of the feed. It keeps the time and the campaign that
 * it was shown with, so that it passes the filters by which it was read.
 */
function retracted(before: OpenRow, after: OpenedColumns): OpenedColumns {
  if (after.type !== FILTERED_TYPE_ID) return after;
  const known = JSON.parse(before.detail ?? "{}") as { readonly retracted?: number };
  const type = before.type === FILTERED_TYPE_ID ? known.retracted : before.type;
  if (type === undefined) return after;
  const { at, campaign } = before;
  return { ...after, at, campaign, detail: JSON.stringify({ ...JSON.parse(after.detail ?? "{}"), retracted: type }) };
}

/** Whether a changed row gets a new seq. */
export function isMoved({ before, after }: OpenChange): boolean {
  if (after.type === FILTERED_TYPE_ID) return before.type !== FILTERED_TYPE_ID;
  const earliest = earliestByCampaign(before);
  const isEarlier = [...earliestByCampaign(after)].some(([campaign, at]) => earliest.get(campaign) !== at);
  return isEarlier || !isSameRow(before, after);
}

/** Statements for a transaction, which write changes where `condition` holds and the rows are as they were read. */
export function writeOpenRows(changes: readonly OpenChange[], condition: Sql): Sql[] {
  const { id, type, at, email, person, campaign, userAgent, isBot, botPattern, detail } = events;
  const written = [type, at, campaign, userAgent, isBot, botPattern, detail];
  const value = (column: Column) => sql`value->>${column.name}`;
  const isUnchanged = sql`${detail} IS value->>'before' AND ${condition}`;
  const moved = jsonArrays(changes.filter(isMoved).map(entryOf)).map(
    (entries) => sql`REPLACE INTO ${events} (${columnNames(events.recordedAt, id, email, person, ...written)})
SELECT ${RECORDED_NOW}, ${id}, ${email}, ${person}, ${joined(written.map(value))}
FROM json_each(${entries}) CROSS JOIN ${events} ON ${events.seq} = value->>'seq'
WHERE ${isUnchanged} ORDER BY ${events.seq}`,
  );
  const assignments = joined(written.map((column) => sql`${columnName(column)} = ${value(column)}`));
  const inPlace = jsonArrays(changes.filter((change) => !isMoved(change)).map(entryOf)).map(
    (entries) => sql`UPDATE ${events} SET ${assignments}
FROM json_each(${entries}) WHERE ${events.seq} = value->>'seq' AND ${isUnchanged}`,
  );
  return [...moved, ...inPlace];
}

/**
 * Statements that note for the archive that rows were changed under their seqs, where `condition` holds. Rows that are
 * too young for it need no note.
 */
export function noteChanges(changes: readonly OpenChange[], condition: Sql): Sql[] {
  const inPlace = changes.filter((change) => !isMoved(change)).map(({ before: { seq } }) => String(seq));
  return jsonArrays(inPlace).map((seqs) => noteChangeOf(seqs, condition));
}

function entryOf({ before, after }: OpenChange): string {
  const { type, at, campaign, userAgent, isBot, botPattern, detail } = after;
  const columns = { type, at, campaign, user_agent: userAgent, is_bot: isBot, bot_pattern: botPattern, detail };
  return JSON.stringify({ seq: before.seq, before: before.detail, ...columns });
}

function isSameRow(one: OpenedColumns, other: OpenedColumns): boolean {
  return (
    one.type === other.type &&
    one.at === other.at &&
    one.campaign === other.campaign &&
    one.userAgent === other.userAgent &&
    one.isBot === other.isBot &&
    one.botPattern === other.botPattern
  );
}

function earliestByCampaign(row: OpenedColumns): ReadonlyMap<string, number> {
  // They are in the order of time, so that the first of a campaign is set last.
  return new Map(
    loadsOf(row)
      .toReversed()
      .map(({ campaign, at }) => [campaign, at]),
  );
}
