/**
 * Emails and campaigns by their names: a part of the name, whatever its letters' case, or the whole id. A part of a
 * name is in no index, so that the names are read one after the other: they are as many as emails, not as messages.
 * Bounded: MAX_NAMES names of a kind are read, and MAX_FOUND found.
 */
import { foldedPart } from "../events/names.ts";
import { names } from "../events/schema.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { sql } from "../platform/sql.ts";
import type { ReportGrouping } from "./emails.ts";

const MAX_NAMES = 100_000;
const MAX_FOUND = 5_000;

interface Found {
  readonly searched: number;
  readonly found: number;
  /** A JSON array. */
  readonly ids: string;
}

/** There are more names to read, or more that have the part, than `max`. */
export interface TooManyNames {
  readonly tooMany: "names" | "found";
  readonly max: number;
}

/** The ids of those whose name has this part, and this id. Throws D1's error. */
export async function idsNamed(
  d1: D1Database,
  kind: ReportGrouping,
  part: string,
): Promise<Result<readonly string[], TooManyNames>> {
  const isFound = sql`instr(folded, ${foldedPart(part)}) > 0`;
  const query = sql`SELECT count(*) AS searched, count(*) FILTER (WHERE ${isFound}) AS found,
  json_group_array(id) FILTER (WHERE ${isFound}) AS ids
FROM (SELECT ${names.id} AS id, ${names.folded} AS folded FROM ${names}
  WHERE ${names.kind} = ${kind} LIMIT ${MAX_NAMES + 1})`;
  const { searched, found, ids } = (await query.prepare(d1).first<Found>()) ?? { searched: 0, found: 0, ids: "[]" };
  if (searched > MAX_NAMES) return refused({ tooMany: "names", max: MAX_NAMES });
  if (found > MAX_FOUND) return refused({ tooMany: "found", max: MAX_FOUND });
  const named: readonly string[] = JSON.parse(ids);
  return ok([...named, part]);
}
