/**
 * Simulated mailings to 10,000 recipients, three of ten behind scanners that send a browser's user agent. The real code
 * inserts the events into D1 and aggregates them minute by minute. The figures say how well bots are distinguished from
 * people, counted in events. test/reports/people.ts and scanners.ts state what the simulation assumes.
 */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { type Bench, type Figure, median } from "./bench.ts";
import { withServer } from "./server.ts";

const SEEDS = [11, 12, 13];

const Classified = v.object({
  precision: v.number(),
  recall: v.number(),
  bots: v.number(),
  people: v.number(),
  peopleMarked: v.number(),
  openers: v.number(),
  openersKept: v.number(),
  kinds: v.record(v.string(), v.object({ events: v.number(), marked: v.number() })),
  written: v.object({ marked: v.number(), rows: v.number() }),
});

export const bots: Bench = {
  name: "bots",
  about: "distinguishing bots from people in simulated mailings to 10,000, 30 % of them behind scanners",
  async run(say) {
    const classified: v.InferOutput<typeof Classified>[] = [];
    for (const seed of SEEDS) {
      say(`mailing ${classified.length + 1} of ${SEEDS.length}`);
      const main = fileURLToPath(new URL("worker/bots.ts", import.meta.url));
      const answer = await withServer({ main }, async ({ worker }) => {
        const response = await fetch(`${worker.origin}/?seed=${seed}`);
        if (!response.ok) throw new Error(`it answered ${response.status}: ${await response.text()}`);
        return v.parse(Classified, await response.json());
      });
      classified.push(answer);
    }
    const share = (of: (each: v.InferOutput<typeof Classified>) => number) => median(classified.map(of));
    return [
      {
        name: "bots: precision of the mark",
        value: share(({ precision }) => precision),
        unit: "of 1",
        goal: { atLeast: 0.995 },
      },
      {
        name: "bots: recall of the mark",
        value: share(({ recall }) => recall),
        unit: "of 1",
        goal: { atLeast: 0.95 },
      },
      {
        name: "bots: people's events that are marked",
        value: share(({ peopleMarked, people }) => peopleMarked / people),
        unit: "of 1",
        goal: { atMost: 0.01 },
      },
      {
        name: "bots: people who opened, whose open is in the log as a person's",
        value: share(({ openersKept, openers }) => openersKept / openers),
        unit: "of 1",
      },
      {
        name: "bots: rows written for each event reclassified",
        value: share(({ written }) => written.rows / written.marked),
        unit: "rows",
      },
      ...confusion(classified),
    ];
  },
};

/** Of each kind of visitor, how many of its events are marked as a bot's. */
function confusion(classified: readonly v.InferOutput<typeof Classified>[]): readonly Figure[] {
  const all = classified.flatMap(({ kinds }) => Object.entries(kinds));
  return [...Map.groupBy(all, ([kind]) => kind)].map(([kind, some]) => {
    const events = some.reduce((sum, [, each]) => sum + each.events, 0);
    const marked = some.reduce((sum, [, each]) => sum + each.marked, 0);
    return { name: `bots: marked of ${events}, ${kind}`, value: marked / events, unit: "of 1" };
  });
}
