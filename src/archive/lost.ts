/**
 * Lost files are looked for, and what was made for lack of them is put right once they are back: once their objects are
 * those that D1 notes, and can be decoded.
 */
import { lostFiles, segments } from "../events/archive-schema.ts";
import { logger } from "../platform/logger.ts";
import { everyColumn, sql } from "../platform/sql.ts";
import { segmentFault } from "./check.ts";
import { endLossOfFile } from "./messages/lost.ts";
import { parsedFileKey } from "./messages/message-key.ts";
import { parsedKey, segmentKey } from "./segment-key.ts";
import type { LogStores, Segment } from "./segments.ts";

/** That one run looks for at most. */
const AT_A_TIME = 20;

/**
 * Looks for some of the lost files, one at least, until `untilMs`. A message file that is back
 * gets its messages back, too, of which D1 has made others meanwhile.
 * @throws D1's error
 */
export async function lookForLost(stores: LogStores, untilMs: number): Promise<void> {
  const { key } = lostFiles;
  const query = sql`SELECT ${key} FROM ${lostFiles} ORDER BY random() LIMIT ${AT_A_TIME}`;
  const { results } = await query.prepare(stores.DB).all<{ key: string }>();
  for (const lost of results) {
    await lookFor(stores, lost.key, untilMs);
    if (Date.now() >= untilMs) return;
  }
}

async function lookFor(stores: LogStores, key: string, untilMs: number): Promise<void> {
  try {
    if (parsedFileKey(key) !== undefined) return await endLossOfFile(stores, key, untilMs);
    if (await isSegmentLost(stores, key)) return;
    await sql`DELETE FROM ${lostFiles} WHERE ${lostFiles.key} = ${key}`.prepare(stores.DB).run();
  } catch (error) {
    logger.error("a lost file of the archive could not be looked for", { key, error });
  }
}

async function isSegmentLost({ DB, ARCHIVE }: LogStores, key: string): Promise<boolean> {
  const query = sql`SELECT ${everyColumn(segments)} FROM ${segments}
WHERE ${segments.first} = ${parsedKey(key)?.first ?? 0} AND ${segments.rows} > 0`;
  const noted = await query.prepare(DB).first<Segment>();
  if (noted === null || segmentKey(noted) !== key) return false;
  return (await segmentFault(ARCHIVE, noted, true)) !== undefined;
}
