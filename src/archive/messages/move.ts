/**
 * Moves the rows of messages to which nothing has happened for long from `message_stats` into message files. Guarantees
 * that each message is at every moment in D1 or in one noted file, and that the totals are those of the messages in
 * files: one transaction compares the rows with what was written, counts and deletes them and notes the file. It
 * changes nothing when a row has changed meanwhile. A death before it leaves an object that nobody reads.
 */
import { messageFiles, messageFilters, messageScan, recalledMessages } from "../../events/archive-schema.ts";
import { mailings } from "../../events/mailing-schema.ts";
import { erasures } from "../../events/privacy-schema.ts";
import { earlierSeqs, messageStats } from "../../events/schema.ts";
import { DAY_MS } from "../../platform/durations.ts";
import { assign, columnNames, readBatch, runBatch, type Sql, sql } from "../../platform/sql.ts";
import type { Message } from "../../tokens/claims.ts";
import { isPseudonym } from "../../tokens/pseudonym.ts";
import { lastSeqBefore } from "../recorded.ts";
import type { LogStores } from "../segments.ts";
import { changeArchive } from "../transaction.ts";
import { deleteObject } from "../verified.ts";
import { areAsRead, leave, type StatementsForLeaving } from "./leaving.ts";
import { withoutLost } from "./lost.ts";
import { FILED_COLUMNS, type FiledMessage, lastSeqOf, type MessageFile, writeMessageFile } from "./message-file.ts";
import { filterChunks } from "./message-filter.ts";
import { messageFileKey } from "./message-key.ts";

/** A scan of `message_stats` begins so long after the one before. */
const SCAN_EVERY_MS = 7 * DAY_MS;
/** Messages that a query looks at, and of which it answers those that are quiet. */
const LOOKED_AT = 5_000;
/** A file is written once it has so many messages, or characters. */
const ENOUGH_MESSAGES = 20_000;
const ENOUGH_CHARS = 5_000_000;
/** A message with more rows of `earlier_seqs`, 250 events each, stays in D1. */
const MAX_EARLIER = 20;

const FIRST_KEY: Message = { email: "", campaign: "", person: "" };

/** A stretch of `message_stats`. */
interface Slice {
  readonly quiet: readonly FiledMessage[];
  /** The last message that was looked at; undefined: there is none behind it. */
  readonly last: Message | undefined;
}

/**
 * Works on the scan under way, or begins one when it is time, until `untilMs`.
 * @param quietSinceMs messages move whose last event was recorded before
 * @param deletionsWith what `leave` takes
 * @returns how many messages were moved
 * @throws the errors of D1 and R2
 */
export async function moveMessages(
  stores: LogStores,
  quietSinceMs: number,
  untilMs: number,
  deletionsWith: StatementsForLeaving,
): Promise<number> {
  let quietTo: number | undefined;
  let moved = 0;
  while (Date.now() < untilMs) {
    const after = await positionOfScan(stores.DB, Date.now());
    if (after === undefined) break;
    quietTo ??= await lastSeqBefore(stores, quietSinceMs);
    const slice = await sliceAfter(stores.DB, after, { quietTo, quietSinceMs }, untilMs);
    if (slice.quiet.length === 0) {
      await noteCursor(slice.last, sql`true`).prepare(stores.DB).run();
      continue;
    }
    // Something has changed meanwhile: the slice is read again in a minute.
    if (!(await moveSlice(stores, slice, deletionsWith))) break;
    moved += slice.quiet.length;
  }
  return moved;
}

/** The message behind which the scan goes on; undefined: it has ended, and the next one is not due. */
async function positionOfScan(d1: D1Database, nowMs: number): Promise<Message | undefined> {
  const { startedAt, cursor } = messageScan;
  const query = sql`SELECT ${startedAt} AS startedAt, ${cursor} AS cursor FROM ${messageScan}`;
  const scan = await query.prepare(d1).first<typeof messageScan.$inferSelect>();
  if (scan !== null && scan.cursor !== null) return JSON.parse(scan.cursor) as Message;
  // One that began in the future did so by a clock that was ahead.
  if (scan !== null && scan.startedAt <= nowMs && scan.startedAt > nowMs - SCAN_EVERY_MS) return undefined;
  const isSame = sql`NOT EXISTS (SELECT 1 FROM ${messageScan} WHERE ${startedAt} <> ${scan?.startedAt ?? 0})`;
  await runBatch(d1, [
    sql`DELETE FROM ${messageScan} WHERE ${startedAt} = ${scan?.startedAt ?? 0}`,
    sql`INSERT INTO ${messageScan} (${columnNames(startedAt, cursor)})
SELECT ${nowMs}, ${JSON.stringify(FIRST_KEY)} WHERE ${isSame}`,
  ]);
  return FIRST_KEY;
}

/** What quiet messages are: they have no event behind a seq, or none was sent at a time or later. */
interface Quiet {
  readonly quietTo: number;
  readonly quietSinceMs: number;
}

