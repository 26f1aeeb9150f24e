/**
 * The log read in stretches, each by turns through the Worker and by a control. miniflare keeps the counts of a limiter
 * of calls on its disk, a write a call, where Cloudflare's are in the memory of the machine that the Worker runs on: so
 * every other stretch is read without it, which is a figure of its own.
 */
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { cpuUs } from "./cpu.ts";
import { bare } from "./million.ts";

/** What one stretch took. */
export interface Stretch {
  /** Whether its calls were counted by the limiter. */
  readonly isCounted: boolean;
  /** Rows a second. */
  readonly rate: number;
  readonly controlRate: number;
  /** Of the server, for a page. */
  readonly cpuUs: number;
  readonly controlCpuUs: number;
}

/** What worker/reading.ts is asked with, for a call that no limiter counts. */
const UNCOUNTED = { "X-Uncounted": "1" } as const;

type Say = Parameters<Bench["run"]>[0];

/** What a page says, read without parsing it: that is the reader's own affair, and slower than the Worker. */
export interface PageRead {
  readonly rows: number;
  /** The path of the next page; undefined at the end. */
  readonly next: string | undefined;
}

/** How the log is read, page by page. */
export interface LogReader {
  readonly headers: Readonly<Record<string, string>>;
  /** The path of its first page. */
  readonly first: string;
  readonly read: (body: string) => PageRead;
  readonly pagesAStretch: number;
  /** Rows of a page of the control. */
  readonly controlPage: number;
}

/** Reads the whole log by turns with the control. Returns what each stretch took, and the path of each page. */
export async function readStretches(worker: InstrumentedWorker, reader: LogReader, say: Say) {
  const { headers, first, pagesAStretch, controlPage } = reader;
  const counted = new Connection(worker.origin, headers);
  const uncounted = new Connection(worker.origin, { ...headers, ...UNCOUNTED });
  const stretches: Stretch[] = [];
  const paths: string[] = [];
  let [path, seq, read]: [string | undefined, number, number] = [first, 0, 0];
  while (path !== undefined) {
    const isCounted = stretches.length % 2 === 0;
    const connection = isCounted ? counted : uncounted;
    let [readMs, pages, rowsRead] = [0, 0, 0];
    const beginUs = await cpuUs(worker.workerdPid);
    for (; pages < pagesAStretch && path !== undefined; pages++) {
      const startMs = performance.now();
      const body = await connection.get(path);
      readMs += performance.now() - startMs;
      const page: PageRead = reader.read(body.toString());
      paths.push(path);
      rowsRead += page.rows;
      path = page.next;
    }
    const readUs = await cpuUs(worker.workerdPid);
    const { ms, rows } = await bare(worker, `/bare?seq=${seq}&rows=${rowsRead}&page=${controlPage}`);
    stretches.push({
      isCounted,
      rate: (rowsRead * 1_000) / readMs,
      controlRate: (rows * 1_000) / ms,
      cpuUs: (readUs - beginUs) / pages,
      controlCpuUs: ((await cpuUs(worker.workerdPid)) - readUs) / pages,
    });
    seq += rows;
    read += rowsRead;
    say(`${read.toLocaleString("en")} rows read`);
  }
  counted.close();
  uncounted.close();
  return { stretches, read, paths };
}

export function stretchFigures(name: string, stretches: readonly Stretch[], goal: Figure["goal"]): Figure[] {
  const [counted, uncounted] = [true, false].map((each) => stretches.filter(({ isCounted }) => isCounted === each));
  return [
    { name, unit: "rows/s", ...medians(counted ?? []), ...(goal === undefined ? {} : { goal }) },
    { name: "the same without the emulated limiter of calls", unit: "rows/s", ...medians(uncounted ?? []) },
  ];
}

function medians(stretches: readonly Stretch[]) {
  const of = (value: (stretch: Stretch) => number) => median(stretches.map(value));
  return {
    value: of(({ rate }) => rate),
    control: of(({ controlRate }) => controlRate),
    ratio: of(({ rate, controlRate }) => rate / controlRate),
    cpuUs: of(({ cpuUs }) => cpuUs),
    controlCpuUs: of(({ controlCpuUs }) => controlCpuUs),
  };
}
