/**
 * The Durable Object that bounds expensive reads of D1 across all isolates: an object for each kind of read. Guarantees
 * that no more of a kind run than the limit says, and that the lease of a holder that died expires within seconds.
 * Keeps its leases in memory: after a restart each is held again when its holder next asks, and meanwhile another read
 * may have begun.
 */
import { DurableObject } from "cloudflare:workers";
import { type ReadLimit, type ReadTurn, ReadTurns } from "./read-turns.ts";

export class ReadLeases extends DurableObject<Env> {
  #turns: ReadTurns | undefined;

  /** Asks for a lease, or holds the one that this id has. All callers of an object have the same limit. */
  hold(id: string, limit: ReadLimit): ReadTurn {
    this.#turns ??= new ReadTurns(limit);
    return this.#turns.hold(id, Date.now());
  }

  release(id: string): void {
    this.#turns?.release(id);
  }
}
