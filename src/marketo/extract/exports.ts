/**
 * The Durable Object of bulk extracts: it holds the jobs and works on them by alarm. Guarantees that every job ends, in a true status:
 * Completed with the whole file; Failed after enough tries; Cancelled for good. A Worker that dies in the middle costs what was read since
 * the last part. The alarm never throws, since the runtime gives up after six tries; it comes again by itself.
 * Gives up: more than two jobs at a time, whoever's they are, as Marketo does. All that writes to R2 does so by the alarm, one after
 * the other for each job, so that nothing comes after the cleaning up.
 */

import { DurableObject } from "cloudflare:workers";
import { logger } from "../../platform/logger.ts";
import { ok, type Result, refused } from "../../platform/result.ts";
import { extract, fromR2 } from "./extract.ts";
import {
  advanced,
  cancelled,
  cleaned,
  completed,
  type EndedWithout,
  type ExportFile,
  type ExportRequest,
  type ExportStatus,
  failed,
  type Job,
  type JobStatus,
  KEPT_MS,
  MOST_IN_QUEUE,
  type ProcessingJob,
  pauseMs,
  queued,
  RUNNING_AT_ONCE,
  recordsOf,
  started,
  statusOf,
  triedAgain,
  type Work,
} from "./job.ts";
import { Jobs } from "./jobs.ts";

/** How long an alarm works on a job before it comes again: well within the CPU time it has. */
const SLICE_MS = 5_000;
/** When the alarm comes again that died with its object. */
const AGAIN_MS = 60_000;
const NO_SUCH_UPLOAD = /\(10024\)/;

export interface ExportPage {
  readonly exports: readonly ExportStatus[];
  /** The number of the job to go on behind; undefined at the end. */
  readonly next?: number;
}

interface Running {
  readonly run: AsyncGenerator<number, ExportFile | undefined, void>;
  /** Written so far. */
  records: number;
}

