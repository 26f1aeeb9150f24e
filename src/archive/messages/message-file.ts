/**
 * Message files: rows of `message_stats` as Parquet, each with its rows of `earlier_seqs`. Guarantees that what is read
 * is the object that D1 notes: by its name, which no other version has, and by its etag.
 */
import QuickLRU from "quick-lru";
import { messageFiles } from "../../events/archive-schema.ts";
import { messageStats } from "../../events/schema.ts";
import { ok, type Result, refused } from "../../platform/result.ts";
import { namedAs, type Sql, sql } from "../../platform/sql.ts";
import { withDeadline } from "../../platform/timeout.ts";
import type { Message } from "../../tokens/claims.ts";
import type { FileLoss } from "../file-lost.ts";
import { decodedRows, encodeRows, openFile, type ParquetColumn, rowCount } from "../parquet.ts";
import { putAndReadBack } from "../verified.ts";
import { messageFileKey, type NamedFile } from "./message-key.ts";

/** A row of `message_files`. */
export type MessageFile = typeof messageFiles.$inferSelect;

/** A message in a file: its row of `message_stats`, and its rows of `earlier_seqs`. */
export interface FiledMessage extends Message {
  /** When it was sent, ms since 1970 UTC. */
  readonly since: number;
  readonly flags: number;
  /** ms since 1970 UTC. */
  readonly outcomeAt: number | null;
  /** JSON, as in `message_stats`, like `recent` and `seqs`. */
  readonly clicks: string | null;
  readonly botClicks: number;
  readonly recent: string | null;
  readonly seqs: string | null;
  /** JSON: an array of [last, seqs] of each row of `earlier_seqs`; null without any. */
  readonly earlier: string | null;
}

/** A message that has left its file. Its object keeps it for a while, in case D1 is restored to an earlier time. */
export interface LeftMessage extends FiledMessage {
  /** The first version that it is not in. */
  readonly leftIn: number;
  /** ms since 1970 UTC. */
  readonly leftAt: number;
}

/** What an object holds. */
export interface FileContent {
  readonly messages: readonly FiledMessage[];
  readonly left: readonly LeftMessage[];
}

const COLUMNS = [
  { of: "email", name: "email", type: "STRING" },
  { of: "campaign", name: "campaign", type: "STRING" },
  { of: "person", name: "person", type: "STRING", isFiltered: true },
  { of: "since", name: "since", type: "TIMESTAMP" },
  { of: "flags", name: "flags", type: "INT32" },
  { of: "outcomeAt", name: "outcome_at", type: "TIMESTAMP", isNullable: true },
  { of: "clicks", name: "clicks", type: "STRING", isNullable: true },
  { of: "botClicks", name: "bot_clicks", type: "INT64" },
  { of: "recent", name: "recent", type: "STRING", isNullable: true },
  { of: "seqs", name: "seqs", type: "STRING", isNullable: true },
  { of: "earlier", name: "earlier", type: "STRING", isNullable: true },
] as const satisfies readonly (ParquetColumn & { readonly of: keyof FiledMessage })[];

const LEFT_COLUMNS = [
  { of: "leftIn", name: "left_in", type: "INT32", isNullable: true },
  { of: "leftAt", name: "left_at", type: "TIMESTAMP", isNullable: true },
] as const satisfies readonly (ParquetColumn & { readonly of: keyof LeftMessage })[];
const FILE_COLUMNS = [...COLUMNS, ...LEFT_COLUMNS];

const READ_DEADLINE_MS = 10_000;
/** A decoded file has some five megabytes. */
const FILES_IN_MEMORY = 2;

const decoded = new QuickLRU<string, FileContent>({ maxSize: FILES_IN_MEMORY });

/**
 * Writes a file under a name of its own, reads it back and compares each row.
 * @throws R2's error; an error when R2 has other rows than were written
 */
export async function writeMessageFile(
  bucket: R2Bucket,
  named: Omit<NamedFile, "token">,
  { messages, left }: FileContent,
): Promise<Pick<MessageFile, "token" | "etag" | "bytes">> {
  const token = crypto.randomUUID();
  const key = messageFileKey({ ...named, token });
  const rows = [
    ...messages.map((message) => [...COLUMNS.map(({ of }) => message[of]), null, null]),
    ...left.map((message) => FILE_COLUMNS.map(({ of }) => message[of])),
  ];
  const bytes = await encodeRows("messages", FILE_COLUMNS, rows);
  const written = await putAndReadBack(bucket, key, bytes);
  const readBack = await decodedRows(openFile(written.readBack), FILE_COLUMNS, 0, rows.length);
  if (rowCount(openFile(written.readBack)) !== rows.length || JSON.stringify(readBack) !== JSON.stringify(rows))
    throw new Error(`${key} has other messages than were written`);
  return { token, etag: written.etag, bytes: bytes.byteLength };
}

