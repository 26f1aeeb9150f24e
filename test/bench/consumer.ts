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
    withServer({ main: fileURLToPath(new URL("worker/consumer.ts", import.meta.url)) }, async ({ worker, logged }) => {
      const ask = async (path: string) => {
        const answer = await fetch(worker.origin + path);
        if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
        return v.parse(Timed, await answer.json());
      };
      const consumed: number[] = [];
      const inserted: number[] = [];
      let sent = 0;
      let insertedRows = 0;
      const consume = async () => {
        const before = await ask("/times");
        sent += (await ask("/fill")).rows;
        let after = before;
        while (after.rows < sent) {
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
          after = await ask("/times");
        }
        consumed.push(((after.rows - before.rows) / (after.ms - before.ms)) * 1000);
      };
      const insert = async () => {
        const { rows, ms } = await ask("/insert");
        insertedRows += rows;
        inserted.push((rows / ms) * 1000);
      };
      for (let round = 0; round <= ROUNDS; round++) {
        // By turns, so that neither always finds what the other left to be written.
        for (const side of round % 2 === 0 ? [consume, insert] : [insert, consume]) await side();
        say(`round ${round} of ${ROUNDS}: ${Math.round(consumed.at(-1) ?? 0)} rows/s`);
      }
      const value = median(consumed.slice(1));
      const control = median(inserted.slice(1));
      const rows = await logged();
      return [
        {
          name: "queue consumer into D1",
          value,
          unit: "events/s",
          control,
          ratio: value / control,
          goal: { atLeast: 0.7 },
        },
        countFigure("queue consumer, in D1 of those sent", rows - insertedRows, sent),
      ];
    }),
};
