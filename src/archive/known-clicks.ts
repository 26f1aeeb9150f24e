/**
 * Clicks that were archived and are delivered again. A click's id is random: nothing else knows that it was in the log.
 * Only those that are old enough are looked for, in the segments of their time.
 */
import { SegmentMissing, segmentFile } from "./objects.ts";
import { idsIn } from "./segment-file.ts";
import { areUnchanged, type LogStores, MIN_AGE_MS, segmentsAround } from "./segments.ts";

/** A click. */
export interface ClickToFind {
  readonly id: string;
  /** When it happened, ms since 1970 UTC. */
  readonly atMs: number;
}

/** The clock of the isolate that recorded a click may have been behind D1's by so much. */
const MARGIN_MS = 3_600_000;
const MAX_TRIES = 5;

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
  for (let tries = 1; ; tries++) {
    try {
      return await foundIn(stores, old);
    } catch (error) {
      if (!(error instanceof SegmentMissing) || tries === MAX_TRIES) throw error;
    }
  }
}

async function foundIn(stores: LogStores, clicks: readonly ClickToFind[]): Promise<ReadonlySet<string>> {
  const around = await segmentsAround(
    stores.DB,
    clicks.map(({ atMs }) => atMs),
  );
  const found = new Set<string>();
  for (const segment of around) {
    const { earliest, latest } = segment;
    const ids = clicks.filter(({ atMs }) => atMs >= earliest && atMs <= latest).map(({ id }) => id);
    const file = ids.length === 0 ? undefined : await segmentFile(stores.ARCHIVE, segment);
    if (file !== undefined) for (const id of await idsIn(file, ids)) found.add(id);
  }
  // One that is rewritten meanwhile has the same clicks, but for those that were erased.
  if (!(await areUnchanged(stores.DB, around))) throw new SegmentMissing("segments were rewritten meanwhile");
  return found;
}
