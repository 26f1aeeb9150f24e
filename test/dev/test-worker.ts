/** A Worker on this machine for tests, without the seconds that bundling it takes. */
import { inject } from "vitest";
import { type LocalWorker, type LocalWorkerOptions, startLocalWorker } from "../../src/dev/local-worker.ts";

export type { LocalWorker, LocalWorkerOptions };

export async function startTestWorker(options: Omit<LocalWorkerOptions, "main" | "script"> = {}): Promise<LocalWorker> {
  const script = inject(options.deployed ? "productionScript" : "developmentScript");
  return await startLocalWorker({ ...options, script });
}
