/**
 * Reading the log by GET /v1/events, against a bare keyset query of the same pages, which D1 answers as objects; the
 * control has no request and writes no JSON.
 */
import { fileURLToPath } from "node:url";
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import { type Bench, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { cpuUs } from "./cpu.ts";
import { countFigure } from "./figures.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";
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
        const { read, ...rates } = await readFeed(worker, say);
        return [
          {
            name: `reading the log by GET /v1/events, ${PAGE} a page`,
            unit: "rows/s",
            ...rates,
            goal: { atLeast: 0.6 },
          },
          countFigure("events read of those logged", read, EVENTS),
        ];
      },
    ),
};

/** Reads the whole log by turns with the control. */
async function readFeed(worker: InstrumentedWorker, say: (line: string) => void) {
  const connection = new Connection(worker.origin, { Authorization: `Bearer ${worker.apiKey}` });
  const rates: number[] = [];
  const bareRates: number[] = [];
  const cpu = { us: 0, bareUs: 0 };
  let [cursor, read, seq] = ["", 0, 0];
  for (let isAtEnd = false; !isAtEnd && read < EVENTS; ) {
    const before = read;
    let readMs = 0;
    const beginUs = await cpuUs(worker.workerdPid);
    for (let count = 0; count < PAGES_A_STRETCH && !isAtEnd; count++) {
      const startMs = performance.now();
      const body = await connection.get(`/v1/events?limit=${PAGE}${cursor}`);
      readMs += performance.now() - startMs;
      const page = pageOf(body.toString());
      isAtEnd = cursor === `&cursor=${page.next}`;
      cursor = `&cursor=${page.next}`;
      read += page.rows;
    }
    rates.push(((read - before) * 1_000) / readMs);
    const readUs = await cpuUs(worker.workerdPid);
    const { ms, rows } = await bare(worker, `/bare?seq=${seq}&rows=${read - before}&page=${PAGE}`);
    bareRates.push((rows * 1_000) / ms);
    cpu.us += readUs - beginUs;
    cpu.bareUs += (await cpuUs(worker.workerdPid)) - readUs;
    seq += rows;
    say(`${read.toLocaleString("en")} events read`);
  }
  connection.close();
  const ratios = rates.map((rate, index) => rate / (bareRates[index] ?? Number.NaN));
  const pages = read / PAGE;
  return {
    ...{ value: median(rates), control: median(bareRates), ratio: median(ratios), read },
    ...{ cpuUs: cpu.us / pages, controlCpuUs: cpu.bareUs / pages },
  };
}
