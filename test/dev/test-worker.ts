/** A Worker on this machine for tests, without the seconds that bundling it takes. */
import { inject } from "vitest";
import {
  type InstrumentedWorker,
  type InstrumentedWorkerOptions,
  startInstrumentedWorker,
} from "./instrumented-worker.ts";

export type { InstrumentedWorker };

export type TestWorkerOptions = Omit<InstrumentedWorkerOptions, "script">;

export async function startTestWorker(options: TestWorkerOptions = {}): Promise<InstrumentedWorker> {
  return await startInstrumentedWorker({ ...options, script: inject("workerScript") });
}
