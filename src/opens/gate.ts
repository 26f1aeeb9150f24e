/**
 * The Durable Object that lets one open through. There is one for each (email, person, campaign).
 *
 * Guarantees: of all that ask, one at a time is told to record the Opened, and none once it is recorded. "opened" is written
 * only when a road has taken the row: whoever dies before that leaves the gate open, and the next load of the pixel records
 * the same row under the same id, of which D1 keeps one. Gives up speed in that one case: those who wait for somebody who
 * died wait `CLAIM_MS`.
 */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { settledWithin } from "../log/deadline.ts";

export interface OpenedMark {
  /** ms since 1970 UTC. */
  readonly atMs: number;
  /** Whether what opened it was a machine: a person's open may then take its place. */
  readonly isBot: boolean;
}

/** "first": record it, then say so. "repeat": it is recorded. */
export type Passage = "first" | "repeat";

/** Somebody was told to record; resolved when they did. */
interface Claim extends PromiseWithResolvers<void> {
  readonly visit: string;
}

/** Longer than the roads of the log take when one of them hangs. */
const CLAIM_MS = 6_000;

export class OpenGate extends DurableObject<Env> {
  #claim: Claim | undefined;

  /** `visit` names who asks: whoever was told to record and asks again, because the answer got lost, is told again. */
  async pass(visit: string): Promise<Passage> {
    while (this.ctx.storage.kv.get("opened") === undefined) {
      const claim = this.#claim;
      if (claim === undefined) {
        this.#claim = { visit, ...Promise.withResolvers<void>() };
        return "first";
      }
      if (claim.visit === visit) return "first";
      await settledWithin(claim.promise, CLAIM_MS);
      if (this.#claim === claim) this.#claim = undefined;
    }
    return "repeat";
  }

  /** A road of the log has the row. */
  recorded(mark: OpenedMark): void {
    this.ctx.storage.kv.put("opened", mark);
    this.#claim?.resolve();
    this.#claim = undefined;
  }

  /** No road took it: whoever waits tries next. */
  failed(): void {
    this.#claim?.resolve();
    this.#claim = undefined;
  }
}
