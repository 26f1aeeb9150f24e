/** A queue of posts: a stretch of the log, and how far it has been posted. A queue in, a queue out. */

export interface PostQueue {
  /** Tells a replay from those before and after it. */
  readonly id?: number | undefined;
  /** The seq behind which it goes on. */
  readonly after: number;
  /** The seq where it ends; undefined: it never does. */
  readonly to?: number | undefined;
  /**
   * When the last event was recorded that the log had when `after` was read. An event up to `after` that was recorded
   * later shows that D1 was restored to an earlier time, and has grown since.
   */
  readonly seenMs?: number | undefined;
  /**
   * The last seq of the batch that is being posted: a repetition holds no event that was recorded later, so that it has
   * the same webhook-id.
   */
  readonly batchEnd?: number | undefined;
  /** Up to this seq it is noted that retention may have deleted events before they were read. */
  readonly gapEnd?: number | undefined;
  /** At most so many events a post, because more were too large; undefined: as many as the endpoint's batch. */
  readonly batchLimit?: number | undefined;
  /** Seqs behind `after` that are not posted, because the sender skips them. */
  readonly skipped?: readonly number[] | undefined;
  readonly failure?: QueueFailure | undefined;
}

/** The queue waits: its next post has failed. */
export interface QueueFailure {
  /** When it failed first. */
  readonly sinceMs: number;
  readonly tries: number;
  readonly nextAtMs: number;
  /** The id of its delivery. */
  readonly delivery: number;
}

/** The queue that goes on behind another seq. */
export function movedTo(
  { failure: _failed, batchEnd: _ended, skipped = [], ...queue }: PostQueue,
  after: number,
): PostQueue {
  // A log that was restored to an earlier time gives the seqs to other events.
  const ahead = after < queue.after ? [] : skipped.filter((seq) => seq > after);
  return { ...queue, after, ...(ahead.length === 0 ? {} : { skipped: ahead }) };
}

/** At most how many events its next post holds. */
export function batchOf({ batchLimit = Number.POSITIVE_INFINITY }: PostQueue, batch: number): number {
  return Math.min(batchLimit, batch);
}

/** The queue behind a post that was too large: the next one holds half of its events, at most. */
export function halved(queue: PostQueue, events: number): PostQueue {
  const half = Math.max(1, Math.floor(events / 2));
  return { ...queue, batchLimit: Math.min(half, queue.batchLimit ?? half) };
}

/** The queue behind a post that was accepted: after a post that was too large, each holds one event more. */
export function grown({ batchLimit, ...queue }: PostQueue, batch: number): PostQueue {
  if (batchLimit === undefined || batchLimit + 1 >= batch) return queue;
  return { ...queue, batchLimit: batchLimit + 1 };
}

/** Whether it does not wait after a failure. */
export function isDue({ failure }: PostQueue): boolean {
  return (failure?.nextAtMs ?? 0) <= Date.now();
}

/** The queue that tries again at once, and may fail as long as at first. */
export function resumed(queue: PostQueue, nowMs: number): PostQueue {
  const { failure } = queue;
  if (failure === undefined) return queue;
  return { ...queue, failure: { ...failure, sinceMs: nowMs, tries: 0, nextAtMs: 0 } };
}

/** The queue that leaves an event out. */
export function skipping(queue: PostQueue, seq: number): PostQueue {
  return { ...queue, skipped: [...(queue.skipped ?? []), seq] };
}
