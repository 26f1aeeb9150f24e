/** A bulk extract of Marketo's API, as a program runs it. */
import * as v from "valibot";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { accessTokenOf } from "./million.ts";

const POLL_MS = 250;

const Job = v.object({
  exportId: v.string(),
  status: v.picklist(["Created", "Queued", "Processing", "Completed"]),
  numberOfRecords: v.optional(v.number(), 0),
  fileSize: v.optional(v.number(), 0),
});
const Answer = v.object({ success: v.literal(true), result: v.tuple([Job]) });

/** When events were recorded: from, and before. ISO 8601. */
export interface Period {
  readonly startAt: string;
  readonly endAt: string;
}

export interface Extracted {
  readonly records: number;
  readonly bytes: number;
  readonly ms: number;
  /** The file, a CSV. */
  file(): Promise<Uint8Array>;
}

/** Returns a function that extracts what was recorded in a period; `say` gets the progress. */
export async function extractor(
  worker: LocalWorker,
  say: (line: string) => void,
): Promise<(period: Period) => Promise<Extracted>> {
  const headers = {
    Authorization: `Bearer ${await accessTokenOf(worker)}`,
    "Content-Type": "application/json",
  };
  const urlOf = (path: string) => `${worker.origin}/bulk/v1/activities/export/${path}.json`;
  const call = async (path: string, init: RequestInit) =>
    v.parse(Answer, await (await fetch(urlOf(path), { headers, ...init })).json()).result[0];
  return async (createdAt) => {
    const body = JSON.stringify({ format: "CSV", filter: { createdAt } });
    const { exportId } = await call("create", { method: "POST", body });
    const startMs = performance.now();
    await call(`${exportId}/enqueue`, { method: "POST" });
    let job = await call(`${exportId}/status`, {});
    while (job.status !== "Completed") {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      job = await call(`${exportId}/status`, {});
      say(`${job.numberOfRecords.toLocaleString("en")} records extracted`);
    }
    return {
      records: job.numberOfRecords,
      bytes: job.fileSize,
      ms: performance.now() - startMs,
      file: async () => {
        const answer = await fetch(`${worker.origin}/bulk/v1/activities/export/${exportId}/file.json`, { headers });
        return new Uint8Array(await answer.arrayBuffer());
      },
    };
  };
}
