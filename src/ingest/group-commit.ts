/**
 * Group commit: rows of one isolate share queue messages. The first request commits at once; rows that arrive meanwhile
 * wait together and are committed next. A lone row waits for nothing; under load, a hundred rows cost as much as one.
 *
 * Guarantees: a row is passed to `commit` at least once while the isolate lives, and its promise settles only
 * afterwards. Gives up the waiting rows of an isolate that dies; their requests were not answered yet, unless their
 * budget had run out.
 *
 * Three rules of the runtime shape it. A request's promise can only be settled through resolvers of its own. The leader
 * commits inside its own `waitUntil`, so that a client that hangs up does not lose other requests' rows. A request's
 * `waitUntil` ends after 30 s, so a leader hands over to the next arrival long before.
 */

/** The part of a request's ExecutionContext that keeps work alive after the answer. */
export interface Lifetime {
  waitUntil(work: Promise<unknown>): void;
}

export interface GroupCommitOptions<Outcome> {
  /** Commits rows together. Must settle within `leadMs`, and never reject. */
  readonly commit: (rows: readonly string[]) => Promise<Outcome>;
  /** The most characters of rows in one commit; a longer row is committed alone. */
  readonly maxChars: number;
  /** The most characters of rows that may wait; further rows go to `overflow`. A Worker out of memory loses all. */
  readonly maxWaitingChars: number;
  readonly overflow: (row: string) => Outcome;
  /** Waits between two commits, for rows to gather. */
  readonly pause: () => Promise<unknown>;
  /** How long one request leads before the next arrival takes over, in ms. */
  readonly leadMs: number;
  readonly now: () => number;
}

interface WaitingRow<Outcome> {
  readonly row: string;
  readonly settle: (outcome: Outcome) => void;
}

interface Lead<Outcome> {
  readonly sinceMs: number;
  committing: readonly WaitingRow<Outcome>[];
}

export class GroupCommit<Outcome> {
  readonly #options: GroupCommitOptions<Outcome>;
  #waiting: WaitingRow<Outcome>[] = [];
  #waitingChars = 0;
  #lead: Lead<Outcome> | undefined;

  constructor(options: GroupCommitOptions<Outcome>) {
    this.#options = options;
  }

  /** Resolves with the outcome of the commit that holds this row. */
  append(row: string, lifetime: Lifetime): Promise<Outcome> {
    if (this.#waitingChars + row.length > this.#options.maxWaitingChars) {
      return Promise.resolve(this.#options.overflow(row));
    }
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#waiting.push({ row, settle: resolve });
    this.#waitingChars += row.length;
    const lead = this.#lead;
    if (lead === undefined) {
      lifetime.waitUntil(this.#commitWaiting());
    } else if (this.#options.now() - lead.sinceMs > this.#options.leadMs) {
      // An old leader is either slow, and stops after its commit, or dead. Its rows are committed again, which their
      // ids make harmless.
      for (const { row: again } of lead.committing) this.#waitingChars += again.length;
      this.#waiting = [...lead.committing, ...this.#waiting];
      lifetime.waitUntil(this.#commitWaiting());
    }
    return promise;
  }

  async #commitWaiting(): Promise<void> {
    const lead: Lead<Outcome> = { sinceMs: this.#options.now(), committing: [] };
    this.#lead = lead;
    while (this.#lead === lead && this.#waiting.length > 0) {
      lead.committing = this.#take();
      const outcome = await this.#options.commit(lead.committing.map(({ row }) => row));
      for (const { settle } of lead.committing) settle(outcome);
      lead.committing = [];
      await this.#options.pause();
    }
    if (this.#lead === lead) this.#lead = undefined;
  }

  #take(): readonly WaitingRow<Outcome>[] {
    let chars = 0;
    let count = 0;
    for (const { row } of this.#waiting) {
      if (count > 0 && chars + row.length > this.#options.maxChars) break;
      chars += row.length;
      count++;
    }
    this.#waitingChars -= chars;
    const taken = this.#waiting;
    this.#waiting = taken.splice(count);
    return taken;
  }
}
