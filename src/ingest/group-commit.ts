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
 * `waitUntil` ends after 30 s, so a leader hands over to the next arrival long before. The next leader goes on with the
 * rows that wait; the group that the one before commits is committed again only when that leader must be dead.
 */

/** The part of a request's ExecutionContext that keeps work alive after the answer. */
export interface Lifetime {
  waitUntil(work: Promise<unknown>): void;
}

export interface GroupCommitOptions<Group, Outcome> {
  /** Makes a group of rows, once. */
  readonly groupOf: (rows: readonly string[]) => Group;
  /** Commits a group. Must settle within `commitMs`, and never reject. The same group may come twice. */
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
  /** A group whose commit has not settled for so long, in ms, is committed again: its leader is dead. */
  readonly commitMs: number;
  readonly now: () => number;
}

interface WaitingRow<Outcome> {
  readonly row: string;
  readonly settle: (outcome: Outcome) => void;
}

interface CommittedGroup<Group, Outcome> {
  readonly group: Group;
  readonly rows: readonly WaitingRow<Outcome>[];
  /** When its last commit began. */
  sinceMs: number;
}

interface Lead {
  readonly sinceMs: number;
}

export class GroupCommit<Group, Outcome> {
  readonly #options: GroupCommitOptions<Group, Outcome>;
  #waiting: WaitingRow<Outcome>[] = [];
  #waitingChars = 0;
  /** Groups whose commit has begun and has not settled. */
  readonly #committing = new Set<CommittedGroup<Group, Outcome>>();
  #lead: Lead | undefined;

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
    const isLed = this.#lead !== undefined && this.#options.now() - this.#lead.sinceMs <= this.#options.leadMs;
    // An old leader is either slow, and stops after its commit, or dead.
    if (!isLed) lifetime.waitUntil(this.#commitWaiting());
    return promise;
  }

  async #commitWaiting(): Promise<void> {
    const lead: Lead = { sinceMs: this.#options.now() };
    this.#lead = lead;
    while (this.#lead === lead) {
      const next = this.#groupOfDeadLeader() ?? this.#takeGroup();
      if (next === undefined) break;
      next.sinceMs = this.#options.now();
      this.#committing.add(next);
      const outcome = await this.#options.commit(next.group);
      this.#committing.delete(next);
      for (const { settle } of next.rows) settle(outcome);
      await this.#options.pause();
    }
    if (this.#lead === lead) this.#lead = undefined;
  }

  /** To commit it again is harmless because it is the same. */
  #groupOfDeadLeader(): CommittedGroup<Group, Outcome> | undefined {
    const { now, commitMs } = this.#options;
    return [...this.#committing].find(({ sinceMs }) => now() - sinceMs > commitMs);
  }

  #takeGroup(): CommittedGroup<Group, Outcome> | undefined {
    if (this.#waiting.length === 0) return undefined;
    const rows = this.#take();
    return { group: this.#options.groupOf(rows.map(({ row }) => row)), rows, sinceMs: this.#options.now() };
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
