/** Reading a log of a million events: by Marketo's API, against a bare keyset query; and a page at its end. */
import { fileURLToPath } from "node:url";
import { ACTIVITY_TYPES } from "../../src/marketo/activity-types.ts";
import { type Bench, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { countFigure } from "./figures.ts";
import { accessTokenOf, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { type PageRead, readStretches, stretchFigures } from "./stretch.ts";
import { EVENTS } from "./worker/seeded-log.ts";

/** The log is read in stretches of so many pages. */
const PAGES_A_STRETCH = 150;
const PAGE = 300;
const PAGES_COMPARED = 60;
const TYPES = ACTIVITY_TYPES.map(({ id }) => id).join(",");
const BEGINNING = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01";

/** The path of the page behind an answer that has a token. */
function pathBehind(text: string): string {
  const token = /"nextPageToken":"([^"]+)"/.exec(text)?.[1];
  if (token === undefined) throw new Error(text.slice(0, 500));
  return `/rest/v1/activities.json?activityTypeIds=${TYPES}&nextPageToken=${token}`;
}

function readPage(text: string): PageRead {
  const next = text.includes('"moreResult":true') ? pathBehind(text) : undefined;
  return { rows: text.match(/"marketoGUID":/g)?.length ?? 0, next };
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
        const connection = new Connection(worker.origin, headers);
        const first = pathBehind((await connection.get(BEGINNING)).toString());
        const reader = { headers, first, read: readPage, pagesAStretch: PAGES_A_STRETCH, controlPage: PAGE };
        const { stretches, read, paths } = await readStretches(worker, reader, say);
        const pages = await timePages(connection, paths);
        connection.close();
        return [
          ...stretchFigures("reading the log by activities.json", stretches, { atLeast: 0.5 }),
          countFigure("activities read of those logged", read, EVENTS),
          { name: "a page of 300 at the end of the log", unit: "ms", ...pages, goal: { atMost: 1.2 } },
        ];
      },
    ),
};

/** Times pages of the last mailing and of the first, by turns; both are clicks. */
async function timePages(connection: Connection, paths: readonly string[]) {
  const timed = async (path = "/") => {
    const startMs = performance.now();
    await connection.get(path);
    return performance.now() - startMs;
  };
  const firsts: number[] = [];
  const lasts: number[] = [];
  for (let index = 0; index < PAGES_COMPARED; index++) {
    firsts.push(await timed(paths[PAGES_COMPARED + index]));
    lasts.push(await timed(paths.at(index - PAGES_COMPARED - 1)));
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