async function sliceAfter(
  d1: D1Database,
  start: Message,
  { quietTo, quietSinceMs }: Quiet,
  untilMs: number,
): Promise<Slice> {
  const quiet: FiledMessage[] = [];
  let chars = 0;
  for (let after = start; ; ) {
    const { email, campaign, person, since, seqs } = messageStats;
    const key = sql`(${email}, ${campaign}, ${person})`;
    const isAfter = sql`${key} > (${after.email}, ${after.campaign}, ${after.person})`;
    const order = sql`ORDER BY ${email}, ${campaign}, ${person}`;
    const looked = sql`SELECT * FROM ${messageStats} WHERE ${isAfter} ${order} LIMIT ${LOOKED_AT}`;
    // Only D1 knows when a person's message without an event is too old; a pseudonym's never is.
    const isQuiet = sql`coalesce(${seqs}->>'$[#-1]', iif(${person} LIKE '~%', 0, NULL)) <= ${quietTo}
AND ${since} < ${quietSinceMs}
AND NOT EXISTS (SELECT 1 FROM ${erasures}
  WHERE ${erasures.doneAt} IS NULL AND ${erasures.pseudonym} = ${person})
AND NOT EXISTS (SELECT 1 FROM ${recalledMessages}
  WHERE (${recalledMessages.email}, ${recalledMessages.campaign}, ${recalledMessages.person}) = ${key})
AND NOT EXISTS (SELECT 1 FROM ${mailings}
  WHERE ${mailings.email} = ${email} AND ${mailings.campaign} = ${campaign} AND ${mailings.isStale})
AND ${MAX_EARLIER} >= (SELECT count(*) FROM ${earlierSeqs}
  WHERE (${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person}) = ${key})`;
    const [rows, [last]] = await readBatch<[FiledMessage, Message]>(d1, [
      sql`SELECT ${FILED_COLUMNS} FROM (${looked}) AS ${messageStats} WHERE ${isQuiet} ${order}`,
      sql`SELECT ${email} AS email, ${campaign} AS campaign, ${person} AS person FROM ${messageStats}
WHERE ${isAfter} ${order} LIMIT 1 OFFSET ${LOOKED_AT - 1}`,
    ]);
    quiet.push(...(await withoutLost(d1, rows)));
    chars += rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0);
    const isEnough = quiet.length >= ENOUGH_MESSAGES || chars >= ENOUGH_CHARS || Date.now() >= untilMs;
    if (last === undefined || isEnough) return { quiet, last };
    after = last;
  }
}

/** The statement that notes how far the scan is. */
function noteCursor(last: Message | undefined, condition: Sql): Sql {
  const cursor = last === undefined ? null : JSON.stringify(last);
  return sql`UPDATE ${messageScan} SET ${assign(messageScan, { cursor })} WHERE ${condition}`;
}

/** The id of the next file: one that no file has had, but where D1 was restored to an earlier time. */
const NEXT_ID = sql`SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'message_files'), 0) + 1 AS id`;

async function moveSlice(
  stores: LogStores,
  { quiet, last }: Slice,
  deletionsWith: StatementsForLeaving,
): Promise<boolean> {
  const { DB, ARCHIVE } = stores;
  const id = (await NEXT_ID.prepare(DB).first<number>("id")) ?? 1;
  const named = { id, fileToken: crypto.randomUUID(), version: 1 };
  const written = await writeMessageFile(ARCHIVE, named, { messages: quiet, left: [] });
  const filter = filterChunks(quiet);
  const facts = { rows: quiet.length, ...written, ...boundsOf(quiet), chunks: filter.length };
  const isAsRead = sql`(${NEXT_ID}) = ${named.id} AND ${areAsRead(quiet)}`;
  const isMoved = await changeArchive(DB, isAsRead, (isOurs) => [
    ...leave(quiet, isOurs, deletionsWith),
    noteFile({ ...named, ...facts, restoredTo: null, dropAt: null }, isOurs),
    noteFilter(named.id, filter, isOurs),
    noteCursor(last, isOurs),
  ]);
  if (isMoved) return true;
  await deleteObject(ARCHIVE, messageFileKey({ ...named, ...written }));
  return false;
}

/** What of its messages D1 notes of a file. */
export function boundsOf(messages: readonly FiledMessage[]) {
  const emails = messages.map(({ email }) => email).toSorted();
  const seqs = messages.filter(({ person }) => !isPseudonym(person)).flatMap((message) => lastSeqOf(message) ?? []);
  return {
    firstEmail: emails[0] ?? "",
    lastEmail: emails.at(-1) ?? "",
    // A pseudonym names nobody: those messages stay.
    oldestSeq: seqs.reduce((one, other) => Math.min(one, other), Number.MAX_SAFE_INTEGER),
  };
}

function noteFile(file: MessageFile, condition: Sql): Sql {
  const { id, fileToken, version, token, etag, rows, bytes, firstEmail, lastEmail, oldestSeq, chunks } = messageFiles;
  return sql`INSERT INTO ${messageFiles}
(${columnNames(id, fileToken, version, token, etag, rows, bytes, firstEmail, lastEmail, oldestSeq, chunks)})
SELECT ${file.id}, ${file.fileToken}, ${file.version}, ${file.token}, ${file.etag}, ${file.rows}, ${file.bytes},
${file.firstEmail}, ${file.lastEmail}, ${file.oldestSeq}, ${file.chunks} WHERE ${condition}`;
}

function noteFilter(file: number, chunks: readonly string[], condition: Sql): Sql {
  const { chunk, bits } = messageFilters;
  return sql`INSERT INTO ${messageFilters} (${columnNames(messageFilters.file, chunk, bits)})
SELECT ${file}, key, unhex(value) FROM json_each(${JSON.stringify(chunks)}) WHERE ${condition}`;
}
