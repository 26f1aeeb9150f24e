/**
 * An export job: what it may be, and how it becomes that. Guarantees that each state holds what it needs and nothing else, and that a
 * finished one stays what it is: no transition takes one. States and times are Marketo's (AdobeDocs, rest-api/bulk-extract).
 */
import { activityDate } from "../activity.ts";
import type { Field } from "./columns.ts";
import type { Format } from "./delimited.ts";

/** The one object that holds all jobs. */
export const EXPORTS_NAME = "exports";

export const RUNNING_AT_ONCE = 2;
/** Queued and running. */
export const MOST_IN_QUEUE = 10;
/** Jobs and their files are kept so long: from their end, or from their making when nobody ever queues them. */
export const KEPT_MS = 7 * 86_400_000;

const MOST_TRIES = 10;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

export interface ExportRequest {
  readonly format: Format;
  /** The columns of the file, in order, each with its header. */
  readonly columns: readonly { readonly field: Field; readonly header: string }[];
  /** What happened at `fromMs` or later and before `untilMs`; ms since 1970 UTC. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of ACTIVITY_TYPE_IDS. */
  readonly types: readonly number[];
}

/** How far a running job is: as much as another Worker needs to go on. */
export type Work =
  | { readonly stage: "opening" }
  | {
      readonly stage: "writing";
      /** R2's id of the upload. */
      readonly upload: string;
      /** How far the log is read before asking whether there is more. */
      readonly top: number;
      /** All rows up to here are in the parts, but for what is left of the last line. */
      readonly seq: number;
      readonly records: number;
      /** The last line, of whose bytes the first `written` are in the parts. */
      readonly line: string;
      readonly written: number;
    }
  | {
      /** All parts are there. */
      readonly stage: "closing";
      readonly upload: string;
      readonly records: number;
      readonly bytes: number;
    };

/** The finished file. */
export interface ExportFile {
  readonly records: number;
  readonly bytes: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

interface Asked {
  readonly id: string;
  /** Whose it is. */
  readonly client: string;
  readonly request: ExportRequest;
  readonly createdMs: number;
}

interface Begun extends Asked {
  readonly queuedMs: number;
  readonly startedMs: number;
}

export interface CreatedJob extends Asked {
  readonly status: "Created";
}

export interface QueuedJob extends Asked {
  readonly status: "Queued";
  readonly queuedMs: number;
}

export interface ProcessingJob extends Begun {
  readonly status: "Processing";
  readonly work: Work;
  /** How many times it was begun since it last got further. */
  readonly tries: number;
}

export interface CompletedJob extends Begun {
  readonly status: "Completed";
  readonly finishedMs: number;
  readonly file: ExportFile;
}

export interface FailedJob extends Begun {
  readonly status: "Failed";
  readonly finishedMs: number;
  /** An upload that may still hold parts. */
  readonly leftover?: string;
}

export interface CancelledJob extends Asked {
  readonly status: "Cancelled";
  readonly queuedMs?: number;
  readonly startedMs?: number;
  readonly finishedMs: number;
  /** An upload that may still hold parts. */
  readonly leftover?: string;
}

/** Ended without a file. */
export type EndedWithout = FailedJob | CancelledJob;
export type Job = CreatedJob | QueuedJob | ProcessingJob | CompletedJob | FailedJob | CancelledJob;
export type JobStatus = Job["status"];

export const STATUSES: readonly JobStatus[] = [
  "Created",
  "Queued",
  "Processing",
  "Cancelled",
  "Completed",
  "Failed",
];

export function queued(job: CreatedJob, nowMs: number): QueuedJob {
  return { ...job, status: "Queued", queuedMs: nowMs };
}

export function started(job: QueuedJob, nowMs: number): ProcessingJob {
  const work = { stage: "opening" } as const;
  return { ...job, status: "Processing", startedMs: nowMs, work, tries: 0 };
}

/** Undefined once it was tried often enough. */
export function triedAgain(job: ProcessingJob): ProcessingJob | undefined {
  return job.tries >= MOST_TRIES ? undefined : { ...job, tries: job.tries + 1 };
}

export function advanced(job: ProcessingJob, work: Work): ProcessingJob {
  return { ...job, work, tries: 0 };
}

/** How long to wait before it is begun again. */
export function pauseMs({ tries }: ProcessingJob): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, tries - 1), LONGEST_PAUSE_MS);
}

