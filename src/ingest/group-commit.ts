/**
 * Rows of one isolate share messages: the first request sends at once, those that come while it sends wait together and
 * are sent next. Alone, a row waits for nothing; under load, a hundred cost as much as one.
 *
 * Guarantees: a row is handed to `commit` at least once as long as the isolate lives, and its promise is settled only
 * afterwards. Gives up: rows that wait in an isolate that dies; their requests were not answered as recorded either,
 * unless the answer's own budget had run out.
 *
 * Three rules of the runtime shape it. A promise is settled for other requests only through their own resolvers. A
 * leader's work sits in its own waitUntil, so that a client that hangs up takes nobody's rows along. And a request's
 * waitUntil ends at 30 s, so that a leader hands over to the next arrival long before.
 */

/** The part of a request's ExecutionContext that keeps work alive after the answer. */
export interface Lifetime {
  waitUntil(work: Promise<unknown>): void;
}

export interface GroupCommitOptions<Outcome> {
  /** Commits rows together. Must settle within `leadMs`, and never reject. */
  readonly commit: (rows: readonly string[]) => Promise<Outcome>;
  /** The most characters of rows that one commit takes (a single longer row goes alone). */
  readonly maxChars: number;
  /** The most characters of rows that may wait. Past that a row goes to `overflow`: a Worker out of memory loses them all. */
  readonly maxWaitingChars: number;
  readonly overflow: (row: string) => Outcome;
  /** Between two commits, for rows to gather. */
  readonly pause: () => Promise<unknown>;
  /** How long one request leads before the next arrival takes over, in ms. */
  readonly leadMs: number;
  readonly now: () => number;
}

interface Waiting<Outcome> {
  readonly row: string;
  readonly settle: (outcome: Outcome) => void;
}

interface Lead<Outcome> {
  readonly sinceMs: number;
  sending: readonly Waiting<Outcome>[];
}

export class GroupCommit<Outcome> {
  readonly #options: GroupCommitOptions<Outcome>;
  #waiting: Waiting<Outcome>[] = [];
  #waitingChars = 0;
  #lead: Lead<Outcome> | undefined;

  constructor(options: GroupCommitOptions<Outcome>) {
    this.#options = options;
  }

  /** Resolves with what `commit` said of this row's group. */
  append(row: string, lifetime: Lifetime): Promise<Outcome> {
    if (this.#waitingChars + row.length > this.#options.maxWaitingChars)
      return Promise.resolve(this.#options.overflow(row));
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#waiting.push({ row, settle: resolve });
    this.#waitingChars += row.length;
    const lead = this.#lead;
    if (lead === undefined) {
      lifetime.waitUntil(this.#leadOn());
    } else if (this.#options.now() - lead.sinceMs > this.#options.leadMs) {
      // An old leader is either busy, and stops after this commit, or dead with its rows in hand: they are sent again,
      // which their ids make harmless.
      for (const { row: sent } of lead.sending) this.#waitingChars += sent.length;
      this.#waiting = [...lead.sending, ...this.#waiting];
      lifetime.waitUntil(this.#leadOn());
    }
    return promise;
  }

  async #leadOn(): Promise<void> {
    const lead: Lead<Outcome> = { sinceMs: this.#options.now(), sending: [] };
    this.#lead = lead;
    while (this.#lead === lead && this.#waiting.length > 0) {
      lead.sending = this.#take();
      const outcome = await this.#options.commit(lead.sending.map(({ row }) => row));
      for (const { settle } of lead.sending) settle(outcome);
      lead.sending = [];
      await this.#options.pause();
    }
    if (this.#lead === lead) this.#lead = undefined;
  }

  #take(): readonly Waiting<Outcome>[] {
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
