/**
 * The Durable Object that deduplicates opens: one for each id of opens (events/opened-id.ts), which is of an
 * email, a person and a campaign, or while OPENS_PER is "email" whatever the campaign.
 *
 * Guarantees: one request at a time holds the lease to record an open, and none once there is nothing more to record.
 * Few opens of a message are recorded (recordable.ts): the first; a person's first, when that was a bot's; and later
 * ones by a person, in case those before are reclassified as a scanner's. All have the same id, of which D1 keeps one
 * row. The gate stores an open only when a sink has its row: after a crash before that, the next load records it.
 * Some weeks after the last one the gate deletes what it holds; of a later open D1 keeps no second row either.
 */
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { DAY_MS } from "../platform/durations.ts";
import { settledWithin } from "../platform/timeout.ts";
import { type GateLoad, type RecordedOpens, recordableFrom, recordedWith, shouldRecord } from "./recordable.ts";

/** Longer than a sink's deadline. Should recording take longer, the next load records the open, too, under its id. */
const LEASE_MS = 6_000;

/** How long the gate keeps what it holds after its latest open. */
const KEPT_MS = 32 * DAY_MS;

/** Storage key of the `RecordedOpens`. */
const RECORDED = "recorded";

/**
 * Lease to record one open; released when disposed. It lives in the call that returned it: a call on it is neither
 * billed nor set up as another request to the object, and the runtime disposes it when its holder dies.
 */
export class OpenLease extends RpcTarget {
  readonly #record: (load: GateLoad) => Promise<number>;
  readonly #release: () => void;

  constructor(record: (load: GateLoad) => Promise<number>, release: () => void) {
    super();
    this.#record = record;
    this.#release = release;
  }

  /** Stores that a sink has the open's row. Returns from when on a person's open is recorded, ms since 1970 UTC. */
  async record(load: GateLoad): Promise<number> {
    return await this.#record(load);
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}

export class OpenGate extends DurableObject<Env> {
  /** Resolves when the current lease is released; undefined while there is none. */
  #leased: Promise<void> | undefined;
  /** What is stored, once storage was read. */
  #known: { readonly recorded: RecordedOpens | undefined } | undefined;

  /**
   * The lease to record a load; or, when it is not to be recorded, the time from which on a person's is (ms since
   * 1970 UTC). Waits while another request holds the lease. A number and no tagged object: whoever gets an
   * object over RPC has to dispose of it, even when it holds no stub ("Lifecycle" of Workers RPC).
   */
  async acquire(load: GateLoad): Promise<OpenLease | number> {
    for (;;) {
      const recorded = this.#recorded();
      if (!shouldRecord(load, recorded)) return recordableFrom(recorded);
      const leased = this.#leased;
      if (leased === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#leased = promise;
        return new OpenLease((recordedLoad) => this.#record(recordedLoad), resolve);
      }
      await settledWithin(leased, LEASE_MS);
      if (this.#leased === leased) this.#leased = undefined;
    }
  }

  override async alarm(): Promise<void> {
    const recorded = this.#recorded();
    const nowMs = Date.now();
    const keptUntilMs = recorded === undefined ? 0 : recorded.latestAtMs + KEPT_MS;
    // The recorded time may come from a clock that was ahead: the next alarm is in KEPT_MS at most.
    if (keptUntilMs > nowMs) return await this.ctx.storage.setAlarm(Math.min(keptUntilMs, nowMs + KEPT_MS));
    await this.ctx.storage.deleteAll();
    this.#known = { recorded: undefined };
  }

  #recorded(): RecordedOpens | undefined {
    this.#known ??= { recorded: this.ctx.storage.kv.get<RecordedOpens>(RECORDED) };
    return this.#known.recorded;
  }

  async #record(load: GateLoad): Promise<number> {
    const before = this.#recorded();
    // An expired lease may still be used late.
    if (!shouldRecord(load, before)) return recordableFrom(before);
    const recorded = recordedWith(load, before);
    this.ctx.storage.kv.put<RecordedOpens>(RECORDED, recorded);
    this.#known = { recorded };
    if (before === undefined) await this.ctx.storage.setAlarm(Date.now() + KEPT_MS);
    return recordableFrom(recorded);
  }
}
