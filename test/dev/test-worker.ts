/** A Worker on this machine for tests, without the seconds that bundling it takes. */
import { inject } from "vitest";
import {
  type InstrumentedWorker,
  type InstrumentedWorkerOptions,
  startInstrumentedWorker,
} from "./instrumented-worker.ts";

export type { InstrumentedWorker };

export interface TestWorkerOptions extends Omit<InstrumentedWorkerOptions, "script"> {
  /** As in production, without the preview page. Default: false */
  readonly deployed?: boolean;
}

export async function startTestWorker({
  deployed = false,
  ...options
}: TestWorkerOptions = {}): Promise<InstrumentedWorker> {
  const script = inject(deployed ? "productionScript" : "developmentScript");
  return await startInstrumentedWorker({ ...options, script });
}
