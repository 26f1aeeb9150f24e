/**
 * An export job: its states and the transitions between them. Guarantees that each state holds what it needs and
 * nothing else, and that a job that has ended stays as it is: no transition takes one. States and times are Marketo's
 * (AdobeDocs, rest-api/bulk-extract).
 */
import { EXPORT_KEPT_MS } from "../../config/export-files.ts";
import { backoffMs } from "../../platform/backoff.ts";
import { activityDate } from "../activity.ts";
import type { Field } from "./columns.ts";
import type { Format } from "./delimited.ts";

/** The one object that holds all jobs. */
export const EXPORTS_NAME = "exports";

export const MAX_RUNNING_JOBS = 2;
/** Running ones included. */
export const MAX_QUEUED_JOBS = 10;

const MAX_ATTEMPTS = 10;
const BACKOFF = { firstMs: 5_000, maxMs: 600_000 } as const;

export interface ExportRequest {
  readonly format: Format;
  /** The columns of the file, in order, each with its header. */
  readonly columns: readonly { readonly field: Field; readonly header: string }[];
  /** The file holds what happened at `fromMs` or later and before `untilMs`; ms since 1970 UTC. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Of ACTIVITY_TYPE_IDS. */
  readonly types: readonly number[];
}

/** How far a running job is: all that another Worker needs to continue it. */
export type ExportProgress =
  | { readonly stage: "opening" }
  | {
      readonly stage: "writing";
      /** R2's id of the upload. */
      readonly upload: string;
      /** The log is read up to here before the job checks whether there is more. */
      readonly top: number;
      /** All rows up to here are in the parts, except the rest of the last line. */
      readonly seq: number;
      readonly records: number;
      /** The last line; the first `written` of its bytes are in the parts. */
      readonly line: string;
      readonly written: number;
    }
  | {
      /** All parts are uploaded. */
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

interface JobOf<Status extends string> {
  readonly status: Status;
  readonly id: string;
  /** The client's id. */
  readonly client: string;
  readonly request: ExportRequest;
  readonly createdMs: number;
  readonly queuedMs?: number;
  readonly startedMs?: number;
}

interface StartedJob<Status extends string> extends JobOf<Status> {
  readonly queuedMs: number;
  readonly startedMs: number;
}

export type CreatedJob = JobOf<"Created">;
export type QueuedJob = JobOf<"Queued"> & { readonly queuedMs: number };

export interface ProcessingJob extends StartedJob<"Processing"> {
  readonly progress: ExportProgress;
  /** Attempts since the last progress. */
  readonly attempts: number;
}

export interface CompletedJob extends StartedJob<"Completed"> {
  readonly finishedMs: number;
  readonly file: ExportFile;
}

/** A job that ended without a file. */
export interface UnfinishedJob extends JobOf<"Failed" | "Cancelled"> {
  readonly finishedMs: number;
  /** R2's id of an upload that may still hold parts. */
  readonly openUpload?: string;
}

export type Job = CreatedJob | QueuedJob | ProcessingJob | CompletedJob | UnfinishedJob;
export type JobStatus = Job["status"];

export const STATUSES: readonly JobStatus[] = ["Created", "Queued", "Processing", "Cancelled", "Completed", "Failed"];

/**
 * Why the object refuses to enqueue or cancel a job. `unknown`: the client has no such job. `queued`: it is queued or
 * running. `ended`: it has ended. `full`: too many jobs are queued.
 */
export type JobRejection = "unknown" | "queued" | "ended" | "full";

export function queued(job: CreatedJob, nowMs: number): QueuedJob {
  return { ...job, status: "Queued", queuedMs: nowMs };
}

export function started(job: QueuedJob, nowMs: number): ProcessingJob {
  const progress = { stage: "opening" } as const;
  return { ...job, status: "Processing", startedMs: nowMs, progress, attempts: 0 };
}

/** The job with one more attempt; undefined when it has had all. */
export function nextAttempt(job: ProcessingJob): ProcessingJob | undefined {
  return job.attempts >= MAX_ATTEMPTS ? undefined : { ...job, attempts: job.attempts + 1 };
}

export function advanced(job: ProcessingJob, progress: ExportProgress): ProcessingJob {
  return { ...job, progress, attempts: 0 };
}

/** ms until the next attempt. */
export function retryDelayMs({ attempts }: ProcessingJob): number {
  return backoffMs(BACKOFF, attempts);
}

export function completed(job: ProcessingJob, file: ExportFile, nowMs: number): CompletedJob {
  const { progress: _progress, attempts: _attempts, ...kept } = job;
  return { ...kept, status: "Completed", finishedMs: nowMs, file };
}

/** The job as it ends without a file. */
export function unfinished(
  job: CreatedJob | QueuedJob | ProcessingJob,
  status: UnfinishedJob["status"],
  nowMs: number,
): UnfinishedJob {
  if (job.status !== "Processing") return { ...job, status, finishedMs: nowMs };
  const { progress, attempts: _attempts, ...kept } = job;
  const openUpload = progress.stage === "opening" ? {} : { openUpload: progress.upload };
  return { ...kept, status, finishedMs: nowMs, ...openUpload };
}

/** The job after its upload was aborted. */
export function withoutUpload({ openUpload: _, ...job }: UnfinishedJob): UnfinishedJob {
  return job;
}

/** When the object's alarm has to work on a job, ms since 1970 UTC. */
export function dueMs(job: Job): number {
  switch (job.status) {
    case "Created":
      return job.createdMs + EXPORT_KEPT_MS;
    case "Queued":
      return job.queuedMs;
    case "Processing":
      return job.startedMs;
    case "Completed":
      return job.finishedMs + EXPORT_KEPT_MS;
    case "Failed":
    case "Cancelled":
      return job.openUpload === undefined ? job.finishedMs + EXPORT_KEPT_MS : job.finishedMs;
  }
}

/** A job as Marketo's programs read it; members that are not known yet are missing. */
export interface ExportStatus {
  readonly exportId: string;
  readonly format: Format;
  readonly status: JobStatus;
  readonly createdAt: string;
  readonly queuedAt?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** While the job runs: records written so far. */
  readonly numberOfRecords?: number;
  /** Bytes. */
  readonly fileSize?: number;
  readonly fileChecksum?: string;
  readonly errorMsg?: string;
}

export function exportStatusOf(job: Job): ExportStatus {
  const { id, request, status, createdMs, queuedMs, startedMs } = job;
  const soFar = {
    exportId: id,
    format: request.format,
    status,
    createdAt: activityDate(createdMs),
    ...(queuedMs !== undefined && { queuedAt: activityDate(queuedMs) }),
    ...(startedMs !== undefined && { startedAt: activityDate(startedMs) }),
  };
  if (job.status === "Processing") return { ...soFar, numberOfRecords: recordsOf(job.progress) };
  if (job.status === "Completed") {
    const { records, bytes, sha256 } = job.file;
    const file = { numberOfRecords: records, fileSize: bytes, fileChecksum: `sha256:${sha256}` };
    return { ...soFar, finishedAt: activityDate(job.finishedMs), ...file };
  }
  if (job.status !== "Failed") return soFar;
  const errorMsg = `The export could not be finished after ${MAX_ATTEMPTS} tries; create it again.`;
  return { ...soFar, finishedAt: activityDate(job.finishedMs), errorMsg };
}

/** Records written so far. */
export function recordsOf(progress: ExportProgress): number {
  return progress.stage === "opening" ? 0 : progress.records;
}
