/** Whether events that were read are posted: a retry is as long as it is due. */
import type { Settings } from "../config/settings.ts";
import { EVENT_TYPES } from "../events/event.ts";
import type { EventRow } from "../feed/index.ts";
import { retriesStillDue } from "../retries/index.ts";

/** Rows without the retries that have ended since they were recorded. Throws D1's error. */
export async function postableRows(
  d1: D1Database,
  rows: readonly EventRow[],
  settings: Settings,
): Promise<readonly EventRow[]> {
  const isRetry = ({ type }: EventRow) => type === EVENT_TYPES.retry.id;
  const retries = rows.filter(isRetry).map(({ id }) => id);
  if (retries.length === 0) return rows;
  const due = await retriesStillDue(d1, retries, settings, Date.now());
  return rows.filter((row) => !isRetry(row) || due.has(row.id));
}
