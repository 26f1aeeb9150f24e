/** Where a time divides the log, its archive included. */
import { segments } from "../events/archive-schema.ts";
import { seqRecordedBefore } from "../events/recorded.ts";
import { everyColumn, sql } from "../platform/sql.ts";
import { rowsBehind } from "./objects.ts";
import { COLUMN } from "./segment-file.ts";
import { FLOOR, type LogStores, type Segment } from "./segments.ts";
import { readUntilSteady } from "./until-steady.ts";

/**
 * A seq that divides the log: events up to it were recorded before `ms`, those behind it at that time or later.
 * @throws the errors of D1 and R2
 */
export async function lastSeqBefore(stores: LogStores, ms: number): Promise<number> {
  return await readUntilSteady(stores.DB, async () => {
    const { seq, segment } = await positionOf(stores.DB, ms);
    return { answer: segment === undefined ? seq : await lastSeqIn(stores, segment, ms) };
  });
}

/** The seq in D1, or the first segment with an event that was recorded at this time or later: they ascend together. */
async function positionOf(d1: D1Database, ms: number) {
  const query = sql`SELECT max(${seqRecordedBefore(ms)}, ${FLOOR}) AS seq, ${everyColumn(segments)}
FROM (SELECT 1) LEFT JOIN ${segments} ON ${segments.first} = (
  SELECT ${segments.first} FROM ${segments} WHERE ${segments.recordedTo} >= ${ms}
  ORDER BY ${segments.recordedTo}, ${segments.first} LIMIT 1)`;
  const found = await query.prepare(d1).first<{ readonly seq: number } & Nullable<Segment>>();
  if (found === null) return { seq: 0, segment: undefined };
  return { seq: found.seq, segment: isSegment(found) ? found : undefined };
}

type Nullable<T> = { readonly [Key in keyof T]: T[Key] | null };

function isSegment(found: Nullable<Segment>): found is Segment {
  return found.first !== null;
}

async function lastSeqIn({ ARCHIVE }: LogStores, segment: Segment, ms: number): Promise<number> {
  const { first, recordedFrom } = segment;
  let last = first - 1;
  if (recordedFrom >= ms) return last;
  for await (const rows of rowsBehind(ARCHIVE, segment, last)) {
    for (const row of rows) {
      if (row[COLUMN.recordedAt] >= ms) return last;
      last = row[COLUMN.seq];
    }
  }
  return last;
}
