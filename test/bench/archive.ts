/**
 * The archive: writing segments against a bulk extract of the same events, how large they are against that extract's
 * file, compressed, and pages of the feed from a segment against pages from D1.
 */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { type Extracted, extractor, type Period } from "./bulk-extract.ts";
import { Connection } from "./connection.ts";
import { cpuUs } from "./cpu.ts";
import { countFigure } from "./figures.ts";
import { watchHeap } from "./heap.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { EVENTS, type IdForm } from "./worker/seeded-log.ts";

const MAIN = fileURLToPath(new URL("worker/archiving.ts", import.meta.url));
/** Of the seeded log. */
const FIRST_DAY_MS = Date.UTC(2026, 9, 1);
const DAY_MS = 86_400_000;
const DAYS = Math.ceil((EVENTS * 1_000) / DAY_MS);
/** What Cloudflare gives an isolate. */
const MEMORY_MB = 128;
/** Sizes are those of a day: 86,400 events. */
const SIZED_EVENTS = 90_000;
const PAGE = 300;
/** So many pages of each segment are read, and of D1. */
const PAGES = 12;
const ROUNDS = 4;
const EVENTS_A_DAY = DAY_MS / 1_000;
const MORNING = 0.25;
/** The longest page. */
const WALKED = 1_000;

const Written = v.object({ ms: v.number(), segments: v.number(), rows: v.number(), bytes: v.number() });
type Written = v.InferOutput<typeof Written>;

export const archive: Bench = {
  name: "archive",
  about: "segments against a bulk extract of the same events, and pages of the feed from segments and from D1",
  run: async (say) => [...(await writing(say)), ...(await sizes("uuids", say))],
};

/** Moves what was recorded before a time into segments. */
export async function archiveBefore({ origin }: InstrumentedWorker, beforeMs: number): Promise<Written> {
  const answer = await fetch(`${origin}/archive?before=${beforeMs}`);
  if (!answer.ok) throw new Error(`/archive answered ${answer.status}: ${await answer.text()}`);
  return v.parse(Written, await answer.json());
}

/** An extract has what was recorded at its end, too. */
function dayAt(index: number): { readonly period: Period; readonly endMs: number } {
  const startMs = FIRST_DAY_MS + index * DAY_MS;
  const endMs = startMs + DAY_MS;
  return { period: { startAt: new Date(startMs).toISOString(), endAt: new Date(endMs - 1_000).toISOString() }, endMs };
}

/** Extracts each day of a million events and archives it, all but the last, and then reads the feed. */
function writing(say: (line: string) => void): Promise<readonly Figure[]> {
  return withServer({ main: MAIN, unlimited: true, inspected: true }, async ({ worker }) => {
    await fill(worker, say);
    say("the log is aggregated");
    await bare(worker, "/aggregate");
    const extract = await extractor(worker, say);
    const days: Day[] = [];
    let mostBytes = 0;
    for (let index = 0; index < DAYS - 1; index++) {
      const { period, endMs } = dayAt(index);
      const extracted = await measured(worker, () => extract(period));
      const heap = watchHeap(worker.inspectorUrl ?? "");
      const written = await measured(worker, () => archiveBefore(worker, endMs));
      mostBytes = Math.max(mostBytes, await heap.stop());
      days.push({ extracted, written });
      say(`day ${index + 1} of ${DAYS - 1} archived`);
    }
    const [first] = days;
    if (first === undefined) throw new Error("no day was archived");
    return [
      writingFigure(days),
      countFigure("events archived of those extracted", sumOf(days, "written"), sumOf(days, "extracted")),
      { name: "most memory of the Worker meanwhile", value: mostBytes / 1e6, unit: "MB", goal: { atMost: MEMORY_MB } },
      await sizeFigure("integers", first.written.value, first.extracted.value),
      ...(await readFeed(worker, say)),
    ];
  });
}

interface Measured<Value> {
  readonly value: Value;
  readonly cpuUs: number;
}

async function measured<Value>(
  { workerdPid }: InstrumentedWorker,
  work: () => Promise<Value>,
): Promise<Measured<Value>> {
  const before = await cpuUs(workerdPid);
  const value = await work();
  return { value, cpuUs: (await cpuUs(workerdPid)) - before };
}

