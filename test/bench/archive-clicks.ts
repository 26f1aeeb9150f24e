/**
 * Clicks while segments are written, against clicks without: at the pace of a billion events a month, and as fast as it
 * goes. The Worker that writes them shares its only thread with the clicks here; on Cloudflare scheduled work mostly
 * runs in another isolate.
 */
import { fileURLToPath } from "node:url";
import { type Bench, type Figure, median } from "./bench.ts";
import type { LoadOrder } from "./load.ts";
import { clickPaths } from "./mailing.ts";
import { bare, fill } from "./million.ts";
import { type Server, withServer } from "./server.ts";

const ROUNDS = 6;
const ROUND_MS = 3_000;
const PERSONS = 20_000;
const CONNECTIONS = 32;
/** A third of what it can, so that answers do not wait for each other. */
const PACED: Pick<LoadOrder, "connections" | "everyMs"> = { connections: CONNECTIONS, everyMs: 12 };
/** Of a billion a month, 386 a second, those of a round. */
const EVENTS_A_ROUND = Math.round((386 * ROUND_MS) / 1_000);
const EVENTS = 200_000;

interface Round {
  readonly rate: number;
  readonly p99Ms: number;
}

export const archiveClicks: Bench = {
  name: "archive-clicks",
  about: "clicks while segments are written, against clicks without",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/archiving.ts", import.meta.url)) }, async (server) => {
      await fill(server.worker, say, EVENTS);
      await bare(server.worker, "/aggregate");
      return await compare(server, say);
    }),
};

let clicked = 0;

async function compare(server: Server, say: (line: string) => void): Promise<readonly Figure[]> {
  const works = {
    without: () => Promise.resolve(),
    paced: () => archive(server, `segments=1&size=${EVENTS_A_ROUND}`),
    fast: () => archive(server, "segments=2"),
  };
  const rounds: Record<keyof typeof works, Round>[] = [];
  const sides = Object.keys(works) as (keyof typeof works)[];
  for (let index = 0; index <= ROUNDS; index++) {
    const done = new Map<keyof typeof works, Round>();
    // Who goes first changes, so that none always inherits another's garbage.
    for (let turn = 0; turn < sides.length; turn++) {
      const side = sides[(index + turn) % sides.length] ?? "without";
      done.set(side, await clicksWhile(server, works[side]));
    }
    const [without, paced, fast] = [done.get("without"), done.get("paced"), done.get("fast")];
    if (without === undefined || paced === undefined || fast === undefined) throw new Error("a side had no turn");
    if (index > 0) rounds.push({ without, paced, fast });
    say(`round ${index} of ${ROUNDS}: ${Math.round(paced.rate)}/s against ${Math.round(without.rate)}/s`);
  }
  const figure = (name: string, unit: string, side: "paced" | "fast", what: keyof Round): Figure => ({
    name,
    value: median(rounds.map((round) => round[side][what])),
    unit,
    control: median(rounds.map(({ without }) => without[what])),
    ratio: median(rounds.map((round) => round[side][what] / round.without[what])),
  });
  const pace = "while segments are written, a billion events a month";
  const fast = "while two segments of 50,000 are written at once, by the same thread";
  return [
    { ...figure(`clicks ${pace}`, "1/s", "paced", "rate"), goal: { atLeast: 0.97 } },
    { ...figure(`clicks ${pace}: p99`, "ms", "paced", "p99Ms"), goal: { atMost: 1.3 } },
    figure(`clicks ${fast}`, "1/s", "fast", "rate"),
    figure(`clicks ${fast}: p99`, "ms", "fast", "p99Ms"),
  ];
}

/** Clicks as fast as they are answered, for the rate, and then at a pace, for the time that an answer takes. */
async function clicksWhile(server: Server, work: () => Promise<void>): Promise<Round> {
  const paths = clickPaths(server.worker.tokenKeys, PERSONS);
  const run = async (order: Pick<LoadOrder, "connections"> & Partial<LoadOrder>) => {
    const [result] = await Promise.all([
      server.load.run(server.worker.origin, { paths, forMs: ROUND_MS, ...order }),
      work(),
    ]);
    clicked += result.answered;
    await server.settled(EVENTS + clicked);
    return result;
  };
  const { answered, elapsedMs } = await run({ connections: CONNECTIONS });
  const { p99Ms } = await run(PACED);
  return { rate: (answered / elapsedMs) * 1_000, p99Ms };
}

async function archive({ worker }: Server, order: string): Promise<void> {
  const answer = await fetch(`${worker.origin}/archive?${order}`);
  if (!answer.ok) throw new Error(`/archive answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}
