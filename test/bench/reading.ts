/** Reading a log of a million events: by Marketo's API, against a bare keyset query; and a page at its end. */
import { fileURLToPath } from "node:url";

import { ACTIVITY_TYPES } from "../../src/marketo/activity-types.ts";

import { type Bench, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { countFigure } from "./figures.ts";
import { accessTokenOf, bare, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { EVENTS } from "./worker/seeded-log.ts";

/** The log is read in stretches of so many pages, by turns with the control. */
const PAGES_A_STRETCH = 150;
const PAGES_COMPARED = 60;

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
        const connection = new Connection(worker.origin, {
          Authorization: `Bearer ${await accessTokenOf(worker)}`,
        });
        const call = async (path: string) => (await connection.get(path)).toString();
        const timed = async (path: string) => {
          const startMs = performance.now();
          await connection.get(path);
          return performance.now() - startMs;
        };
        const types = ACTIVITY_TYPES.map(({ id }) => id).join(",");
        const path = `/rest/v1/activities.json?activityTypeIds=${types}&nextPageToken=`;
        const begin = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01";
        let { token } = pageOf(await call(begin));
        let seq = 0;
        let read = 0;
        const rates: number[] = [];
        const bareRates: number[] = [];
        const tokens: string[] = [];
        for (let more = true; more; ) {
          const before = read;
          let readMs = 0;
          for (let count = 0; count < PAGES_A_STRETCH && more; count++) {
            const startMs = performance.now();
            const body = await connection.get(path + token);
            const ms = performance.now() - startMs;
            const page = pageOf(body.toString());
            tokens.push(token);
            readMs += ms;
            read += page.rows;
            ({ token, more } = page);
          }
          rates.push(((read - before) * 1000) / readMs);
          const { ms, rows } = await bare(worker, `/bare?seq=${seq}&rows=${read - before}`);
          bareRates.push((rows * 1000) / ms);
          seq += rows;
          say(`${read.toLocaleString("en")} rows read`);
        }
        // By turns; both stretches are clicks, those of the first mailing and those of the last.
        const firsts: number[] = [];
        const lasts: number[] = [];
        for (let index = 0; index < PAGES_COMPARED; index++) {
          firsts.push(await timed(path + (tokens[PAGES_COMPARED + index] ?? "")));
          lasts.push(await timed(path + (tokens.at(index - PAGES_COMPARED - 1) ?? "")));
        }
        connection.close();
        return [
          {
            name: "reading the log by activities.json",
            value: median(rates),
            unit: "rows/s",
            control: median(bareRates),
            ratio: median(rates.map((rate, index) => rate / (bareRates[index] ?? Number.NaN))),
            goal: { atLeast: 0.5 },
          },
          countFigure("activities read of those logged", read, EVENTS),
          {
            name: "a page of 300 at the end of the log",
            value: median(lasts),
            unit: "ms",
            control: median(firsts),
            ratio: median(lasts.map((ms, index) => ms / (firsts[index] ?? Number.NaN))),
            goal: { atMost: 1.2 },
          },
        ];
      },
    ),
};
