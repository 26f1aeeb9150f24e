/**
 * Posts what the queues of an endpoint and its retry queue hold, and records the results. Guarantees that a queue goes
 * on behind an event only once it is accepted or in the retry queue; of an ordered endpoint one post is in flight. Of
 * one that is not ordered a few are, and what takes longer than a second waits for its answer in the retry queue, so
 * that it holds up nothing.
 */
import type { Settings } from "../config/settings.ts";
import { logger } from "../platform/logger.ts";
import { fromD1 } from "../platform/timeout.ts";
import type { Deliveries } from "./deliveries.ts";
import type { EndpointRow } from "./endpoints.ts";
import { MAX_IN_FLIGHT, PostsInFlight } from "./in-flight.ts";
import { PageSize } from "./page-size.ts";
import { refusedPost, type WebhookPost } from "./post.ts";
import { batchOf, isDue, movedTo } from "./post-queue.ts";
import { postAt, type QueuedPost, type QueuePage, readQueue } from "./queue-page.ts";
import {
  type MadePost,
  recordLateAnswer,
  recordPossibleGap,
  recordQueuedPost,
  recordRetry,
  recordUnanswered,
} from "./results.ts";
import { type RetriedPost, readRetries } from "./retry-queue.ts";
import { sendMessage } from "./send.ts";
import type { EndpointState, QueueName } from "./state.ts";

/** A page of the log is read again when it is older. */
const FRESH_MS = 2_000;
/** A post that is not answered by then waits in the retry queue, and others go on. */
const LATE_AFTER_MS = 1_000;
/** Events that the retry queue may hold. */
const MAX_RETRYING = 1_000;
/** Retries in flight, so that those that hang leave room for new events. */
const MAX_RETRIES_IN_FLIGHT = MAX_IN_FLIGHT / 2;

/** The endpoint as it was read. */
export interface EndpointConfiguration {
  readonly settings: Settings;
  readonly row: EndpointRow;
  /** Whether it was changed, disabled or deleted since. */
  readonly isStale: () => boolean;
}

export interface PostingParts {
  readonly environment: () => Env;
  readonly id: string;
  readonly state: EndpointState;
  readonly deliveries: Deliveries;
  /** Sets the alarm, unless an earlier one is set. */
  readonly setAlarmBy: (atMs: number) => void;
  /** Whether the endpoint was deleted: nothing is written any more. */
  readonly isEnded: () => boolean;
  /** What follows from a result for the endpoint. Rejects with D1's error. */
  readonly disableIfFailing: (result: WebhookPost, row: EndpointRow) => Promise<void>;
}

/** A post in flight. */
interface Flight extends MadePost {
  readonly answer: Answer;
}

interface Answer {
  readonly result: Promise<WebhookPost>;
  /** Resolves when it has taken long. */
  readonly late: Promise<undefined>;
}

interface Recorded {
  /** Whether the queue goes on. */
  readonly isMoved: boolean;
  readonly isAccepted: boolean;
}

const NOT_RECORDED: Recorded = { isMoved: false, isAccepted: false };

export class Posting {
  readonly #parts: PostingParts;
  readonly #inFlight = new PostsInFlight();
  readonly #pageSizes = { live: new PageSize(), replay: new PageSize() };

  constructor(parts: PostingParts) {
    this.#parts = parts;
  }

  /** Deliveries of the retry queue that are in flight. */
  get retrying(): ReadonlySet<number> {
    return this.#inFlight.deliveries;
  }

