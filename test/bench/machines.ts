/**
 * Simulated mailings to 10,000 recipients, three of ten behind scanners that send a browser's user agent. The real code
 * inserts the events into D1 and aggregates them minute by minute. The figures say how well bots are told from people,
 * counted in events. test/reports/visits.ts states what the simulation assumes.
 */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { type Bench, median } from "./bench.ts";
import { withServer } from "./server.ts";

const SEEDS = [11, 12, 13];

const Judged = v.object({
  precision: v.number(),
  recall: v.number(),
  machines: v.number(),
  people: v.number(),
  peopleMarked: v.number(),
  openers: v.number(),
  openersKept: v.number(),
  written: v.object({ marked: v.number(), rows: v.number() }),
});

export const machines: Bench = {
  name: "machines",
  about: "telling machines from people in simulated mailings to 10,000, 30 % of them behind scanners",
  async run(say) {
    const judged: v.InferOutput<typeof Judged>[] = [];
    for (const seed of SEEDS) {
      say(`mailing ${judged.length + 1} of ${SEEDS.length}`);
      const main = fileURLToPath(new URL("worker/machines.ts", import.meta.url));
      const answer = await withServer({ main }, async ({ worker }) => {
        const response = await fetch(`${worker.origin}/?seed=${seed}`);
        if (!response.ok) throw new Error(`it answered ${response.status}: ${await response.text()}`);
        return v.parse(Judged, await response.json());
      });
      judged.push(answer);
    }
    const share = (of: (each: v.InferOutput<typeof Judged>) => number) => median(judged.map(of));
    return [
      {
        name: "machines: precision of the mark",
        value: share(({ precision }) => precision),
        unit: "of 1",
        goal: { atLeast: 0.98 },
      },
      {
        name: "machines: recall of the mark",
        value: share(({ recall }) => recall),
        unit: "of 1",
        goal: { atLeast: 0.95 },
      },
      {
        name: "machines: people's events that are marked",
        value: share(({ peopleMarked, people }) => peopleMarked / people),
        unit: "of 1",
      },
      {
        name: "machines: people who opened, whose open stands in the log as a person's",
        value: share(({ openersKept, openers }) => openersKept / openers),
        unit: "of 1",
      },
      {
        name: "machines: rows written for each event marked afterwards",
        value: share(({ written }) => written.rows / written.marked),
        unit: "rows",
      },
    ];
  },
};
