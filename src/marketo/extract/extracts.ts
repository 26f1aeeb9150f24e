/**
 * The Durable Object of bulk extracts: holds the jobs and works on them by alarm. Guarantees that every job ends, in
 * a true status: Completed with the whole file; Failed after enough attempts; Cancelled for good; and that what one
 * client asks for is bounded. A Worker that dies in between costs what was read since the last part. The alarm never
 * throws, since the runtime gives up after six retries; it sets itself again. Gives up: more than two running jobs,
 * all clients together, as Marketo does. Everything that writes to R2 does so from the alarm, one after the other for
 * each job, so that nothing is written after the clean-up.
 */
import { DurableObject } from "cloudflare:workers";
import { logger } from "../../platform/logger.ts";
import { ok, type Result, refused } from "../../platform/result.ts";
import {
  type CancelledJob,
  cancelled,
  completed,
  EXTRACT_KEPT_MS,
  type ExtractFile,
  type ExtractProgress,
  type ExtractRequest,
  type ExtractStatus,
  extractStatusOf,
  type FailedJob,
  failed,
  isOverdue,
  type Job,
  type JobRejection,
  type JobStatus,
  MAX_FILES,
  MAX_QUEUED_JOBS,
  MAX_RUNNING_JOBS,
  type ProcessingJob,
  retryDelayMs,
} from "./job.ts";
import { Jobs } from "./jobs.ts";
import { fromR2, writeExtract } from "./write-extract.ts";

/** How long an alarm works on a job before it sets itself again: well within its CPU limit. */
const SLICE_MS = 5_000;
/** When the alarm fires again after its object died, and when a failed clean-up is tried again. */
const RETRY_ALARM_MS = 60_000;
/** R2's error for an upload that was completed, aborted, or dropped. */
const NO_SUCH_UPLOAD = /\(10024\)/;

export interface ExtractListPage {
  readonly extracts: readonly ExtractStatus[];
  /** The number of the page's last job; undefined at the end of the list. */
  readonly next?: number | undefined;
}

interface RunningExtract {
  readonly steps: AsyncGenerator<number, ExtractFile | undefined, void>;
  /** Records written so far. */
  records: number;
}

