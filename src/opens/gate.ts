/**
 * The Durable Object that lets one open through. There is one for each (email, person, campaign).
 *
 * Guarantees: the log gets the Opened of this message at least once from here, and its id, which is the same every time, makes
 * it at most once. "opened" is written only when a road has taken the row: an object that dies before that leaves the gate
 * open, and the next load of the pixel records the same row again.
 * When neither queue nor D1 takes the row, the object itself keeps it, and its alarm brings it in.
 */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";
import { withDeadline } from "../log/deadline.ts";
import { insertRows } from "../log/insert.ts";
import { bodyOf } from "../log/wire.ts";

export interface OpenedMark {
  /** ms since 1970 UTC. */
  readonly atMs: number;
  /** Whether what opened it was a machine: a person's open may then take its place. */
  readonly isBot: boolean;
}

export type Passage = "first" | "repeat";

const ROAD_DEADLINE_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 3_600_000;

interface Pending {
  readonly row: string;
  readonly tries: number;
}

export class OpenGate extends DurableObject<Env> {
  #recording: Promise<void> | undefined;

  /** Lets the first open through: its row is in the log's hands when this resolves. */
  async open(row: string, mark: OpenedMark): Promise<Passage> {
    const { kv } = this.ctx.storage;
    if (kv.get("opened") !== undefined) return "repeat";
    if (this.#recording !== undefined) {
      await this.#recording;
      return "repeat";
    }
    this.#recording = this.#record(row, mark);
    try {
      await this.#recording;
    } finally {
      this.#recording = undefined;
    }
    return "first";
  }

  override async alarm(): Promise<void> {
    const { kv } = this.ctx.storage;
    const pending = kv.get<Pending>("pending");
    if (pending === undefined) return;
    if (await this.#onToTheLog(pending.row)) {
      kv.delete("pending");
      return;
    }
    const tries = pending.tries + 1;
    kv.put("pending", { row: pending.row, tries } satisfies Pending);
    await this.#tryAgain(tries);
  }

  async #record(row: string, mark: OpenedMark): Promise<void> {
    const { kv } = this.ctx.storage;
    if (await this.#onToTheLog(row)) {
      kv.put("opened", mark);
      return;
    }
    // One write, and no await in it: the mark and the row it answers for are stored together or not at all.
    kv.put("opened", mark);
    kv.put("pending", { row, tries: 0 } satisfies Pending);
    await this.#tryAgain(0);
  }

  async #onToTheLog(row: string): Promise<boolean> {
    try {
      await withDeadline(
        this.env.EVENTS.send(bodyOf([row]), { contentType: "text" }),
        ROAD_DEADLINE_MS,
        "queue",
      );
      return true;
    } catch {
      // The queue refuses; D1 may not.
    }
    try {
      await withDeadline(insertRows(this.env.DB, [row]), ROAD_DEADLINE_MS, "d1");
      return true;
    } catch {
      return false;
    }
  }

  #tryAgain(tries: number): Promise<void> {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(tries, 20), LONGEST_PAUSE_MS);
    return this.ctx.storage.setAlarm(Date.now() + pauseMs * (0.5 + Math.random() / 2));
  }
}
