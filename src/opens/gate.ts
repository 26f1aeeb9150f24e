/**
 * The Durable Object that lets one open through. There is one for each (email, person, campaign).
 *
 * Guarantees: of all that ask, one at a time holds the claim to record the Opened, and none once it is recorded. "opened" is
 * written only when a road has taken the row: whoever dies before that leaves the gate open, and the next load of the pixel
 * records the same row under the same id, of which D1 keeps one.
 */
import { DurableObject, RpcTarget } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { settledWithin } from "../log/deadline.ts";

export interface OpenedMark {
  /** ms since 1970 UTC. */
  readonly atMs: number;
  /** Whether what opened it was a machine: a person's open may then take its place. */
  readonly isBot: boolean;
}

/** Longer than the roads of the log take when one of them hangs. */
const CLAIM_MS = 6_000;

/**
 * Who holds this is the one to record the Opened. It lives in the call that gave it, so that saying so costs no second one
 * (Cloudflare bills and the runtime sets up a call, not what is called on its answer), and a holder that dies lets go of it.
 */
export class OpenClaim extends RpcTarget {
  readonly #storage: DurableObjectStorage;
  readonly #letGo: () => void;

  constructor(storage: DurableObjectStorage, letGo: () => void) {
    super();
    this.#storage = storage;
    this.#letGo = letGo;
  }

  /** A road of the log has the row. */
  recorded(mark: OpenedMark): void {
    this.#storage.kv.put("opened", mark);
  }

  [Symbol.dispose](): void {
    this.#letGo();
  }
}

export class OpenGate extends DurableObject<Env> {
  /** Settled when whoever holds the claim lets go of it; undefined while nobody holds it. */
  #held: Promise<void> | undefined;

  /** The claim to record the first open; null when that is recorded. Waits while another holds it. */
  async pass(): Promise<OpenClaim | null> {
    while (this.ctx.storage.kv.get("opened") === undefined) {
      const held = this.#held;
      if (held === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#held = promise;
        return new OpenClaim(this.ctx.storage, resolve);
      }
      await settledWithin(held, CLAIM_MS);
      if (this.#held === held) this.#held = undefined;
    }
    return null;
  }
}
