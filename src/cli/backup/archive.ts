/** The archive's files in a backup: copied one by one, and put back. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageFileKey } from "../../archive/messages/message-key.ts";
import { segmentKey } from "../../archive/segment-key.ts";
import { usageError } from "../command-error.ts";
import { ARCHIVE_FOLDER, type FileFacts, type Manifest } from "./manifest.ts";
import type { BackupBucket } from "./names.ts";
import { copyObject, eachOf, putObject } from "./objects.ts";
import type { Row, Target } from "./target.ts";

const FILES_PER_QUERY = 1_000;
const PARQUET = "application/vnd.apache.parquet";

/** The files of a kind behind a place that D1 names, in order. */
type Listing = (target: Target, after: number, limit?: number) => Promise<readonly ArchiveFile[]>;

interface ArchiveFile {
  /** A segment's first seq, or a message file's id. */
  readonly place: number;
  readonly key: string;
  readonly bytes: number;
  readonly listing: Listing;
}

/**
 * Copies the files that D1 names. One that is rewritten meanwhile is copied under its next name: a check of the
 * restored archive notes it.
 */
export async function copyArchive(target: Target, folder: string): Promise<Manifest["archive"]> {
  const files = [...(await segmentFiles(target, 0)), ...(await messageFiles(target, 0))];
  if (files.length === 0) return {};
  const { archive: bucket } = target;
  if (bucket === undefined) throw noBucket("D1 names files of an archive");
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  target.say(`Copying the archive, ${files.length} files of ${megabytes(total)}; --no-archive leaves it out …`);
  const copied: Record<string, FileFacts | "missing"> = {};
  await eachOf(target, files, async (file, index) => {
    target.say(`Copying ${file.key}, ${index + 1} of ${files.length} …`);
    const { key, facts } = await copyFile(target, bucket, file, folder);
    copied[key] = facts;
  });
  return Object.fromEntries(Object.entries(copied).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

async function copyFile(target: Target, bucket: BackupBucket, file: ArchiveFile, folder: string) {
  const { key, place, listing } = file;
  const copy = async (name: string) => {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return { key: name, facts: await copyObject(target, bucket, name, path) };
  };
  const copied = await copy(key);
  if (copied.facts !== "missing") return copied;
  const [now] = await listing(target, place - 1, 1);
  return now === undefined || now.place !== place || now.key === key ? copied : await copy(now.key);
}

const segmentFiles: Listing = async (target, after, limit) => {
  const rows = await rowsBehind(target, after, limit, "first", (from, size) => {
    return `SELECT first, last, file_token, version, token, day, bytes FROM segments
        WHERE first > ${from} AND rows > 0 ORDER BY first LIMIT ${size}`;
  });
  return rows.map(({ first, last, file_token: fileToken, version, token, day, bytes }) => {
    const random = { fileToken: String(fileToken), token: String(token) };
    const stretch = { first: Number(first), last: Number(last), day: String(day) };
    const named = { ...stretch, version: Number(version), ...random };
    return { place: named.first, key: segmentKey(named), bytes: Number(bytes), listing: segmentFiles };
  });
};

const messageFiles: Listing = async (target, after, limit) => {
  const rows = await rowsBehind(target, after, limit, "id", (from, size) => {
    return `SELECT id, file_token, version, token, bytes FROM message_files WHERE id > ${from}
        ORDER BY id LIMIT ${size}`;
  });
  return rows.map(({ id, file_token: fileToken, version, token, bytes }) => {
    const random = { fileToken: String(fileToken), token: String(token) };
    const named = { id: Number(id), version: Number(version), ...random };
    return { place: named.id, key: messageFileKey(named), bytes: Number(bytes), listing: messageFiles };
  });
};

/** @param queryOf a query for the first `size` rows behind `from`, in the order of the column `by` */
async function rowsBehind(
  target: Target,
  start: number,
  limit = Number.MAX_SAFE_INTEGER,
  by: string,
  queryOf: (from: number, size: number) => string,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  for (let after = start; found.length < limit; ) {
    const size = Math.min(FILES_PER_QUERY, limit - found.length);
    const rows = await target.query("listing the files of the archive", queryOf(after, size));
    found.push(...rows);
    if (rows.length < size) break;
    after = Number(rows.at(-1)?.[by]);
  }
  return found;
}

/** The files that a backup holds, with their facts. */
export function filesIn({ archive }: Manifest): readonly (readonly [key: string, facts: FileFacts])[] {
  if (archive === "left_out") return [];
  return Object.entries(archive).flatMap(([key, facts]) => (facts === "missing" ? [] : [[key, facts] as const]));
}

/** @throws {CommandError} when a backup holds files for which there is no bucket */
export function requireBucket(target: Target, manifest: Manifest): void {
  if (target.archive === undefined && filesIn(manifest).length > 0) throw noBucket("The backup holds an archive");
}

/** @param folder of the backup */
export async function putArchive(target: Target, manifest: Manifest, folder: string): Promise<number> {
  const { archive: bucket } = target;
  const files = filesIn(manifest);
  if (bucket === undefined) return 0;
  await eachOf(target, files, async ([key], index) => {
    target.say(`Putting ${key}, ${index + 1} of ${files.length} …`);
    await putObject(target, bucket, key, { file: join(folder, ARCHIVE_FOLDER, key), type: PARQUET });
  });
  return files.length;
}

function noBucket(what: string) {
  return usageError(
    `${what}, but the configuration binds no bucket ARCHIVE.`,
    'Deploy this version first: "npx waxseal deploy" makes the bucket.',
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
