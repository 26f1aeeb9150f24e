/** The archive's files in a backup: copied one by one, and put back. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { segmentKey } from "../../archive/segment-key.ts";
import { usageError } from "../command-error.ts";
import { ARCHIVE_FOLDER, type FileFacts, type Manifest } from "./manifest.ts";
import { copyObject, eachOf, putObject } from "./objects.ts";
import type { BackupBucket, Row, Target } from "./target.ts";

const SEGMENTS_PER_QUERY = 1_000;
const PARQUET = "application/vnd.apache.parquet";

interface ArchiveFile {
  readonly first: number;
  readonly key: string;
  readonly bytes: number;
}

/**
 * Copies the files that D1 names. One that is rewritten meanwhile is copied under its next name: a check of the
 * restored archive notes it.
 */
export async function copyArchive(target: Target, folder: string): Promise<Manifest["archive"]> {
  const files = await archiveFiles(target, 0);
  if (files.length === 0) return {};
  const { archive: bucket } = target;
  if (bucket === undefined) throw noBucket("D1 names files of an archive");
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  target.say(`Copying the archive, ${files.length} files of ${megabytes(total)}; --no-archive leaves it out …`);
  const copied: Record<string, FileFacts | "missing"> = {};
  await eachOf(files, async (file, index) => {
    target.say(`Copying ${file.key}, ${index + 1} of ${files.length} …`);
    const { key, facts } = await copyFile(target, bucket, file, folder);
    copied[key] = facts;
  });
  return Object.fromEntries(Object.entries(copied).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

async function copyFile(target: Target, bucket: BackupBucket, file: ArchiveFile, folder: string) {
  const { key, first } = file;
  const copy = async (name: string) => {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return { key: name, facts: await copyObject(target, bucket, name, path) };
  };
  const copied = await copy(key);
  if (copied.facts !== "missing") return copied;
  const [now] = await archiveFiles(target, first - 1, 1);
  return now === undefined || now.first !== first || now.key === key ? copied : await copy(now.key);
}

/** The files behind a seq that D1 names, in order. */
async function archiveFiles(target: Target, start: number, limit = Number.MAX_SAFE_INTEGER): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for (let after = start; files.length < limit; ) {
    const size = Math.min(SEGMENTS_PER_QUERY, limit - files.length);
    const rows = await target.query(
      "listing the files of the archive",
      `SELECT first, last, version, day, bytes FROM segments WHERE first > ${after} AND rows > 0
        ORDER BY first LIMIT ${size}`,
    );
    files.push(...rows.map(fileOf));
    if (rows.length < size) break;
    after = Number(rows.at(-1)?.first);
  }
  return files;
}

function fileOf({ first, last, version, day, bytes }: Row): ArchiveFile {
  const named = { first: Number(first), last: Number(last), version: Number(version), day: String(day) };
  return { first: named.first, key: segmentKey(named), bytes: Number(bytes) };
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
  await eachOf(files, async ([key], index) => {
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