export class Exports extends DurableObject<Env> {
  readonly #jobs: Jobs;
  readonly #runs = new Map<string, Running>();
  #ringing: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#jobs = new Jobs(ctx.storage.sql);
  }

  async create(client: string, request: ExportRequest): Promise<ExportStatus> {
    return await this.#settle({
      status: "Created",
      id: crypto.randomUUID(),
      client,
      request,
      createdMs: Date.now(),
    });
  }

  /** `queued`: it is queued or running already; `over`: it has ended; `full`: there are too many. */
  async enqueue(
    client: string,
    id: string,
  ): Promise<Result<ExportStatus, "unknown" | "queued" | "over" | "full">> {
    const job = this.#find(client, id);
    if (job === undefined) return refused("unknown");
    if (job.status === "Queued" || job.status === "Processing") return refused("queued");
    if (job.status !== "Created") return refused("over");
    if (this.#jobs.count("Queued", "Processing") >= MOST_IN_QUEUE) return refused("full");
    return ok(await this.#settle(queued(job, Date.now())));
  }

  /** `over`: it has ended. */
  async cancel(client: string, id: string): Promise<Result<ExportStatus, "unknown" | "over">> {
    const job = this.#find(client, id);
    if (job === undefined) return refused("unknown");
    if (job.status === "Completed" || job.status === "Failed" || job.status === "Cancelled")
      return refused("over");
    this.#runs.delete(id);
    return ok(await this.#settle(cancelled(job, Date.now())));
  }

  /** Undefined for what is no job of the client. */
  status(client: string, id: string): ExportStatus | undefined {
    const job = this.#find(client, id);
    return job && this.#statusOf(job);
  }

  /** A client's jobs of the last seven days, the oldest first. */
  list(client: string, statuses: readonly JobStatus[], after: number, limit: number): ExportPage {
    const createdSinceMs = Date.now() - KEPT_MS;
    const jobs = this.#jobs.list(client, { statuses, createdSinceMs, after, limit: limit + 1 });
    const page = jobs.slice(0, limit);
    const next = jobs.length > limit ? page.at(-1)?.number : undefined;
    const exports = page.map(({ job }) => this.#statusOf(job));
    return next === undefined ? { exports } : { exports, next };
  }

  override async alarm(): Promise<void> {
    this.#ringing ??= this.#ring().finally(() => {
      this.#ringing = undefined;
    });
    await this.#ringing;
  }

  async #ring(): Promise<void> {
    const { storage } = this.ctx;
    await storage.setAlarm(Date.now() + AGAIN_MS);
    const nowMs = Date.now();
    this.#startQueued(nowMs);
    await Promise.all(this.#jobs.due(nowMs).map((job) => this.#attend(job, nowMs)));
    const nextMs = this.#jobs.nextDueMs();
    if (nextMs === null) await storage.deleteAlarm();
    else await storage.setAlarm(nextMs);
  }

  #startQueued(nowMs: number): void {
    let free = RUNNING_AT_ONCE - this.#jobs.count("Processing");
    for (const job of this.#jobs.due(nowMs))
      if (job.status === "Queued" && free-- > 0) this.#jobs.save(started(job, nowMs));
  }

  async #attend(job: Job, nowMs: number): Promise<void> {
    if (job.status === "Queued") return;
    if (job.status === "Processing") return await this.#advance(job);
    try {
      if (job.status === "Failed" || job.status === "Cancelled") {
        const { leftover, finishedMs } = job;
        // R2 drops an upload of seven days by itself.
        if (leftover !== undefined && nowMs < finishedMs + KEPT_MS) return await this.#clean(job, leftover);
      }
      await fromR2(this.env.EXPORT_FILES.delete(job.id));
      this.#jobs.drop(job.id);
    } catch (error) {
      this.#jobs.putOff(job.id, nowMs + AGAIN_MS);
      report("export not cleaned up", job.id, error);
    }
  }

  async #clean(job: EndedWithout, upload: string): Promise<void> {
    const { EXPORT_FILES } = this.env;
    try {
      await fromR2(EXPORT_FILES.resumeMultipartUpload(job.id, upload).abort());
    } catch (error) {
      if (!NO_SUCH_UPLOAD.test(String(error))) throw error;
    }
    // It is there when the job was cancelled in the moment in which it was whole.
    await fromR2(EXPORT_FILES.delete(job.id));
    this.#jobs.save(cleaned(job));
  }

  async #advance(job: ProcessingJob): Promise<void> {
    const { id } = job;
    const running = this.#runs.get(id) ?? this.#begin(job);
    if (running === undefined) return this.#fail(job, "its object died in the middle each time");
    const untilMs = Date.now() + SLICE_MS;
    try {
      while (Date.now() < untilMs) {
        const step = await running.run.next();
        const now = this.#jobs.find(id);
        if (now?.status !== "Processing") {
          this.#runs.delete(id);
          return;
        }
        if (step.done) {
          this.#runs.delete(id);
          if (step.value !== undefined) this.#jobs.save(completed(now, step.value, Date.now()));
          return;
        }
        running.records = step.value;
      }
    } catch (error) {
      this.#runs.delete(id);
      const now = this.#jobs.find(id);
      if (now?.status !== "Processing") return;
      if (triedAgain(now) === undefined) return this.#fail(now, error);
      this.#jobs.putOff(id, Date.now() + pauseMs(now));
      report("export has to wait", id, error);
    }
  }

  /** Undefined when it was begun often enough. */
  #begin(job: ProcessingJob): Running | undefined {
    const { id } = job;
    const tried = triedAgain(job);
    if (tried === undefined) return undefined;
    this.#jobs.save(tried);
    const run = extract(tried, this.env, {
      parts: () => this.#jobs.parts(id),
      keep: (work, part) => this.#keep(id, work, part),
    });
    const running = { run, records: recordsOf(tried.work) };
    this.#runs.set(id, running);
    return running;
  }

  #keep(id: string, work: Work, part: R2UploadedPart | undefined): boolean {
    const job = this.#jobs.find(id);
    if (job?.status !== "Processing") return false;
    this.#jobs.save(advanced(job, work));
    if (part !== undefined) this.#jobs.savePart(id, part);
    return true;
  }

  #fail(job: ProcessingJob, why: unknown): void {
    this.#jobs.save(failed(job, Date.now()));
    report("export failed", job.id, why);
  }

  #find(client: string, id: string): Job | undefined {
    const job = this.#jobs.find(id);
    return job?.client === client ? job : undefined;
  }

  #statusOf(job: Job): ExportStatus {
    const status = statusOf(job);
    const running = this.#runs.get(job.id);
    return job.status === "Processing" && running ? { ...status, numberOfRecords: running.records } : status;
  }

  /** Keeps what a job is now, and sees that the alarm rings for it. */
  async #settle(job: Job): Promise<ExportStatus> {
    this.#jobs.save(job);
    const { storage } = this.ctx;
    const alarmMs = await storage.getAlarm();
    const nextMs = this.#jobs.nextDueMs();
    if (nextMs !== null && (alarmMs === null || nextMs < alarmMs)) await storage.setAlarm(nextMs);
    return this.#statusOf(job);
  }
}

function report(message: string, id: string, error: unknown): void {
  logger.error(message, { export: id, error });
}
