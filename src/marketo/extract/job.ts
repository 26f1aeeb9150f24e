/**
 * An extract job: its states and the transitions between them. Guarantees that each state holds what it needs and
 * nothing else, and that a job that has ended stays as it is: no transition takes one. States and times are Marketo's
 * (AdobeDocs, rest-api/bulk-extract).
 */
import { backoffMs } from "../../platform/backoff.ts";
import { DAY_MS, HOUR_MS } from "../../platform/durations.ts";
import { activityDate } from "../activity.ts";
import type { Field } from "./columns.ts";
import type { Format } from "./delimited.ts";

/** The one object that holds all jobs. */
export const EXTRACTS_NAME = "extracts";

/** How long a job and its file are kept after its end, or after its creation when it is never queued. */
export const EXTRACT_KEPT_MS = 7 * DAY_MS;
/** A job that has run for so long fails: what it has read may be out of date by then, or erased. */
const MAX_RUN_MS = DAY_MS;
/** The longest that a file may have what was read before now. */
export const EXTRACT_HOLDS_MS = MAX_RUN_MS + EXTRACT_KEPT_MS;
/** How long a job without a file is kept at least, when its client has too many. */
export const MIN_KEPT_MS = HOUR_MS;

export const MAX_RUNNING_JOBS = 2;
/** Running ones included. */
export const MAX_QUEUED_JOBS = 10;

/** The most jobs that one client may have created and not queued, or cancelled; what failed counts, too. */
export const MAX_JOBS_WITHOUT_FILE = 100;
/** The most files of one client: more than one every five minutes for seven days. */
export const MAX_FILES = 2_500;

/** A job begins so long before the end of its period: clients take the second that runs. */
const BEGIN_AHEAD_MS = 5_000;
/** A job waits so long for the end of its period: clients' clocks are ahead, and they go on from that end. */
const MAX_WAIT_MS = 300_000;

const MAX_ATTEMPTS = 10;
const BACKOFF = { firstMs: 5_000, maxMs: 600_000 } as const;

export interface ExtractRequest {
  readonly format: Format;
  /** The columns of the file, in order, each with its header. */
  readonly columns: readonly { readonly field: Field; readonly header: string }[];
  /** The file holds what was recorded at `fromMs` or later and before `untilMs`. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Ids of ACTIVITY_TYPE_IDS. */
  readonly types: readonly number[];
}

/** How far a running job is: all that another Worker needs to continue it. */
export type ExtractProgress = WritingProgress | ClosingProgress;

