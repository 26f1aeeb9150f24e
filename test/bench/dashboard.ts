/** Every page of the dashboard over a million events, against the calls of the API that it is made of. */
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import pc from "picocolors";
import * as v from "valibot";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import { type Bench, type Figure, isReached, median } from "./bench.ts";
import { cpuUs } from "./cpu.ts";
import { EMAIL, type Made, type PageOfCalls, PERSON, pagesOf } from "./dashboard-pages.ts";
import { bare, fill } from "./million.ts";
import { newsletter } from "./newsletter.ts";
import { withServer } from "./server.ts";

const TURNS = 3;
/** Of each turn, besides one for warming up. */
const ROUNDS = 4;
const MAX_MS = 300;
const MAX_RATIO = 2;
const SUPPRESSIONS = 60;

export const dashboard: Bench = {
  name: "dashboard",
  about: "every page of the dashboard over a million events, against the API's calls behind it",
  table: pageTable,
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/reading.ts", import.meta.url)) }, async ({ worker }) => {
      await fill(worker, say);
      say("the log is aggregated");
      await bare(worker, "/aggregate");
      const made = await prepare(worker);
      const Cookie = await signIn(worker);
      const figures: Figure[] = [];
      for (const page of pagesOf(made)) {
        say(page.name);
        figures.push(...(await figuresOf(worker, page, Cookie)));
      }
      return figures;
    }),
};

/** The page's time, against a count of all events, and against its calls where it has some. */
async function figuresOf(
  worker: InstrumentedWorker,
  { name, page, calls, isSignedOut = false }: PageOfCalls,
  Cookie: string,
): Promise<readonly Figure[]> {
  const pages: Timed[] = [];
  const ofCalls: Timed[] = [];
  const counts: Timed[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    pages.push(await timed(worker, [page], isSignedOut ? {} : { Cookie }));
    if (calls.length > 0) ofCalls.push(await timed(worker, calls, { Authorization: `Bearer ${worker.apiKey}` }));
    counts.push(await timed(worker, ["/count"], {}));
  }
  const [shown, called, count] = [pages, ofCalls, counts].map(overTurns);
  if (shown === undefined || called === undefined || count === undefined) return [];
  const figure = { name, unit: "ms of CPU", value: shown.cpuMs };
  return [
    { ...figure, goal: { atMost: MAX_MS } },
    { ...figure, name: name + OF_COUNT, control: count.cpuMs, ratio: shown.cpuMs / count.cpuMs },
    { name: name + ELAPSED, unit: "ms", value: shown.ms, ...(calls.length === 0 ? {} : { control: called.ms }) },
    ...(calls.length === 0
      ? []
      : [
          {
            ...figure,
            name: name + OF_CALLS,
            control: called.cpuMs,
            ratio: shown.cpuMs / called.cpuMs,
            goal: { atMost: MAX_RATIO },
          },
        ]),
  ];
}

const OF_COUNT = ": of a count of all events";
const ELAPSED = ": elapsed";
const OF_CALLS = ": of its calls";

/** A row for each page. */
function pageTable(figures: readonly Figure[]): string {
  const titles = ["page", "CPU ms", "of count(*)", "its calls, CPU ms", "of its calls", "ms", `at most ${MAX_MS} ms`];
  const table = new Table({
    head: titles.map((title) => pc.bold(title)),
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right", "right"],
  });
  const byName = new Map(figures.map((figure) => [figure.name, figure]));
  for (const [name, figure] of byName) {
    const count = byName.get(name + OF_COUNT);
    if (count === undefined) continue;
    const ofCalls = byName.get(name + OF_CALLS);
    table.push([
      name,
      figure.value.toFixed(0),
      count.ratio?.toFixed(2) ?? "–",
      ofCalls?.control?.toFixed(0) ?? "–",
      ofCalls?.ratio === undefined ? "–" : colored(ofCalls, ofCalls.ratio.toFixed(2)),
      byName.get(name + ELAPSED)?.value.toFixed(0) ?? "–",
      isReached(figure) === true ? pc.green("yes") : pc.red("no"),
    ]);
  }
  return table.toString();
}

function colored(figure: Figure, text: string): string {
  return isReached(figure) === true ? text : pc.red(text);
}

/** What pages need besides the log: an email's kept HTML, suppressions, a webhook endpoint. */
async function prepare(worker: LocalWorker): Promise<Made> {
  const { origin, apiKey } = worker;
  const call = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(origin + path, {
      method: body === undefined ? "GET" : "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  await bare(worker, "/people");
  await call("/v1/emails", { email: { id: EMAIL, name: "November" }, html: newsletter() });
  const suppressions = Array.from({ length: SUPPRESSIONS }, (_, number) => ({ address: `s${number}@mail.example` }));
  await call("/v1/suppressions", { reason: "blocked", suppressions });
  const { id: endpoint } = v.parse(
    v.object({ id: v.string() }),
    await call("/v1/webhook-endpoints", { url: "https://hooks.example.com/waxseal" }),
  );
  const { erasure } = v.parse(
    v.object({ erasure: v.string() }),
    await call("/v1/people/erase", { person: "nobody-of-the-log" }),
  );
  const { data } = v.parse(
    v.object({ data: v.tuple([v.object({ message: v.string() })]) }),
    await call(`/v1/messages?person=${PERSON}&email=${EMAIL}&limit=1`),
  );
  return { endpoint, erasure, message: data[0].message };
}

async function signIn({ origin, apiKey }: LocalWorker): Promise<string> {
  const answer = await fetch(`${origin}/app/sign-in`, {
    method: "POST",
    body: new URLSearchParams({ key: apiKey }),
    redirect: "manual",
    headers: { Origin: origin },
  });
  const [cookie = ""] = answer.headers.getSetCookie();
  if (cookie === "") throw new Error(`nobody is signed in: ${answer.status}`);
  return cookie.split(";")[0] ?? "";
}

interface Timed {
  readonly ms: number;
  readonly cpuMs: number;
}

function overTurns(turns: readonly Timed[]): Timed {
  return { ms: median(turns.map(({ ms }) => ms)), cpuMs: turns.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / TURNS };
}

/** What all of these take together, and of the server's CPU time. The first round is for warming up. */
async function timed(
  { origin, workerdPid }: InstrumentedWorker,
  paths: readonly string[],
  headers: Readonly<Record<string, string>>,
): Promise<Timed> {
  const round = async () => {
    const startMs = performance.now();
    for (const path of paths) {
      const answer = await fetch(origin + path, { headers, redirect: "manual" });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 200)}`);
    }
    return performance.now() - startMs;
  };
  await round();
  const beginUs = await cpuUs(workerdPid);
  const rounds: number[] = [];
  while (rounds.length < ROUNDS) rounds.push(await round());
  return { ms: median(rounds), cpuMs: ((await cpuUs(workerdPid)) - beginUs) / ROUNDS / 1_000 };
}
