/**
 * Reading the log by GET /v1/events, against a bare keyset query of the same pages, which D1 answers as objects; the
 * control has no request and writes no JSON.
 */
import { fileURLToPath } from "node:url";
import type { Bench } from "./bench.ts";
import { countFigure } from "./figures.ts";
import { fill } from "./million.ts";
import { withServer } from "./server.ts";
import { type PageRead, readStretches, stretchFigures } from "./stretch.ts";
import { EVENTS } from "./worker/seeded-log.ts";

const PAGE = 1_000;
/** The log is read in stretches of so many pages. */
const PAGES_A_STRETCH = 25;
const FIRST = `/v1/events?limit=${PAGE}`;

function readPage(text: string): PageRead {
  const cursor = /"next":"([^"]+)"/.exec(text)?.[1];
  if (cursor === undefined) throw new Error(text.slice(0, 500));
  const next = text.includes('"more":true') ? `${FIRST}&cursor=${cursor}` : undefined;
  return { rows: text.match(/"seq":/g)?.length ?? 0, next };
}

export const feed: Bench = {
  name: "feed",
  about: "reading a log of a million events by GET /v1/events, against a bare keyset query",
  run: (say) =>
    withServer(
      { main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)), unlimited: true },
      async ({ worker }) => {
        await fill(worker, say);
        const headers = { Authorization: `Bearer ${worker.apiKey}` };
        const reader = { headers, first: FIRST, read: readPage, pagesAStretch: PAGES_A_STRETCH, controlPage: PAGE };
        const { stretches, read } = await readStretches(worker, reader, say);
        return [
          ...stretchFigures(`reading the log by GET /v1/events, ${PAGE} a page`, stretches, { atLeast: 0.6 }),
          countFigure("events read of those logged", read, EVENTS),
        ];
      },
    ),
};
