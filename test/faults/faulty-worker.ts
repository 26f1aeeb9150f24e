/** A Worker whose bindings fail by command, and whose queue delivers by command. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import worker from "../../src/index.ts";
import { environment } from "../worker.ts";
import {
  type DatabaseFault,
  faultyDatabase,
  faultyObjects,
  faultyQueue,
  inTurn,
  type ObjectFault,
  type QueueFault,
} from "./broken.ts";

/** The faults of each binding's calls, in turn; without any they work. */
export interface Faults {
  readonly queue: readonly (QueueFault | undefined)[];
  readonly database: readonly (DatabaseFault | undefined)[];
  readonly gates: readonly (ObjectFault | undefined)[];
  readonly outbox: readonly (ObjectFault | undefined)[];
}

export const NO_FAULTS: Faults = { queue: [], database: [], gates: [], outbox: [] };

export class FaultyWorker {
  /** Two isolates of one Worker. */
  readonly isolates: readonly [Env, Env];
  #queue = inTurn<QueueFault>([]);
  #database = inTurn<DatabaseFault>([]);
  #gates = inTurn<ObjectFault>([]);
  #outbox = inTurn<ObjectFault>([]);
  #waiting: string[] = [];

  constructor() {
    const bindings = {
      EVENTS: faultyQueue(
        () => this.#queue(),
        async (body) => void this.#waiting.push(body),
      ),
      DB: faultyDatabase(() => this.#database()),
      OUTBOX: faultyObjects(env.OUTBOX, () => this.#outbox()),
      OPENS: faultyObjects(env.OPENS, () => this.#gates()),
    };
    this.isolates = [environment(bindings), environment(bindings)];
  }

  suffer({ queue, database, gates, outbox }: Faults): void {
    this.#queue = inTurn(queue);
    this.#database = inTurn(database);
    this.#gates = inTurn(gates);
    this.#outbox = inTurn(outbox);
  }

  /**
   * Delivers the waiting messages in one batch, each `times` times, the newest first when `backwards`. Messages that
   * are not acknowledged wait again.
   */
  async deliver({ times, backwards }: { readonly times: number; readonly backwards: boolean }): Promise<void> {
    const bodies = Array.from({ length: times }, () => this.#waiting).flat();
    if (backwards) bodies.reverse();
    this.#waiting = [];
    const batch = createMessageBatch(
      "waxseal-events",
      bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
    );
    const context = createExecutionContext();
    await worker.queue(batch, this.isolates[0]);
    const { explicitAcks } = await getQueueResult(batch, context);
    this.#waiting.push(...bodies.filter((_, index) => !explicitAcks.includes(`m${index}`)));
  }
}
