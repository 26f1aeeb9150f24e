/** What is wrong with the archive, for /healthz and alerts. */
import { settingsOf } from "../config/settings.ts";
import { lostFiles } from "../events/archive-schema.ts";
import { sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import { PREFIX } from "./segment-key.ts";
import { FLOOR } from "./segments.ts";
import { daysBefore } from "./work.ts";
import { FIRST_MOVABLE } from "./write.ts";

/** Shorter than that of the whole check, after which nothing would be known. */
const R2_DEADLINE_MS = 1_500;
/** An event that should have moved so long ago is late. */
const LATE_DAYS = 2;

export interface ArchiveHealth {
  /** When the oldest event was recorded that should have moved two days ago; undefined: there is none. */
  readonly lateSinceMs: number | undefined;
  /** How many files are lost, and one of them. */
  readonly lost: { readonly count: number; readonly key: string | null };
  /** Whether R2 answers, where events are archived. */
  readonly isReached: boolean;
}

interface Found {
  readonly floor: number;
  readonly oldest: number | null;
  readonly lost: number;
  readonly lostKey: string | null;
}

/** Reads two rows of D1, and where there is an archive asks R2 once. Throws D1's error. */
export async function archiveHealth(env: Env): Promise<ArchiveHealth> {
  const settings = settingsOf(env);
  const afterDays = settings.ok ? settings.value.archive.afterDays : undefined;
  const query = sql`SELECT ${FLOOR} AS floor, (SELECT at FROM (${FIRST_MOVABLE})) AS oldest,
(SELECT count(*) FROM ${lostFiles}) AS lost, (SELECT min(${lostFiles.key}) FROM ${lostFiles}) AS lostKey`;
  const found = await query.prepare(env.DB).first<Found>();
  const { floor, oldest, lost, lostKey } = found ?? { floor: 0, oldest: null, lost: 0, lostKey: null };
  const isLate = afterDays !== undefined && oldest !== null && oldest < daysBefore(Date.now(), afterDays + LATE_DAYS);
  return {
    lateSinceMs: isLate ? oldest : undefined,
    lost: { count: lost, key: lostKey },
    isReached: (floor === 0 && afterDays === undefined) || (await isAnswering(env.ARCHIVE)),
  };
}

async function isAnswering(bucket: R2Bucket): Promise<boolean> {
  try {
    // There is no such object.
    await withDeadline(bucket.head(PREFIX), R2_DEADLINE_MS, "R2");
    return true;
  } catch {
    return false;
  }
}