/**
 * What a file holds; or why nobody can say, unless D1 notes another object meanwhile.
 * @throws R2's error
 */
export async function fileContent(bucket: R2Bucket, file: MessageFile): Promise<Result<FileContent, FileLoss>> {
  const key = messageFileKey(file);
  const name = `${key} ${file.etag} ${file.restoredTo}`;
  const known = decoded.get(name);
  if (known !== undefined) return ok(known);
  const object = await withDeadline(bucket.get(key), READ_DEADLINE_MS, "R2");
  if (object === null) return refused({ key, fault: "missing" });
  if (object.etag !== file.etag) return refused({ key, fault: "changed" });
  const bytes = await withDeadline(object.arrayBuffer(), READ_DEADLINE_MS, "R2");
  try {
    const content = await decodedContent(bytes, file);
    decoded.set(name, content);
    return ok(content);
  } catch (error) {
    return refused({ key, fault: "damaged", cause: error });
  }
}

/**
 * What an object holds.
 * @throws {Error} when it is damaged
 */
export async function decodedContent(
  bytes: ArrayBuffer,
  { restoredTo }: Pick<MessageFile, "restoredTo">,
): Promise<FileContent> {
  const file = openFile(bytes);
  const rows = await decodedRows(file, FILE_COLUMNS, 0, rowCount(file));
  const all: readonly LeftMessage[] = rows.map(
    (row) => Object.fromEntries(FILE_COLUMNS.map(({ of }, index) => [of, row[index]])) as never,
  );
  const isLeft = ({ leftIn }: { readonly leftIn: number | null }) => {
    return leftIn !== null && (restoredTo === null || leftIn <= restoredTo);
  };
  return { messages: all.filter((message) => !isLeft(message)).map(inOrder), left: all.filter(isLeft) };
}

/** Whether D1 notes a file as it was read, for a WHERE clause on `message_files`. */
export function isNotedAs({ id, token, etag }: MessageFile): Sql {
  return sql`(${messageFiles.id} = ${id} AND ${messageFiles.token} = ${token} AND ${messageFiles.etag} = ${etag})`;
}

/** With its fields in the order of the columns, so that equal messages are equal as JSON. */
export function inOrder(message: FiledMessage): FiledMessage {
  return Object.fromEntries(COLUMNS.map(({ of }) => [of, message[of]])) as never;
}

/** The columns of a `FiledMessage`, of a row of `message_stats`. */
export const FILED_COLUMNS: Sql = namedAs<FiledMessage>({
  email: messageStats.email,
  campaign: messageStats.campaign,
  person: messageStats.person,
  since: messageStats.since,
  flags: messageStats.flags,
  outcomeAt: messageStats.outcomeAt,
  clicks: messageStats.clicks,
  botClicks: messageStats.botClicks,
  recent: messageStats.recent,
  seqs: messageStats.seqs,
  earlier: sql`(SELECT nullif(json_group_array(json_array(e.last, e.seqs)), '[]') FROM (
  SELECT last, seqs FROM earlier_seqs WHERE (earlier_seqs.email, earlier_seqs.campaign, earlier_seqs.person)
  = (${messageStats.email}, ${messageStats.campaign}, ${messageStats.person}) ORDER BY last) AS e)`,
});

/** The seqs of all of its events. */
export function seqsOfFiled({ seqs, earlier }: FiledMessage): readonly number[] {
  const rows = JSON.parse(earlier ?? "[]") as readonly (readonly [last: number, seqs: string])[];
  return [seqs ?? "[]", ...rows.map(([, texts]) => texts)].flatMap((text) => JSON.parse(text) as readonly number[]);
}

/** The last seq of its list; undefined without one. Where two lists were merged it may be an earlier one. */
export function lastSeqOf({ seqs }: FiledMessage): number | undefined {
  return seqs === null ? undefined : (JSON.parse(seqs) as readonly number[]).at(-1);
}
