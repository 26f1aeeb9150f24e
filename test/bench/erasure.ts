/**
 * Erasure and retention in a log of a million events: the rows and the time of an erasure and of a batch, and the rows
 * that it cost to write the log and its statistics.
 */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";
import { EVENTS } from "./worker/seeded-log.ts";

const ERASED = ["few1", "few2", "few3", "few4", "few5"];
const EVENTS_OF_ERASED = 50;
const MESSAGES_OF_ERASED = 20;
const RETENTION_STEPS = 60;
/** Two of the million's eleven days. */
const BEFORE_MS = Date.UTC(2026, 9, 3);
/** Events of one person in a row, each of another message: more than a step changes. */
const DENSE = 1_000;
const MOST_READ = 150_000;
const MOST_WRITTEN = 2_500;

const Step = v.object({ ms: v.number(), read: v.number(), written: v.number() });
type Step = v.InferOutput<typeof Step>;
const Erased = v.object({ ...Step.entries, events: v.number() });
const Left = v.object({ erasures: v.number(), roundsDone: v.number() });

async function ask<Schema extends v.GenericSchema>(
  { origin }: LocalWorker,
  path: string,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const answer = await fetch(origin + path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return v.parse(schema, await answer.json());
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function mostFigures(what: string, steps: readonly Step[]): Figure[] {
  return [
    {
      name: `${what}: rows read, the most of a step`,
      value: Math.max(...steps.map(({ read }) => read)),
      unit: "rows",
      goal: { atMost: MOST_READ },
    },
    {
      name: `${what}: rows written, the most of a step`,
      value: Math.max(...steps.map(({ written }) => written)),
      unit: "rows",
      goal: { atMost: MOST_WRITTEN },
    },
  ];
}

function stepFigures(what: string, steps: readonly Step[]): Figure[] {
  return [
    { name: `${what}: steps`, value: steps.length, unit: "" },
    { name: `${what}: a step`, value: median(steps.map(({ ms }) => ms)), unit: "ms" },
    {
      name: `${what}: the longest of 100 steps`,
      value: quantile(
        steps.map(({ ms }) => ms),
        0.99,
      ),
      unit: "ms",
    },
    ...mostFigures(what, steps),
  ];
}

/** Takes steps until nothing is left. */
async function stepsOf(
  worker: LocalWorker,
  path: string,
  isDone: (left: v.InferOutput<typeof Left>) => boolean,
  say: (line: string) => void,
): Promise<Step[]> {
  const steps: Step[] = [];
  do {
    for (let count = 0; count < 20; count++) steps.push(await ask(worker, path, Step));
    say(`${steps.length} steps`);
  } while (!isDone(await ask(worker, "/left", Left)));
  return steps;
}

/** One person after the other: each erasure takes as many steps as it needs. */
async function erasures(worker: LocalWorker): Promise<(Step & { readonly events: number })[]> {
  const erased = [];
  for (const person of ERASED) erased.push(await ask(worker, `/erase?person=${person}`, Erased));
  return erased;
}

export const erasure: Bench = {
  name: "erasure",
  about: "erasing people with 50 events, and steps of retention, in a million events",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/erasing.ts", import.meta.url)) }, async ({ worker }) => {
      const filled = await fill(worker, say);
      say("the log is aggregated");
      const aggregated = await bare(worker, "/aggregate");
      for (const person of ERASED) {
        const clicks = `person=${person}&events=${EVENTS_OF_ERASED}&messages=${MESSAGES_OF_ERASED}`;
        await ask(worker, `/clicks?${clicks}`, v.object({}));
      }
      await ask(worker, `/clicks?person=dense&events=${DENSE}&messages=${DENSE}`, v.object({}));
      await bare(worker, "/aggregate");
      const one = await erasures(worker);
      await ask(worker, "/ask?person=dense", v.object({}));
      const dense = await stepsOf(worker, "/erase-step", ({ erasures }) => erasures === 0, say);
      const retaining: Step[] = [];
      for (let step = 0; step < RETENTION_STEPS; step++) {
        retaining.push(await ask(worker, `/retention-step?before=${BEFORE_MS}`, Step));
      }
      return [
        {
          name: "written rows an event, statistics included",
          value: (filled + aggregated.rows) / EVENTS,
          unit: "rows",
          goal: { atMost: 2.75 },
        },
        { name: "erasing a person: events", value: median(one.map(({ events }) => events)), unit: "events" },
        {
          name: "erasing a person, the longest",
          value: Math.max(...one.map(({ ms }) => ms)),
          unit: "ms",
          goal: { atMost: 1_000 },
        },
        {
          name: "erasing a person: rows read, the most",
          value: Math.max(...one.map(({ read }) => read)),
          unit: "rows",
          goal: { atMost: 1_000 },
        },
        ...mostFigures("erasing a person with a thousand messages", dense),
        ...stepFigures("retention", retaining),
      ];
    }),
};