export class Extracts extends DurableObject<Env> {
  readonly #jobs: Jobs;
  readonly #running = new Map<string, RunningExtract>();
  #alarm: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#jobs = new Jobs(ctx.storage.sql);
  }

  async create(client: string, request: ExtractRequest): Promise<Result<ExtractStatus, JobRejection>> {
    const createdAtMs = Date.now();
    if (!this.#jobs.makeRoom(client, createdAtMs)) return refused("unused");
    const id = crypto.randomUUID();
    return ok(await this.#saveAndSchedule({ status: "Created", id, client, request, createdAtMs }));
  }

  async enqueue(client: string, id: string): Promise<Result<ExtractStatus, JobRejection>> {
    const job = this.#find(client, id);
    if (job === undefined) return refused("unknown");
    if (job.status === "Queued" || job.status === "Processing") return refused("queued");
    if (job.status !== "Created") return refused("ended");
    if (this.#jobs.count("Queued", "Processing") >= MAX_QUEUED_JOBS) return refused("full");
    if (this.#jobs.countOf(client, "Completed") >= MAX_FILES) return refused("files");
    return ok(await this.#saveAndSchedule({ ...job, status: "Queued", queuedAtMs: Date.now() }));
  }

  async cancel(client: string, id: string): Promise<Result<ExtractStatus, "unknown" | "ended">> {
    const job = this.#find(client, id);
    if (job === undefined) return refused("unknown");
    if ("finishedAtMs" in job) return refused("ended");
    this.#running.delete(id);
    return ok(await this.#saveAndSchedule(cancelled(job, Date.now())));
  }

  status(client: string, id: string): Result<ExtractStatus, "unknown"> {
    const job = this.#find(client, id);
    return job === undefined ? refused("unknown") : ok(this.#statusOf(job));
  }

  /** A client's jobs of the last seven days, the oldest first. */
  list(client: string, statuses: readonly JobStatus[], after: number, limit: number): ExtractListPage {
    const createdSinceMs = Date.now() - EXTRACT_KEPT_MS;
    const jobs = this.#jobs.list(client, { statuses, createdSinceMs, after, limit: limit + 1 });
    const page = jobs.slice(0, limit);
    const next = jobs.length > limit ? page.at(-1)?.number : undefined;
    return { extracts: page.map(({ job }) => this.#statusOf(job)), next };
  }

  override async alarm(): Promise<void> {
    this.#alarm ??= this.#work().finally(() => {
      this.#alarm = undefined;
    });
    await this.#alarm;
  }

  async #work(): Promise<void> {
    const { storage } = this.ctx;
    await storage.setAlarm(Date.now() + RETRY_ALARM_MS);
    const nowMs = Date.now();
    this.#startQueued(nowMs);
    await Promise.all(this.#jobs.due(nowMs).map((job) => this.#workOn(job, nowMs)));
    const nextAtMs = this.#jobs.nextDueAtMs();
    if (nextAtMs === null) await storage.deleteAlarm();
    else await storage.setAlarm(nextAtMs);
  }

  #startQueued(nowMs: number): void {
    let free = MAX_RUNNING_JOBS - this.#jobs.count("Processing");
    for (const job of this.#jobs.due(nowMs))
      if (job.status === "Queued" && free-- > 0)
        this.#jobs.save({ ...job, status: "Processing", startedAtMs: nowMs, attempts: 0 });
  }

  async #workOn(job: Job, nowMs: number): Promise<void> {
    if (job.status === "Queued") return;
    if (job.status === "Processing") return await this.#advance(job);
    try {
      if (job.status === "Failed" || job.status === "Cancelled") {
        const { openUpload, finishedAtMs } = job;
        // R2 itself drops an upload after seven days.
        if (openUpload !== undefined && nowMs < finishedAtMs + EXTRACT_KEPT_MS)
          return await this.#cleanUp(job, openUpload);
      }
      await fromR2(this.env.EXTRACT_FILES.delete(job.id));
      this.#jobs.delete(job.id);
    } catch (error) {
      this.#jobs.postpone(job.id, nowMs + RETRY_ALARM_MS);
      logFailure("extract not cleaned up", job.id, error);
    }
  }

  async #cleanUp(job: CancelledJob | FailedJob, upload: string): Promise<void> {
    const { EXTRACT_FILES } = this.env;
    try {
      await fromR2(EXTRACT_FILES.resumeMultipartUpload(job.id, upload).abort());
    } catch (error) {
      if (!NO_SUCH_UPLOAD.test(String(error))) throw error;
    }
    // The file is there when the job was cancelled just after it was complete.
    await fromR2(EXTRACT_FILES.delete(job.id));
    this.#jobs.save({ ...job, openUpload: undefined });
  }

  async #advance(job: ProcessingJob): Promise<void> {
    const { id } = job;
    const nowMs = Date.now();
    if (isOverdue(job, nowMs)) {
      this.#running.delete(id);
      return this.#fail(job, new Error("it ran for more than a day"));
    }
    const untilMs = nowMs + SLICE_MS;
    try {
      const running = this.#running.get(id) ?? this.#start(job);
      while (Date.now() < untilMs) {
        const step = await running.steps.next();
        const now = this.#processing(id);
        if (now === undefined || step.done) {
          this.#running.delete(id);
          if (now !== undefined && typeof step.value === "object")
            this.#jobs.save(completed(now, step.value, Date.now()));
          return;
        }
        running.records = step.value;
      }
    } catch (error) {
      this.#running.delete(id);
      const now = this.#processing(id);
      if (now === undefined) return;
      const delayMs = retryDelayMs(now);
      if (delayMs === undefined) return this.#fail(now, error);
      this.#jobs.postpone(id, Date.now() + delayMs);
      logFailure("extract attempt failed", id, error);
    }
  }

  /** @throws when the job has had all its attempts */
  #start(job: ProcessingJob): RunningExtract {
    const { id } = job;
    if (retryDelayMs(job) === undefined) throw new Error("its object died in every attempt");
    this.#jobs.save({ ...job, attempts: job.attempts + 1 });
    const steps = writeExtract(job, this.env, {
      parts: () => this.#jobs.parts(id),
      save: (progress, part) => this.#saveProgress(id, progress, part),
    });
    const running = { steps, records: job.progress?.records ?? 0 };
    this.#running.set(id, running);
    return running;
  }

  #saveProgress(id: string, progress: ExtractProgress, part: R2UploadedPart | undefined): boolean {
    const job = this.#processing(id);
    if (job === undefined) return false;
    this.#jobs.save({ ...job, progress, attempts: 0 });
    if (part !== undefined) this.#jobs.savePart(id, part);
    return true;
  }

  #fail(job: ProcessingJob, why: unknown): void {
    this.#jobs.save(failed(job, Date.now()));
    logFailure("extract failed", job.id, why);
  }

  #find(client: string, id: string): Job | undefined {
    const job = this.#jobs.find(id);
    return job?.client === client ? job : undefined;
  }

  #processing(id: string): ProcessingJob | undefined {
    const job = this.#jobs.find(id);
    return job?.status === "Processing" ? job : undefined;
  }

  #statusOf(job: Job): ExtractStatus {
    return extractStatusOf(job, this.#running.get(job.id)?.records);
  }

  /** Saves a job and sets the alarm for it. */
  async #saveAndSchedule(job: Job): Promise<ExtractStatus> {
    this.#jobs.save(job);
    const { storage } = this.ctx;
    const alarmAtMs = await storage.getAlarm();
    const nextAtMs = this.#jobs.nextDueAtMs();
    if (nextAtMs !== null && (alarmAtMs === null || nextAtMs < alarmAtMs)) await storage.setAlarm(nextAtMs);
    return this.#statusOf(job);
  }
}

function logFailure(message: string, id: string, error: unknown): void {
  logger.error(message, { extract: id, error });
}