type Day = { readonly extracted: Measured<Extracted>; readonly written: Measured<Written> };

/** Events for each second of CPU time: on a core. */
function writingFigure(days: readonly Day[]): Figure {
  const rates = days.map(({ written }) => (written.value.rows / written.cpuUs) * 1e6);
  const controls = days.map(({ extracted }) => (extracted.value.records / extracted.cpuUs) * 1e6);
  return {
    name: "writing segments, on a core, against a bulk extract to CSV",
    value: median(rates),
    unit: "events/s",
    control: median(controls),
    ratio: median(rates.map((rate, index) => rate / (controls[index] ?? Number.NaN))),
    goal: { atLeast: 0.8 },
  };
}

function sumOf(days: readonly Day[], side: "written" | "extracted"): number {
  return days.reduce(
    (sum, day) => sum + (side === "written" ? day.written.value.rows : day.extracted.value.records),
    0,
  );
}

async function sizeFigure(ids: IdForm, { bytes, rows }: Written, { file, records }: Extracted): Promise<Figure> {
  const value = bytes / rows;
  const control = gzipSync(await file()).length / records;
  const name = `an event in R2, ids are ${ids === "uuids" ? "UUIDs" : "integers"}, against the extract with gzip`;
  return { name, value, unit: "bytes", control, ratio: value / control, goal: { atMost: 0.8 } };
}

/** The sizes alone, of a day's events. */
function sizes(ids: IdForm, say: (line: string) => void): Promise<readonly Figure[]> {
  return withServer({ main: MAIN, unlimited: true }, async ({ worker }) => {
    await fill(worker, say, SIZED_EVENTS, ids);
    await bare(worker, "/aggregate");
    const { period, endMs } = dayAt(0);
    const extracted = await (await extractor(worker, say))(period);
    return [await sizeFigure(ids, await archiveBefore(worker, endMs), extracted)];
  });
}

/** Pages of the feed: the first of a segment that no isolate has in memory, the next ones, and those of D1. */
async function readFeed(worker: InstrumentedWorker, say: (line: string) => void): Promise<readonly Figure[]> {
  const connection = new Connection(worker.origin, { Authorization: `Bearer ${worker.apiKey}` });
  const page = async (cursor: string, limit = PAGE) => {
    const startMs = performance.now();
    const text = (await connection.get(`/v1/events?limit=${limit}${cursor}`)).toString();
    const ms = performance.now() - startMs;
    const next = /"next":"([^"]+)"/.exec(text)?.[1];
    if (next === undefined || !text.includes('"seq":')) throw new Error(text.slice(0, 500));
    return { ms, next: `&cursor=${next}` };
  };
  // The log has an event a second: of each day a page of the morning.
  const starts: string[] = [];
  for (let cursor = "", read = 0; starts.length < DAYS; read += WALKED) {
    if (read >= (starts.length + MORNING) * EVENTS_A_DAY) starts.push(cursor);
    cursor = (await page(cursor, WALKED)).next;
  }
  const hot = starts.pop() ?? "";
  const times = { cold: [] as number[], next: [] as number[], hot: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const start of starts) {
      for (let count = 0, cursor = start; count < PAGES; count++) {
        const { ms, next } = await page(cursor);
        times[count === 0 ? "cold" : "next"].push(ms);
        cursor = next;
      }
      for (let count = 0, cursor = hot; count < PAGES; count++) {
        const { ms, next } = await page(cursor);
        times.hot.push(ms);
        cursor = next;
      }
    }
    say(`round ${round + 1} of ${ROUNDS}`);
  }
  connection.close();
  const [cold, next, control] = [median(times.cold), median(times.next), median(times.hot)];
  const figure = (name: string, value: number, atMost: number): Figure => {
    return { name, value, unit: "ms", control, ratio: value / control, goal: { atMost } };
  };
  return [
    figure(`a page of ${PAGE} of the feed, the first of a segment, against one of D1`, cold, 5),
    figure(`a page of ${PAGE} of the feed, the next of that segment, against one of D1`, next, 2),
  ];
}
