/** Reading a log of a million events: by Marketo's API, against a bare keyset query; and a page at its end. */
import { fileURLToPath } from "node:url";
import { ACTIVITY_TYPES } from "../../src/marketo/activity-types.ts";
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import { type Bench, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { cpuUs } from "./cpu.ts";
import { countFigure } from "./figures.ts";
import { accessTokenOf, bare, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { type Stretch, sayRead, stretchFigures, UNCOUNTED } from "./stretch.ts";
import { EVENTS } from "./worker/seeded-log.ts";

/** The log is read in stretches of so many pages, by turns with the control. */
const PAGES_A_STRETCH = 150;
const PAGES_COMPARED = 60;
const TYPES = ACTIVITY_TYPES.map(({ id }) => id).join(",");
/** Of a page, but for its token. */
const PATH = `/rest/v1/activities.json?activityTypeIds=${TYPES}&nextPageToken=`;

/** Of a page, without parsing it: that is the reader's own affair, and slower than the Worker. */
function pageOf(text: string) {
  const token = /"nextPageToken":"([^"]+)"/.exec(text)?.[1];
  if (token === undefined) throw new Error(text.slice(0, 500));
  const rows = text.match(/"marketoGUID":/g)?.length ?? 0;
  return { token, rows, more: text.includes('"moreResult":true') };
}

export const reading: Bench = {
  name: "reading",
  about: "reading a log of a million events by Marketo's API, against a bare keyset query of 300 rows",
  run: (say) =>
    withServer(
      { main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)), unlimited: true },
      async ({ worker }) => {
        await fill(worker, say);
        const headers = { Authorization: `Bearer ${await accessTokenOf(worker)}` };
        const connections = {
          counted: new Connection(worker.origin, headers),
          uncounted: new Connection(worker.origin, { ...headers, ...UNCOUNTED }),
        };
        const log = await readLog(worker, connections, say);
        const pages = await timePages(connections.counted, log.tokens);
        for (const connection of Object.values(connections)) connection.close();
        return [
          ...stretchFigures("reading the log by activities.json", log.stretches, { atLeast: 0.5 }),
          countFigure("activities read of those logged", log.read, EVENTS),
          { name: "a page of 300 at the end of the log", unit: "ms", ...pages, goal: { atMost: 1.2 } },
        ];
      },
    ),
};

interface Connections {
  readonly counted: Connection;
  readonly uncounted: Connection;
}

/** Reads the whole log by turns with the control. Returns what each stretch took, and the token of each page. */
async function readLog(worker: InstrumentedWorker, { counted, uncounted }: Connections, say: (line: string) => void) {
  const begin = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01";
  let { token } = pageOf((await counted.get(begin)).toString());
  let [seq, read] = [0, 0];
  const stretches: Stretch[] = [];
  const tokens: string[] = [];
  for (let more = true; more; ) {
    const before = read;
    const isCounted = stretches.length % 2 === 0;
    const connection = isCounted ? counted : uncounted;
    let [readMs, pages] = [0, 0];
    const beginUs = await cpuUs(worker.workerdPid);
    for (; pages < PAGES_A_STRETCH && more; pages++) {
      const startMs = performance.now();
      const body = await connection.get(PATH + token);
      readMs += performance.now() - startMs;
      const page = pageOf(body.toString());
      tokens.push(token);
      read += page.rows;
      ({ token, more } = page);
    }
    const readUs = await cpuUs(worker.workerdPid);
    const { ms, rows } = await bare(worker, `/bare?seq=${seq}&rows=${read - before}`);
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
  return { stretches, read, tokens };
}

/** Times pages of the last mailing and of the first, by turns; both are clicks. */
async function timePages(connection: Connection, tokens: readonly string[]) {
  const timed = async (token = "") => {
    const startMs = performance.now();
    await connection.get(PATH + token);
    return performance.now() - startMs;
  };
  const firsts: number[] = [];
  const lasts: number[] = [];
  for (let index = 0; index < PAGES_COMPARED; index++) {
    firsts.push(await timed(tokens[PAGES_COMPARED + index]));
    lasts.push(await timed(tokens.at(index - PAGES_COMPARED - 1)));
  }
  return compared(lasts, firsts);
}

function compared(values: readonly number[], control: readonly number[]) {
  return {
    value: median(values),
    control: median(control),
    ratio: median(values.map((value, index) => value / (control[index] ?? Number.NaN))),
  };
}
