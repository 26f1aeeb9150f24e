/**
 * Group commit: rows of one isolate share queue messages. The first request commits at once; rows that arrive meanwhile
 * wait together and are committed next. A lone row waits for nothing; under load, a hundred rows cost as much as one.
 *
 * Guarantees: a row is in one group, which is passed to `commit` at least once while the isolate lives, and its promise
 * settles only afterwards. Gives up the waiting rows of an isolate that dies; their requests were not answered yet,
 * unless their budget had run out.
 *
 * Three rules of the runtime shape it. A request's promise can only be settled through resolvers of its own. The leader
 * commits inside its own `waitUntil`, so that a client that hangs up does not lose other requests' rows. A request's
 * `waitUntil` ends after 30 s, so a leader hands over to the next arrival long before.
 */

/** The part of a request's ExecutionContext that keeps work alive after the answer. */
export interface Lifetime {
  waitUntil(work: Promise<unknown>): void;
}

export interface GroupCommitOptions<Group, Outcome> {
  /** Makes a group of rows, once. */
  readonly groupOf: (rows: readonly string[]) => Group;
  /** Commits a group. Must settle within `leadMs`, and never reject. */
  readonly commit: (group: Group) => Promise<Outcome>;
  /** The most characters of rows in one commit; a longer row is committed alone. */
  readonly maxChars: number;
  /** The most characters of rows that may wait; further rows go to `overflow`. A Worker out of memory loses all. */
  readonly maxWaitingChars: number;
  readonly overflow: (group: Group) => Outcome;
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

interface WaitingGroup<Group, Outcome> {
  readonly group: Group;
  readonly rows: readonly WaitingRow<Outcome>[];
}

interface Lead<Group, Outcome> {
  readonly sinceMs: number;
  committing: WaitingGroup<Group, Outcome> | undefined;
}

export class GroupCommit<Group, Outcome> {
  readonly #options: GroupCommitOptions<Group, Outcome>;
  #waiting: WaitingRow<Outcome>[] = [];
  #waitingChars = 0;
  /** Groups of leaders that may have died. */
  #unsettled: WaitingGroup<Group, Outcome>[] = [];
  #lead: Lead<Group, Outcome> | undefined;

  constructor(options: GroupCommitOptions<Group, Outcome>) {
    this.#options = options;
  }

  /** Resolves with the outcome of the commit that holds this row. */
  append(row: string, lifetime: Lifetime): Promise<Outcome> {
    if (this.#waitingChars + row.length > this.#options.maxWaitingChars) {
      return Promise.resolve(this.#options.overflow(this.#options.groupOf([row])));
    }
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#waiting.push({ row, settle: resolve });
    this.#waitingChars += row.length;
    const lead = this.#lead;
    if (lead === undefined) {
      lifetime.waitUntil(this.#commitWaiting());
    } else if (this.#options.now() - lead.sinceMs > this.#options.leadMs) {
      // An old leader is either slow, and stops after its commit, or dead. Its group is committed again, which is
      // harmless because it is the same.
      if (lead.committing !== undefined) this.#unsettled.push(lead.committing);
      lifetime.waitUntil(this.#commitWaiting());
    }
    return promise;
  }

  async #commitWaiting(): Promise<void> {
    const lead: Lead<Group, Outcome> = { sinceMs: this.#options.now(), committing: undefined };
    this.#lead = lead;
    while (this.#lead === lead) {
      const next = this.#unsettled.shift() ?? this.#takeGroup();
      if (next === undefined) break;
      lead.committing = next;
      const outcome = await this.#options.commit(next.group);
      for (const { settle } of next.rows) settle(outcome);
      lead.committing = undefined;
      await this.#options.pause();
    }
    if (this.#lead === lead) this.#lead = undefined;
  }

  #takeGroup(): WaitingGroup<Group, Outcome> | undefined {
    if (this.#waiting.length === 0) return undefined;
    const rows = this.#take();
    return { group: this.#options.groupOf(rows.map(({ row }) => row)), rows };
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
