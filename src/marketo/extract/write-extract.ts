/**
 * Writes the file of a job into R2, step by step. Guarantees that the file is exact however often the work dies and
 * is started again: what is saved after each part says what the parts hold, to the byte. Gives up what was read since
 * the last part.
 *
 * A period is one of recording, so that those that follow each other have every event, once. An event that gets
 * another seq (reports/aggregate.ts) is recorded again: it is in the file of that later time, with its mark, and may be
 * missing in this one. While the period goes on, the job reads on until no row of it is left, and gives up after some
 * rounds, when it never stops growing.
 *
 * Memory: one part, one query's rows. The checksum is that of the finished file: a hash cannot be saved half way, a
 * file can be read again.
 */
import { Buffer } from "node:buffer";
import type { LogStores } from "../../archive/index.ts";
import { fromD1, withDeadline } from "../../platform/timeout.ts";
import { cellText } from "./columns.ts";
import { FORMATS, lineOf } from "./delimited.ts";
import type { ClosingProgress, ExtractFile, ExtractProgress, ProcessingJob, WritingProgress } from "./job.ts";
import { PART_BYTES, UploadPart } from "./part.ts";
import { endPeriod, highestSeqIfMore, readRows, stretchesOfPeriod } from "./rows.ts";

/** Each round reads what was recorded during the one before. */
const MAX_ROUNDS = 20;

const R2_DEADLINE_MS = 60_000;
const CHECKSUM_DEADLINE_MS = 600_000;

type Bindings = LogStores & Pick<Env, "EXTRACT_FILES">;

/** Where the object saves a job's progress. */
export interface ProgressStore {
  /** False when nothing was saved, because the job does not run any more. */
  save(progress: ExtractProgress, part?: R2UploadedPart): boolean;
  parts(): R2UploadedPart[];
}

/**
 * Yields the number of records written so far, between steps, and returns the file; undefined when the job does not
 * run any more.
 * @throws errors of D1 and R2
 */
export async function* writeExtract(
  job: ProcessingJob,
  bindings: Bindings,
  store: ProgressStore,
): AsyncGenerator<number, ExtractFile | undefined, void> {
  let progress: ExtractProgress | undefined = job.progress ?? (await open(job, bindings, store));
  if (progress?.stage === "writing") {
    yield progress.records;
    progress = yield* write(job, progress, bindings, store);
  }
  if (progress === undefined) return undefined;
  yield progress.records;
  return await close(job.id, progress, bindings.EXTRACT_FILES, store);
}

async function open(
  { id, request }: ProcessingJob,
  { DB, EXTRACT_FILES }: Bindings,
  store: ProgressStore,
): Promise<WritingProgress | undefined> {
  const { columns, format } = request;
  const top = await fromD1(endPeriod(DB, request));
  const { contentType } = FORMATS[format];
  const upload = await fromR2(EXTRACT_FILES.createMultipartUpload(id, { httpMetadata: { contentType } }));
  const headers = columns.map(({ header }) => header);
  const progress: WritingProgress = {
    stage: "writing",
    upload: upload.uploadId,
    top,
    seq: 0,
    records: 0,
    line: lineOf(headers, format),
    written: 0,
  };
  if (store.save(progress)) return progress;
  await fromR2(upload.abort());
  return undefined;
}

async function* write(
  { id, request }: ProcessingJob,
  progress: WritingProgress,
  stores: Bindings,
  store: ProgressStore,
): AsyncGenerator<number, ClosingProgress | undefined, void> {
  const { DB, EXTRACT_FILES } = stores;
  const { upload } = progress;
  const parts = EXTRACT_FILES.resumeMultipartUpload(id, upload);
  const part = new UploadPart();
  let { seq, records, top } = progress;
  let partNumber = store.parts().length + 1;

  const add = async (line: string, from: number): Promise<boolean> => {
    let written = part.add(line, from);
    while (written !== undefined) {
      const uploaded = await fromR2(parts.uploadPart(partNumber, part.bytes));
      if (!store.save({ ...progress, top, seq, records, line, written }, uploaded)) return false;
      partNumber++;
      part.empty();
      written = part.add(line, written);
    }
    return true;
  };

  if (!(await add(progress.line, progress.written))) return undefined;
  for (let after = seq, round = 0; ; round++) {
    for (const stretch of await fromD1(stretchesOfPeriod(stores, request, { after, to: top }))) {
      for (const row of await fromD1(readRows(stores, stretch, request))) {
        seq = row.seq;
        records++;
        const cells = request.columns.map(({ field }) => cellText(row, field));
        if (!(await add(lineOf(cells, request.format), 0))) return undefined;
      }
      yield records;
    }
    const more = await fromD1(highestSeqIfMore(DB, request, top));
    if (more === undefined || round === MAX_ROUNDS) break;
    after = top;
    top = more;
  }
  const uploaded = await fromR2(parts.uploadPart(partNumber, part.bytes));
  const bytes = (partNumber - 1) * PART_BYTES + part.bytes.length;
  const closing = { stage: "closing", upload, records, bytes } as const;
  return store.save(closing, uploaded) ? closing : undefined;
}

async function close(
  id: string,
  { upload, records, bytes }: ClosingProgress,
  files: R2Bucket,
  store: ProgressStore,
): Promise<ExtractFile> {
  // The file is there already when the object died before it saved that.
  if ((await fromR2(files.head(id))) === null)
    await fromR2(files.resumeMultipartUpload(id, upload).complete(store.parts()));
  const file = await fromR2(files.get(id));
  if (file?.size !== bytes) throw new Error(`R2 has ${file?.size} bytes of the file's ${bytes}`);
  const hash = new crypto.DigestStream("SHA-256");
  await withDeadline(file.body.pipeTo(hash), CHECKSUM_DEADLINE_MS, "R2");
  return { records, bytes, sha256: Buffer.from(await hash.digest).toString("hex") };
}

/** Rejects when R2 does not answer. */
export function fromR2<T>(work: Promise<T>): Promise<T> {
  return withDeadline(work, R2_DEADLINE_MS, "R2");
}
