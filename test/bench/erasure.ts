/**
 * Erasure and retention in a log of a million events: the rows and the time of a batch, and the latency of clicks while
 * batches run, against the same load without them, in alternating rounds.
 */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { Connection } from "./connection.ts";
import { clickPaths } from "./mailing.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";

const ROUNDS = 12;
const ROUND_MS = 2_000;
const CONNECTIONS = 8;
/** Of each connection, from click to click: 200 clicks a second in all. */
const EACH_MS = 40;
const PERSONS = 2_000;
/** In the million: those who click most, and some who hardly do. */
const ERASED = [5_000_000, 5_000_001, 5_000_002, 5_000_003, 5_000_004, 5_002_000, 5_004_000, 5_004_999];
/** None of those who click: their clicks would have to be aggregated first, which is not what is measured. */
const FIRST_ERASED_UNDER_LOAD = 5_003_000;
/** Two of the million's eleven days. */
const BEFORE_MS = Date.UTC(2026, 9, 3);
/** Events of one person in a row: more than a step changes. */
const DENSE = 1_000;
const MOST_READ = 150_000;
const MOST_WRITTEN = 2_500;

const Step = v.object({ ms: v.number(), read: v.number(), written: v.number() });
type Step = v.InferOutput<typeof Step>;
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

/** Clicks at equal intervals; returns how long each click took, in ms. */
async function clicked(worker: LocalWorker, paths: readonly string[], forMs: number): Promise<number[]> {
  const latencies: number[] = [];
  const endMs = performance.now() + forMs;
  const click = async (index: number) => {
    const connection = new Connection(worker.origin, {
      "User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15",
    });
    await pause((EACH_MS * index) / CONNECTIONS);
    for (let number = index; performance.now() < endMs; number += CONNECTIONS) {
      const startMs = performance.now();
      await connection.get(paths[number % paths.length] ?? "");
      latencies.push(performance.now() - startMs);
      await pause(EACH_MS - (performance.now() - startMs));
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, index) => click(index)));
  return latencies;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

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

interface Latencies {
  readonly middle: number[];
  readonly last: number[];
}

function latencyFigure(name: string, beside: readonly number[], alone: readonly number[], atMost: number): Figure {
  return {
    name,
    value: median(beside),
    unit: "ms",
    control: median(alone),
    ratio: median(beside.map((ms, round) => ms / (alone[round] ?? Number.NaN))),
    goal: { atMost },
  };
}

export const erasure: Bench = {
  name: "erasure",
  about: "steps of erasing people and of retention in a million events, and clicks beside them",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/erasing.ts", import.meta.url)) }, async ({ worker }) => {
      await fill(worker, say);
      say("the log is aggregated");
      await bare(worker, "/aggregate");
      for (const person of ERASED) await ask(worker, `/ask?person=${person}`, v.object({}));
      const erasing = await stepsOf(worker, "/erase-step", ({ erasures }) => erasures === 0, say);
      await ask(worker, `/dense?events=${DENSE}`, v.object({}));
      await bare(worker, "/aggregate");
      await ask(worker, "/ask?person=dense", v.object({}));
      const dense = await stepsOf(worker, "/erase-step", ({ erasures }) => erasures === 0, say);
      const retaining = await stepsOf(
        worker,
        `/retention-step?before=${BEFORE_MS}`,
        ({ roundsDone }) => roundsDone > 0,
        say,
      );
      const paths = clickPaths(worker.tokenKeys, PERSONS);
      const alone: Latencies = { middle: [], last: [] };
      const beside: Latencies = { middle: [], last: [] };
      const load = async ({ middle, last }: Latencies) => {
        const latencies = await clicked(worker, paths, ROUND_MS);
        middle.push(quantile(latencies, 0.5));
        last.push(quantile(latencies, 0.99));
      };
      for (let round = 0; round <= ROUNDS; round++) {
        const both = async () => {
          const first = FIRST_ERASED_UNDER_LOAD + 100 * round;
          await Promise.all([load(beside), ask(worker, `/erase-for?ms=${ROUND_MS}&first=${first}`, v.object({}))]);
        };
        for (const side of round % 2 === 0 ? [() => load(alone), both] : [both, () => load(alone)]) await side();
        say(
          `round ${round} of ${ROUNDS}: ${beside.last.at(-1)?.toFixed(1)} ms, ` +
            `${alone.last.at(-1)?.toFixed(1)} ms without`,
        );
      }
      return [
        ...stepFigures("erasing", erasing),
        ...mostFigures("erasing whose events stand close together", dense),
        ...stepFigures("retention", retaining),
        latencyFigure("a click's latency beside steps, median", beside.middle.slice(1), alone.middle.slice(1), 1.5),
        latencyFigure("a click's latency beside steps, 99th percentile", beside.last.slice(1), alone.last.slice(1), 3),
      ];
    }),
};
