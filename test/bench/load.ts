/** Load from a process of its own. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { LoadOrder, LoadResult } from "./load-client.ts";

export type { LoadOrder, LoadResult };

/** What browsers send, about as long as the longest. */
const USER_AGENT =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

export class Load {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL("load-client.ts", import.meta.url)));

  /** Rejects when a connection breaks. */
  run(origin: string, order: Pick<LoadOrder, "paths" | "connections"> & Partial<LoadOrder>): Promise<LoadResult> {
    const whole: LoadOrder = {
      port: Number(new URL(origin).port),
      forMs: Number.MAX_SAFE_INTEGER,
      requests: Number.MAX_SAFE_INTEGER,
      from: 0,
      method: "GET",
      userAgent: USER_AGENT,
      everyMs: 0,
      ...order,
    };
    return new Promise((resolve, reject) => {
      this.#child.once("message", (message: { result: LoadResult } | { error: string }) => {
        if ("result" in message) resolve(message.result);
        else reject(new Error(`the load broke off: ${message.error}`));
      });
      this.#child.send(whole);
    });
  }

  stop(): void {
    this.#child.kill();
  }
}