  /** Posts a page of a queue. Resolves to whether there is more to do at once. */
  async advance(name: QueueName, configuration: EndpointConfiguration): Promise<boolean> {
    const { state } = this.#parts;
    const { row, settings, isStale } = configuration;
    const queue = state.queue(name);
    if (queue === undefined || !isDue(queue)) return false;
    const pageSize = this.#pageSizes[name];
    const posts = queue.failure === undefined ? pageSize.posts(batchOf(queue, row.batch)) : 1;
    const page = await fromD1(readQueue(this.#parts.environment(), queue, posts, row, settings));
    if (page.possibleGap !== undefined) recordPossibleGap(this.#parts, name, page.queue.id, page.possibleGap);
    const startedAtMs = Date.now();
    const posted = await this.#postPage(name, page, configuration, startedAtMs + FRESH_MS);
    if (!posted.goesOn) {
      const failed = state.queue(name);
      return failed !== undefined && isDue(failed);
    }
    pageSize.measure(posted.posts, Date.now() - startedAtMs, posted.isWhole);
    if (isStale() || !posted.isWhole) return true;
    return this.#finishPage(name, page);
  }

  /** Posts rows of a page, in their order, as long as they are fresh. Resolves when each is recorded. */
  async #postPage(name: QueueName, page: QueuePage, configuration: EndpointConfiguration, staleAtMs: number) {
    const { row, settings, isStale } = configuration;
    let recorded = Promise.resolve(true);
    let [from, posts, unrecorded] = [0, 0, 0];
    // Read once: what leaves the retry queue while the page is posted makes room for the next one.
    let retrying = this.#parts.deliveries.retryQueue().events;
    while (from < page.rows.length && !isStale() && Date.now() <= staleAtMs) {
      const queue = this.#parts.state.queue(name);
      if (queue === undefined || queue.id !== page.queue.id) break;
      const batch = batchOf(queue, row.batch);
      const room = MAX_RETRYING - retrying - unrecorded;
      // A batch that is not full is posted alone: its queue remembers where it ends.
      const isFull = page.rows.length - from >= batch;
      const isAlone = row.ordered || !isFull || room < batch;
      if (isAlone && unrecorded > 0) {
        if (!(await recorded)) break;
        continue;
      }
      const post = postAt(page, from, batch, row.batch > 1, settings.tokenKeys);
      const events = post.message.events.length;
      if (!isFull) this.#parts.state.saveQueue(name, { ...queue, batchEnd: post.last });
      const answer = await this.#send(post.message, configuration);
      const canRetry = !row.ordered && room >= events;
      const flight = { post, queue, canRetry, batch: row.batch, answer };
      posts++;
      from += events;
      unrecorded += events;
      recorded = recorded.then(async (goesOn) => {
        const { isMoved, isAccepted } = goesOn ? await this.#record(name, flight, configuration) : NOT_RECORDED;
        unrecorded -= events;
        if (canRetry && !isAccepted) retrying += events;
        return isMoved;
      });
      // An error rejects what is awaited below.
      recorded.catch(() => undefined);
      if (isAlone && !(await recorded)) break;
    }
    return { goesOn: await recorded, posts, isWhole: from >= page.rows.length };
  }

  /** Makes a post, once there is room. Resolves when it is in flight. */
  async #send(message: QueuedPost["message"], { row, settings }: EndpointConfiguration): Promise<Answer> {
    const { result: posting } = await this.#inFlight.make(() => sendMessage(message, row, settings, this.#parts.state));
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), LATE_AFTER_MS);
    const result = posting.catch(() => refusedPost("it could not be made")).finally(() => clearTimeout(timer));
    return { result, late };
  }

  /** Records the result of a queue's post. Resolves to whether the queue goes on, and whether it was accepted. */
  async #record(name: QueueName, flight: Flight, configuration: EndpointConfiguration): Promise<Recorded> {
    const { canRetry, answer } = flight;
    const result = await (canRetry ? Promise.race([answer.result, answer.late]) : answer.result);
    if (this.#parts.isEnded()) return NOT_RECORDED;
    if (result === undefined) return { isMoved: this.#goOnWithout(name, flight, configuration), isAccepted: false };
    const isMoved = recordQueuedPost(this.#parts, name, flight, result);
    await this.#parts.disableIfFailing(result, configuration.row);
    return { isMoved, isAccepted: result.type === "accepted" };
  }

  /** Moves the queue behind a post that is not answered yet, and records the answer when it comes. */
  #goOnWithout(name: QueueName, flight: Flight, configuration: EndpointConfiguration): boolean {
    const { delivery, goesOn } = recordUnanswered(this.#parts, name, flight);
    const unanswered = { name, made: flight, delivery, isOrdered: configuration.row.ordered };
    this.#recordLater(delivery, flight.answer.result, configuration, (result) =>
      recordLateAnswer(this.#parts, unanswered, result),
    );
    return goesOn;
  }

  /** Tries posts of the retry queue again. Resolves to whether there may be more. */
  async postRetries(configuration: EndpointConfiguration): Promise<boolean> {
    const { deliveries } = this.#parts;
    const { row, settings, isStale } = configuration;
    const most = row.ordered ? MAX_IN_FLIGHT : MAX_RETRIES_IN_FLIGHT - this.retrying.size;
    const due = deliveries.dueRetries(Date.now(), Math.min(most, this.#inFlight.free), this.retrying);
    if (due.length === 0) return false;
    const posts = await fromD1(readRetries(this.#parts.environment(), due, row, settings));
    if (isStale()) return true;
    const areDone = await Promise.all(posts.map((post) => this.#postRetry(post, configuration)));
    return areDone.includes(true);
  }

  /** Resolves to whether it was answered soon. */
  async #postRetry(post: RetriedPost, configuration: EndpointConfiguration): Promise<boolean> {
    const { delivery, message } = post;
    const { row } = configuration;
    if (message === undefined) {
      recordRetry(this.#parts, post, undefined, row.ordered);
      return true;
    }
    const answer = await this.#send(message, configuration);
    this.#inFlight.deliveries.add(delivery.id);
    const result = await Promise.race([answer.result, answer.late]);
    if (result === undefined) {
      this.#recordLater(delivery.id, answer.result, configuration, (answered) =>
        recordRetry(this.#parts, post, answered, row.ordered),
      );
      return false;
    }
    this.#inFlight.deliveries.delete(delivery.id);
    if (this.#parts.isEnded()) return false;
    recordRetry(this.#parts, post, result, row.ordered);
    await this.#parts.disableIfFailing(result, row);
    return true;
  }

  /** Records the answer to a post of the retry queue behind what else the object does. */
  #recordLater(
    id: number,
    result: Promise<WebhookPost>,
    { row }: EndpointConfiguration,
    write: (answered: WebhookPost) => void,
  ): void {
    const record = async () => {
      const answered = await result;
      this.#inFlight.deliveries.delete(id);
      if (this.#parts.isEnded()) return;
      write(answered);
      // There may be something to do that had no room, or waited for it.
      this.#parts.setAlarmBy(Date.now());
      await this.#parts.disableIfFailing(answered, row);
    };
    this.#inFlight.deliveries.add(id);
    record().catch((error: unknown) => {
      // It is tried again: nothing says that it was accepted.
      logger.warn("webhook's answer not recorded", { endpoint: this.#parts.id, delivery: id, error });
    });
  }

  /** Moves the queue behind a page that was posted. Returns whether there is more to do at once. */
  #finishPage(name: QueueName, { queue: read, after, seenMs, isMore }: QueuePage): boolean {
    const { state, deliveries } = this.#parts;
    const queue = state.queue(name);
    if (queue === undefined || queue.id !== read.id) return queue !== undefined;
    // What failed is not there any more, or the filter does not pass it.
    if (queue.failure !== undefined) deliveries.end(queue.failure.delivery, "replaced");
    if (name === "replay" && !isMore) {
      state.endReplay();
      return state.replays().length > 0;
    }
    const isChanged = queue.after !== after || queue.failure !== undefined || queue.batchEnd !== undefined;
    if (isChanged) state.saveQueue(name, { ...movedTo(queue, after), seenMs });
    return isMore;
  }
}
