/** The queue's consumer into D1, against one multi-row insert of as many such rows by itself. */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { type Bench, median } from "./bench.ts";
import { countFigure } from "./figures.ts";
import { withServer } from "./server.ts";

const ROUNDS = 40;
/** Asking takes the consumer's own thread, so it is done when the batch is through, most of the time. */
const POLL_MS = 200;

const Timed = v.object({ rows: v.number(), ms: v.optional(v.number(), 0) });

export const consumer: Bench = {
  name: "consumer",
  about: "queue consumer into D1, batches of 100 messages of 20 rows, against one insert of those rows",
  run: (say) =>
    withServer(
      { main: fileURLToPath(new URL("worker/consumer.ts", import.meta.url)) },
      async ({ worker, logged }) => {
        const ask = async (path: string) => {
          const answer = await fetch(worker.origin + path);
          if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
          return v.parse(Timed, await answer.json());
        };
        const consumed: number[] = [];
        const inserted: number[] = [];
        let sent = 0;
        let insertedRows = 0;
        for (let round = 0; round <= ROUNDS; round++) {
          const before = await ask("/times");
          sent += (await ask("/fill")).rows;
          let after = before;
          while (after.rows < sent) {
            await new Promise((resolve) => setTimeout(resolve, POLL_MS));
            after = await ask("/times");
          }
          const control = await ask("/insert");
          insertedRows += control.rows;
          if (round === 0) continue;
          consumed.push(((after.rows - before.rows) / (after.ms - before.ms)) * 1000);
          inserted.push((control.rows / control.ms) * 1000);
          say(`round ${round} of ${ROUNDS}: ${Math.round(consumed.at(-1) ?? 0)} rows/s`);
        }
        const rows = await logged();
        return [
          {
            name: "queue consumer into D1",
            value: median(consumed),
            unit: "events/s",
            control: median(inserted),
            ratio: median(consumed) / median(inserted),
            goal: { atLeast: 0.7 },
          },
          countFigure("queue consumer, in D1 of those sent", rows - insertedRows, sent),
        ];
      },
    ),
};