export function completed(job: ProcessingJob, file: ExportFile, nowMs: number): CompletedJob {
  return { ...begun(job), status: "Completed", finishedMs: nowMs, file };
}

export function failed(job: ProcessingJob, nowMs: number): FailedJob {
  return { ...begun(job), status: "Failed", finishedMs: nowMs, ...leftoverOf(job) };
}

export function cancelled(job: CreatedJob | QueuedJob | ProcessingJob, nowMs: number): CancelledJob {
  if (job.status === "Processing")
    return { ...begun(job), status: "Cancelled", finishedMs: nowMs, ...leftoverOf(job) };
  return { ...job, status: "Cancelled", finishedMs: nowMs };
}

/** Nothing is left of it in R2. */
export function cleaned({ leftover: _, ...job }: EndedWithout): EndedWithout {
  return job;
}

/** When something is to be done about it, ms since 1970 UTC. */
export function dueMs(job: Job): number {
  switch (job.status) {
    case "Created":
      return job.createdMs + KEPT_MS;
    case "Queued":
      return job.queuedMs;
    case "Processing":
      return job.startedMs;
    case "Completed":
      return job.finishedMs + KEPT_MS;
    case "Failed":
    case "Cancelled":
      return job.leftover === undefined ? job.finishedMs + KEPT_MS : job.finishedMs;
  }
}

/** A job as Marketo's programs read it; what is not known yet is not there. */
export interface ExportStatus {
  readonly exportId: string;
  readonly format: Format;
  readonly status: JobStatus;
  readonly createdAt: string;
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Of a running job, those written so far. */
  readonly numberOfRecords?: number;
  /** Bytes. */
  readonly fileSize?: number;
  readonly fileChecksum?: string;
  readonly errorMsg?: string;
}

export function statusOf(job: Job): ExportStatus {
  const { id, request, status, createdMs } = job;
  const made = { exportId: id, format: request.format, status, createdAt: activityDate(createdMs) };
  switch (job.status) {
    case "Created":
      return made;
    case "Queued":
      return { ...made, queuedAt: activityDate(job.queuedMs) };
    case "Processing":
      return { ...made, ...begunAt(job), numberOfRecords: recordsOf(job.work) };
    case "Completed": {
      const { records, bytes, sha256 } = job.file;
      const file = { numberOfRecords: records, fileSize: bytes, fileChecksum: `sha256:${sha256}` };
      return { ...made, ...begunAt(job), finishedAt: activityDate(job.finishedMs), ...file };
    }
    case "Failed":
      return {
        ...made,
        ...begunAt(job),
        finishedAt: activityDate(job.finishedMs),
        errorMsg: `The export could not be finished after ${MOST_TRIES} tries; create it again.`,
      };
    case "Cancelled":
      return {
        ...made,
        ...(job.queuedMs !== undefined && { queuedAt: activityDate(job.queuedMs) }),
        ...(job.startedMs !== undefined && { startedAt: activityDate(job.startedMs) }),
      };
  }
}

function begunAt({ queuedMs, startedMs }: Begun) {
  return { queuedAt: activityDate(queuedMs), startedAt: activityDate(startedMs) };
}

/** Written so far. */
export function recordsOf(work: Work): number {
  return work.stage === "opening" ? 0 : work.records;
}

function begun({ id, client, request, createdMs, queuedMs, startedMs }: ProcessingJob): Begun {
  return { id, client, request, createdMs, queuedMs, startedMs };
}

function leftoverOf({ work }: ProcessingJob): { readonly leftover?: string } {
  return work.stage === "opening" ? {} : { leftover: work.upload };
}
