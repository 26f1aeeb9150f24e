/** A bulk extract of a million events: how fast, and what the Worker's memory holds meanwhile. */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { Bench } from "./bench.ts";
import { countFigure } from "./figures.ts";
import { watchHeap } from "./heap.ts";
import { accessTokenOf, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { EVENTS } from "./worker/seeded-log.ts";

const POLL_MS = 250;
/** What Cloudflare gives an isolate. */
const MEMORY_MB = 128;

const Job = v.object({
  exportId: v.string(),
  status: v.picklist(["Created", "Queued", "Processing", "Completed"]),
  numberOfRecords: v.optional(v.number(), 0),
  fileSize: v.optional(v.number(), 0),
});
const Answer = v.object({ success: v.literal(true), result: v.tuple([Job]) });

export const extract: Bench = {
  name: "extract",
  about: "a bulk extract of a million events into R2, and the Worker's memory meanwhile",
  run: (say) =>
    withServer(
      {
        main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)),
        unlimited: true,
        inspected: true,
      },
      async ({ worker }) => {
        await fill(worker, say);
        const headers = {
          Authorization: `Bearer ${await accessTokenOf(worker)}`,
          "Content-Type": "application/json",
        };
        const call = async (path: string, init: RequestInit) => {
          const answer = await fetch(`${worker.origin}/bulk/v1/activities/export/${path}.json`, {
            headers,
            ...init,
          });
          return v.parse(Answer, await answer.json()).result[0];
        };
        const createdAt = { startAt: "2026-10-01T00:00:00Z", endAt: "2026-10-31T00:00:00Z" };
        const body = JSON.stringify({ format: "CSV", filter: { createdAt } });
        const { exportId } = await call("create", { method: "POST", body });
        const heap = watchHeap(worker.inspectorUrl ?? "");
        const startMs = performance.now();
        await call(`${exportId}/enqueue`, { method: "POST" });
        let job = await call(`${exportId}/status`, {});
        while (job.status !== "Completed") {
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
          job = await call(`${exportId}/status`, {});
          say(`${job.numberOfRecords.toLocaleString("en")} records`);
        }
        const ms = performance.now() - startMs;
        return [
          { name: "bulk extract", value: (job.numberOfRecords * 1000) / ms, unit: "rows/s" },
          { name: "bulk extract: its file", value: job.fileSize / 1e6, unit: "MB" },
          countFigure("bulk extract: records of those logged", job.numberOfRecords, EVENTS),
          {
            name: "bulk extract: most memory of the Worker",
            value: (await heap.stop()) / 1e6,
            unit: "MB",
            goal: { atMost: MEMORY_MB },
          },
        ];
      },
    ),
};