export interface WritingProgress {
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

/** All parts are uploaded. */
export interface ClosingProgress {
  readonly stage: "closing";
  readonly upload: string;
  readonly records: number;
  readonly bytes: number;
}

/** The finished file. */
export interface ExtractFile {
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
  readonly request: ExtractRequest;
  readonly createdAtMs: number;
}

export type CreatedJob = JobOf<"Created">;

export interface QueuedJob extends JobOf<"Queued"> {
  readonly queuedAtMs: number;
}

export interface ProcessingJob extends JobOf<"Processing"> {
  readonly queuedAtMs: number;
  readonly startedAtMs: number;
  /** Undefined until the upload is open. */
  readonly progress?: ExtractProgress;
  /** Attempts since the last progress. */
  readonly attempts: number;
}

export interface CompletedJob extends JobOf<"Completed"> {
  readonly queuedAtMs: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly file: ExtractFile;
}

export interface FailedJob extends JobOf<"Failed"> {
  readonly queuedAtMs: number;
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** R2's id of an upload that may still hold parts. */
  readonly openUpload?: string | undefined;
}

export interface CancelledJob extends JobOf<"Cancelled"> {
  /** Missing when it was cancelled before it was queued. */
  readonly queuedAtMs?: number;
  /** Missing when it was cancelled before it ran. */
  readonly startedAtMs?: number;
  readonly finishedAtMs: number;
  /** R2's id of an upload that may still hold parts. */
  readonly openUpload?: string | undefined;
}

export type Job = CreatedJob | QueuedJob | ProcessingJob | CompletedJob | FailedJob | CancelledJob;
export type JobStatus = Job["status"];

export const JOB_STATUSES: readonly JobStatus[] = [
  "Created",
  "Queued",
  "Processing",
  "Cancelled",
  "Completed",
  "Failed",
];

/**
 * Why the object refuses to create, enqueue or cancel a job. `unknown`: the client has no such job. `queued`: it is
 * queued or running. `ended`: it has ended. `full`: too many jobs are queued. `unused`: the client has created too many
 * that it did not queue. `files`: the client has too many files.
 */
export type JobRejection = "unknown" | "queued" | "ended" | "full" | "unused" | "files";

/** Whether it has had its time. */
export function isOverdue({ startedAtMs }: ProcessingJob, nowMs: number): boolean {
  return nowMs - startedAtMs >= MAX_RUN_MS;
}

/** ms until the next attempt; undefined when the job has had all. */
export function retryDelayMs({ attempts }: ProcessingJob): number | undefined {
  return attempts >= MAX_ATTEMPTS ? undefined : backoffMs(BACKOFF, attempts);
}

export function completed(job: ProcessingJob, file: ExtractFile, nowMs: number): CompletedJob {
  const { progress: _progress, attempts: _attempts, ...kept } = job;
  return { ...kept, status: "Completed", finishedAtMs: nowMs, file };
}

export function failed(job: ProcessingJob, nowMs: number): FailedJob {
  const { progress, attempts: _attempts, ...kept } = job;
  return { ...kept, status: "Failed", finishedAtMs: nowMs, openUpload: progress?.upload };
}

export function cancelled(job: CreatedJob | QueuedJob | ProcessingJob, nowMs: number): CancelledJob {
  if (job.status !== "Processing") return { ...job, status: "Cancelled", finishedAtMs: nowMs };
  const { progress, attempts: _attempts, ...kept } = job;
  return { ...kept, status: "Cancelled", finishedAtMs: nowMs, openUpload: progress?.upload };
}

function beginsAtMs({ request: { untilMs }, queuedAtMs }: QueuedJob): number {
  const aheadMs = untilMs - queuedAtMs;
  return aheadMs > BEGIN_AHEAD_MS && aheadMs <= MAX_WAIT_MS ? untilMs : queuedAtMs;
}

/** When the object's alarm has to work on a job. */
export function dueAtMs(job: Job): number {
  switch (job.status) {
    case "Created":
      return job.createdAtMs + EXTRACT_KEPT_MS;
    case "Queued":
      return beginsAtMs(job);
    case "Processing":
      return job.startedAtMs;
    case "Completed":
      return job.finishedAtMs + EXTRACT_KEPT_MS;
    case "Failed":
    case "Cancelled":
      return job.openUpload === undefined ? job.finishedAtMs + EXTRACT_KEPT_MS : job.finishedAtMs;
  }
}

/** A job as Marketo's programs read it; members that are not known yet are missing. */
export interface ExtractStatus {
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

/** The times that jobs have: in each state, those of what has happened. */
interface JobTimes {
  readonly createdAtMs: number;
  readonly queuedAtMs?: number;
  readonly startedAtMs?: number;
}

/** @param records written so far, when more than the job's progress says */
export function extractStatusOf(job: Job, records?: number): ExtractStatus {
  const { id, request, status } = job;
  const { createdAtMs, queuedAtMs, startedAtMs }: JobTimes = job;
  const soFar = {
    exportId: id,
    format: request.format,
    status,
    createdAt: activityDate(createdAtMs),
    ...(queuedAtMs !== undefined && { queuedAt: activityDate(queuedAtMs) }),
    ...(startedAtMs !== undefined && { startedAt: activityDate(startedAtMs) }),
  };
  if (job.status === "Processing") return { ...soFar, numberOfRecords: records ?? job.progress?.records ?? 0 };
  if (job.status === "Completed") {
    const { records, bytes, sha256 } = job.file;
    const file = { numberOfRecords: records, fileSize: bytes, fileChecksum: `sha256:${sha256}` };
    return { ...soFar, finishedAt: activityDate(job.finishedAtMs), ...file };
  }
  if (job.status !== "Failed") return soFar;
  const errorMsg = `The extract could not be finished after ${MAX_ATTEMPTS} tries; create it again.`;
  return { ...soFar, finishedAt: activityDate(job.finishedAtMs), errorMsg };
}
