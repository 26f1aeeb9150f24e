/**
 * The Durable Object that lets a message's opens through. There is one for each (email, person, campaign).
 *
 * Guarantees: of all that ask, one at a time holds the claim to record an open, and none once there is nothing more to record. Three
 * opens can be news to the log: the first; the first by a person, when that was a machine's; and the first by a person long enough
 * after it, which stands by for the case that the one before turns out to be part of a machine's burst. All have one id, of which
 * D1 keeps one row. What was recorded is written only when a road has taken the row: whoever dies before that leaves the gate as it
 * was, and the next load of the pixel records it.
 */
import { DurableObject, RpcTarget } from "cloudflare:workers";
import { settledWithin } from "../platform/timeout.ts";
import { type OpenMark, type Recorded, recordableFrom, shouldRecord } from "./recordable.ts";

/** Longer than the roads of the log take when one of them hangs. */
const CLAIM_MS = 6_000;

/**
 * Who holds this is the one to record the Opened. It lives in the call that gave it, so that saying so costs no second one
 * (Cloudflare bills and the runtime sets up a call, not what is called on its answer), and a holder that dies lets go of it.
 */
export class OpenLease extends RpcTarget {
  readonly #record: (open: OpenMark) => void;
  readonly #release: () => void;

  constructor(record: (open: OpenMark) => void, release: () => void) {
    super();
    this.#record = record;
    this.#release = release;
  }

  /** A road of the log has the row. */
  recorded(open: OpenMark): void {
    this.#record(open);
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}

export class OpenGate extends DurableObject<Env> {
  /** Settled when whoever holds the claim lets go of it; undefined while nobody holds it. */
  #held: Promise<void> | undefined;
  /** What storage has, once it was read. */
  #known: { readonly recorded: Recorded | undefined } | undefined;

  /** The claim to record an open; or, when it is no news, from when on a person's is. Waits while another holds the claim. */
  async pass(open: OpenMark): Promise<OpenLease | number> {
    for (;;) {
      const recorded = this.#recorded();
      if (!shouldRecord(open, recorded)) return recordableFrom(recorded);
      const held = this.#held;
      if (held === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#held = promise;
        return new OpenLease((told) => this.#record(told), resolve);
      }
      await settledWithin(held, CLAIM_MS);
      if (this.#held === held) this.#held = undefined;
    }
  }

  #recorded(): Recorded | undefined {
    this.#known ??= { recorded: this.ctx.storage.kv.get<Recorded>("opened") };
    return this.#known.recorded;
  }

  #record(open: OpenMark): void {
    const before = this.#recorded();
    // A claim that was taken for lost may be told of late.
    if (!shouldRecord(open, before)) return;
    const recorded = before === undefined || before.isBot ? open : { ...before, again: true };
    this.ctx.storage.kv.put<Recorded>("opened", recorded);
    this.#known = { recorded };
  }
}
