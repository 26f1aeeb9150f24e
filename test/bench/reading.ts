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
        const connection = new Connection(worker.origin, { Authorization: `Bearer ${await accessTokenOf(worker)}` });
        const log = await readLog(worker, connection, say);
        const pages = await timePages(connection, log.tokens);
        connection.close();
        return [
          { name: "reading the log by activities.json", unit: "rows/s", ...log.rates, goal: { atLeast: 0.5 } },
          countFigure("activities read of those logged", log.read, EVENTS),
          { name: "a page of 300 at the end of the log", unit: "ms", ...pages, goal: { atMost: 1.2 } },
        ];
      },
    ),
};

/** Reads the whole log. Returns how many rows a second that was, and the token of each page. */
async function readLog(worker: InstrumentedWorker, connection: Connection, say: (line: string) => void) {
  const begin = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01";
  let { token } = pageOf((await connection.get(begin)).toString());
  let seq = 0;
  let read = 0;
  const rates: number[] = [];
  const bareRates: number[] = [];
  const tokens: string[] = [];
  const cpu = { us: 0, bareUs: 0 };
  for (let more = true; more; ) {
    const before = read;
    let readMs = 0;
    const beginUs = await cpuUs(worker.workerdPid);
    for (let count = 0; count < PAGES_A_STRETCH && more; count++) {
      const startMs = performance.now();
      const body = await connection.get(PATH + token);
      const ms = performance.now() - startMs;
      const page = pageOf(body.toString());
      tokens.push(token);
      readMs += ms;
      read += page.rows;
      ({ token, more } = page);
    }
    rates.push(((read - before) * 1000) / readMs);
    const readUs = await cpuUs(worker.workerdPid);
    const { ms, rows } = await bare(worker, `/bare?seq=${seq}&rows=${read - before}`);
    bareRates.push((rows * 1000) / ms);
    cpu.us += readUs - beginUs;
    cpu.bareUs += (await cpuUs(worker.workerdPid)) - readUs;
    seq += rows;
    say(`${read.toLocaleString("en")} rows read`);
  }
  const pages = tokens.length;
  const cpuAPage = { cpuUs: cpu.us / pages, controlCpuUs: cpu.bareUs / pages };
  return { rates: { ...compared(rates, bareRates), ...cpuAPage }, read, tokens };
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
