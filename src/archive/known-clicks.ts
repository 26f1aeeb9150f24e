/**
 * Clicks that were archived and are delivered again. A click's id is random: nothing else knows that it was in the log.
 * Only those that are old enough are looked for, in the segments of their time.
 */
import { HOUR_MS } from "../platform/durations.ts";
import { segmentIds } from "./objects.ts";
import { areUnchanged, type LogStores, MIN_AGE_MS, segmentsAround } from "./segments.ts";
import { readUntilSteady } from "./until-steady.ts";

/** A click. */
export interface ClickToFind {
  readonly id: string;
  /** When it happened, ms since 1970 UTC. */
  readonly atMs: number;
}

/** The clock of the isolate that recorded a click may have been behind D1's by so much. */
const MARGIN_MS = HOUR_MS;

/** Whether a click that happened then may be archived. */
export function mayBeArchived(atMs: number, nowMs: number): boolean {
  return atMs < nowMs - MIN_AGE_MS + MARGIN_MS;
}

/**
 * The ids of those clicks that are archived.
 * @throws the errors of D1 and R2
 */
export async function archivedClicks(
  stores: LogStores,
  clicks: readonly ClickToFind[],
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const old = clicks.filter(({ atMs }) => mayBeArchived(atMs, nowMs));
  if (old.length === 0) return new Set();
  return await readUntilSteady(stores.DB, () => foundIn(stores, old));
}

/** Undefined when a segment was rewritten meanwhile. */
async function foundIn(stores: LogStores, clicks: readonly ClickToFind[]) {
  const around = await segmentsAround(
    stores.DB,
    clicks.map(({ atMs }) => atMs),
  );
  const found = new Set<string>();
  for (const segment of around) {
    const { earliest, latest } = segment;
    const ids = clicks.filter(({ atMs }) => atMs >= earliest && atMs <= latest).map(({ id }) => id);
    for (const id of await segmentIds(stores.ARCHIVE, segment, ids)) found.add(id);
  }
  const answer: ReadonlySet<string> = found;
  return (await areUnchanged(stores.DB, around)) ? { answer } : undefined;
}
