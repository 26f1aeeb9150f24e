/** A bulk extract of a million events: how fast, and what the Worker's memory holds meanwhile. */
import { fileURLToPath } from "node:url";
import type { Bench } from "./bench.ts";
import { extractor } from "./bulk-extract.ts";
import { countFigure } from "./figures.ts";
import { watchHeap } from "./heap.ts";
import { fill } from "./million.ts";
import { withServer } from "./server.ts";
import { EVENTS } from "./worker/seeded-log.ts";

/** What Cloudflare gives an isolate. */
const MEMORY_MB = 128;

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
        const extractPeriod = await extractor(worker, say);
        const heap = watchHeap(worker.inspectorUrl ?? "");
        const { records, bytes, ms } = await extractPeriod({
          startAt: "2026-10-01T00:00:00Z",
          endAt: "2026-10-31T00:00:00Z",
        });
        return [
          { name: "bulk extract", value: (records * 1000) / ms, unit: "rows/s" },
          { name: "bulk extract: its file", value: bytes / 1e6, unit: "MB" },
          countFigure("bulk extract: records of those logged", records, EVENTS),
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
