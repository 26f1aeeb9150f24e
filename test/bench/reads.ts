/** How long an unsubscription waits beside 24 readers of reports, with their limit and without. */
import { fileURLToPath } from "node:url";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import type { TokenKeys } from "../../src/tokens/keys.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { bare, fill } from "./million.ts";
import { withServer } from "./server.ts";

const READERS = 24;
const UNSUBSCRIPTIONS = 20;
const PAUSE_MS = 100;
/** What an unsubscription may take beside reports. */
const GOAL_MS = 1_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let persons = 0;

/** Returns how long one person's unsubscription takes. */
async function unsubscribe({ origin }: LocalWorker, keys: TokenKeys): Promise<number> {
  const message = { email: "1001", person: `u${persons++}`, campaign: "88012" };
  const startMs = performance.now();
  const answer = await fetch(`${origin}/u/${signToken(keys, "unsubscribe", message)}`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: "List-Unsubscribe=One-Click",
  });
  if (!answer.ok) throw new Error(`an unsubscription was answered with ${answer.status}`);
  await answer.arrayBuffer();
  return performance.now() - startMs;
}

/** Returns how long each of some reports takes, one after the other. */
async function readAlone({ origin, apiKey }: LocalWorker): Promise<readonly number[]> {
  const times: number[] = [];
  while (times.length < UNSUBSCRIPTIONS) {
    const startMs = performance.now();
    const answer = await fetch(`${origin}/v1/reports/emails`, { headers: { Authorization: `Bearer ${apiKey}` } });
    await answer.arrayBuffer();
    times.push(performance.now() - startMs);
  }
  return times;
}

interface Readers {
  /** How many read without a pause. */
  readonly count: number;
  readonly path: string;
}

/** The times of unsubscriptions beside readers, and how many of their reads are answered and refused meanwhile. */
async function besideReaders(worker: LocalWorker, keys: TokenKeys, { count, path }: Readers) {
  const reads = { answered: 0, refused: 0 };
  let isOver = false;
  const readOn = async () => {
    while (!isOver) {
      const answer = await fetch(worker.origin + path, { headers: { Authorization: `Bearer ${worker.apiKey}` } });
      await answer.arrayBuffer();
      if (answer.ok) reads.answered++;
      else if (answer.status === 429) reads.refused++;
      else throw new Error(`${path} was answered with ${answer.status}`);
      if (!answer.ok) await pause(PAUSE_MS);
    }
  };
  const reading = Promise.all(Array.from({ length: count }, readOn));
  const times: number[] = [];
  while (times.length < UNSUBSCRIPTIONS) {
    await pause(PAUSE_MS);
    times.push(await unsubscribe(worker, keys));
  }
  isOver = true;
  await reading;
  return { times, ...reads };
}

const figure = (name: string, value: number, unit: string): Figure => ({ name, value, unit });

export const reads: Bench = {
  name: "reads",
  about: "an unsubscription beside 24 readers of reports on a million events, with their limit and without",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)) }, async ({ worker }) => {
      const keys = parseTokenKeys(worker.tokenKeys);
      if (!keys.ok) throw new Error(keys.reason);
      await fill(worker, say);
      say("the log is aggregated");
      await bare(worker, "/aggregate");
      await unsubscribe(worker, keys.value);
      const beside = (count: number, path: string) => {
        say(`${count} readers of ${path}`);
        return besideReaders(worker, keys.value, { count, path });
      };
      const alone = await beside(0, "/report");
      const reports = await readAlone(worker);
      const unlimited = await beside(READERS, "/report");
      const limited = await beside(READERS, "/v1/reports/emails");
      return [
        figure("a report alone: median", median(reports), "ms"),
        figure("unsubscription alone: median", median(alone.times), "ms"),
        figure("beside 24 readers without a limit: median", median(unlimited.times), "ms"),
        figure("beside 24 readers without a limit: longest", Math.max(...unlimited.times), "ms"),
        figure("beside 24 readers: median", median(limited.times), "ms"),
        { ...figure("beside 24 readers: longest", Math.max(...limited.times), "ms"), goal: { atMost: GOAL_MS } },
        figure("reports answered meanwhile", limited.answered, "reports"),
        figure("reports refused meanwhile, with 429", limited.refused, "reports"),
      ];
    }),
};
