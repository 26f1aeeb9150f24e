/**
 * Writes the file of a job into R2, in steps. Guarantees that the file is exactly right however often the work dies and is begun again:
 * what is kept after each part says what the parts hold, to the byte. Gives up what was read since the last part.
 *
 * An event that gets another place while the file is written (messages/afterwards.ts) is in it all the same: the reading goes on until
 * nothing of the file's time is left behind it. It may be in it twice, the second time as it is now. Gives up after some rounds, where
 * the log of that very time never stops growing.
 *
 * Memory: one part, one query's rows. The checksum is taken of the finished file: a hash cannot be kept half way, a file be read again.
 */
import { Buffer } from "node:buffer";
import { withDeadline } from "../../platform/timeout.ts";
import { textOf } from "./columns.ts";
import { FORMATS, lineOf } from "./delimited.ts";
import type { ExportFile, ExportRequest, ProcessingJob, Work } from "./job.ts";
import { PART_BYTES, Part } from "./part.ts";
import { rowsIn, stretches, topOf, topWithMore } from "./rows.ts";

/** Behind the top of the log that the extract began with: each is of what came during the one before. */
const MOST_ROUNDS = 20;

const D1_DEADLINE_MS = 20_000;
const R2_DEADLINE_MS = 60_000;
const CHECKSUM_DEADLINE_MS = 600_000;

type Writing = Extract<Work, { readonly stage: "writing" }>;
type Closing = Extract<Work, { readonly stage: "closing" }>;

/** Where the object keeps how far a job is. */
export interface Kept {
  /** Says that nothing was kept, because the job runs no more, by false. */
  keep(work: Work, part?: R2UploadedPart): boolean;
  parts(): R2UploadedPart[];
}

/**
 * Yields between steps, with the records written so far, and returns the file; undefined when the job runs no more. Throws what D1
 * and R2 throw.
 */
export async function* extract(
  { id, request, work }: ProcessingJob,
  bindings: Pick<Env, "DB" | "EXPORT_FILES">,
  kept: Kept,
): AsyncGenerator<number, ExportFile | undefined, void> {
  let now = work.stage === "opening" ? await open(id, request, bindings, kept) : work;
  if (now?.stage === "writing") {
    yield now.records;
    now = yield* write(id, request, now, bindings, kept);
  }
  if (now === undefined) return undefined;
  yield now.records;
  return await close(id, now, bindings.EXPORT_FILES, kept);
}

async function open(
  id: string,
  { columns, format }: ExportRequest,
  { DB, EXPORT_FILES }: Pick<Env, "DB" | "EXPORT_FILES">,
  kept: Kept,
): Promise<Writing | undefined> {
  const top = await fromD1(topOf(DB));
  const { contentType } = FORMATS[format];
  const upload = await fromR2(EXPORT_FILES.createMultipartUpload(id, { httpMetadata: { contentType } }));
  const line = lineOf(
    columns.map(({ header }) => header),
    format,
  );
  const { uploadId } = upload;
  const work = { stage: "writing", upload: uploadId, top, seq: 0, records: 0, line, written: 0 } as const;
  if (kept.keep(work)) return work;
  await fromR2(upload.abort());
  return undefined;
}

async function* write(
  id: string,
  request: ExportRequest,
  work: Writing,
  { DB, EXPORT_FILES }: Pick<Env, "DB" | "EXPORT_FILES">,
  kept: Kept,
): AsyncGenerator<number, Closing | undefined, void> {
  const { upload } = work;
  const parts = EXPORT_FILES.resumeMultipartUpload(id, upload);
  const part = new Part();
  let { seq, records, top } = work;
  let partNumber = kept.parts().length + 1;

  const add = async (line: string, from: number): Promise<boolean> => {
    let written = part.add(line, from);
    while (written !== undefined) {
      const uploaded = await fromR2(parts.uploadPart(partNumber, part.bytes));
      if (!kept.keep({ ...work, top, seq, records, line, written }, uploaded)) return false;
      partNumber++;
      part.empty();
      written = part.add(line, written);
    }
    return true;
  };

  if (!(await add(work.line, work.written))) return undefined;
  for (let after = seq, round = 0; ; round++) {
    for (const stretch of await fromD1(stretches(DB, request, after, top))) {
      for (const row of await fromD1(rowsIn(DB, stretch, request))) {
        seq = row.seq;
        records++;
        const line = lineOf(
          request.columns.map(({ field }) => textOf(row, field)),
          request.format,
        );
        if (!(await add(line, 0))) return undefined;
      }
      yield records;
    }
    const more = await fromD1(topWithMore(DB, request, top));
    if (more === undefined || round === MOST_ROUNDS) break;
    after = top;
    top = more;
  }
  const uploaded = await fromR2(parts.uploadPart(partNumber, part.bytes));
  const bytes = (partNumber - 1) * PART_BYTES + part.bytes.length;
  const closing = { stage: "closing", upload, records, bytes } as const;
  return kept.keep(closing, uploaded) ? closing : undefined;
}

async function close(
  id: string,
  { upload, records, bytes }: Closing,
  files: R2Bucket,
  kept: Kept,
): Promise<ExportFile> {
  // It is there already when the object died before it could say so.
  if ((await fromR2(files.head(id))) === null)
    await fromR2(files.resumeMultipartUpload(id, upload).complete(kept.parts()));
  const file = await fromR2(files.get(id));
  if (file?.size !== bytes) throw new Error(`R2 has ${file?.size} bytes of the file's ${bytes}`);
  const hash = new crypto.DigestStream("SHA-256");
  await withDeadline(file.body.pipeTo(hash), CHECKSUM_DEADLINE_MS, "R2");
  return { records, bytes, sha256: Buffer.from(await hash.digest).toString("hex") };
}

function fromD1<T>(work: Promise<T>): Promise<T> {
  return withDeadline(work, D1_DEADLINE_MS, "D1");
}

/** Rejects when R2 does not answer. */
export function fromR2<T>(work: Promise<T>): Promise<T> {
  return withDeadline(work, R2_DEADLINE_MS, "R2");
}
