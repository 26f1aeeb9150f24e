/**
 * Reading the log by GET /v1/events, against a bare keyset query of the same pages, which D1 answers as objects; the
 * control has no request and writes no JSON.
 */
import { fileURLToPath } from "node:url";
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import type { Bench } from "./bench.ts";
import { Connection } from "./connection.ts";
import { cpuUs } from "./cpu.ts";
import { countFigure } from "./figures.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { type Stretch, sayRead, stretchFigures, UNCOUNTED } from "./stretch.ts";
import { EVENTS } from "./worker/seeded-log.ts";

const PAGE = 1_000;
/** The log is read in stretches of so many pages, by turns with the control. */
const PAGES_A_STRETCH = 25;

/** Of a page, without parsing it: that is the reader's own affair. */
function pageOf(text: string) {
  const next = /"next":"([^"]+)"/.exec(text)?.[1];
  if (next === undefined) throw new Error(text.slice(0, 500));
  return { next, rows: text.match(/"seq":/g)?.length ?? 0 };
}

export const feed: Bench = {
  name: "feed",
  about: "reading a log of a million events by GET /v1/events, against a bare keyset query",
  run: (say) =>
    withServer(
      { main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)), unlimited: true },
      async ({ worker }) => {
        await fill(worker, say);
        const { stretches, read } = await readFeed(worker, say);
        return [
          ...stretchFigures(`reading the log by GET /v1/events, ${PAGE} a page`, stretches, { atLeast: 0.6 }),
          countFigure("events read of those logged", read, EVENTS),
        ];
      },
    ),
};

/** Reads the whole log by turns with the control. */
async function readFeed(worker: InstrumentedWorker, say: (line: string) => void) {
  const headers = { Authorization: `Bearer ${worker.apiKey}` };
  const connections = {
    counted: new Connection(worker.origin, headers),
    uncounted: new Connection(worker.origin, { ...headers, ...UNCOUNTED }),
  };
  const stretches: Stretch[] = [];
  let [cursor, read, seq] = ["", 0, 0];
  for (let isAtEnd = false; !isAtEnd && read < EVENTS; ) {
    const before = read;
    const isCounted = stretches.length % 2 === 0;
    const connection = isCounted ? connections.counted : connections.uncounted;
    let [readMs, pages] = [0, 0];
    const beginUs = await cpuUs(worker.workerdPid);
    for (; pages < PAGES_A_STRETCH && !isAtEnd; pages++) {
      const startMs = performance.now();
      const body = await connection.get(`/v1/events?limit=${PAGE}${cursor}`);
      readMs += performance.now() - startMs;
      const page = pageOf(body.toString());
      isAtEnd = cursor === `&cursor=${page.next}`;
      cursor = `&cursor=${page.next}`;
      read += page.rows;
    }
    const readUs = await cpuUs(worker.workerdPid);
    const { ms, rows } = await bare(worker, `/bare?seq=${seq}&rows=${read - before}&page=${PAGE}`);
    stretches.push({
      isCounted,
      rate: ((read - before) * 1_000) / readMs,
      controlRate: (rows * 1_000) / ms,
      cpuUs: (readUs - beginUs) / pages,
      controlCpuUs: ((await cpuUs(worker.workerdPid)) - readUs) / pages,
    });
    seq += rows;
    sayRead(say, read);
  }
  for (const connection of Object.values(connections)) connection.close();
  return { stretches, read };
}
