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

const ROUNDS = 12;
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

/** The page's time, and that against its calls where it has some. */
async function figuresOf(
  worker: InstrumentedWorker,
  { name, page, calls, isSignedOut = false, mayBeTooLarge = false }: PageOfCalls,
  Cookie: string,
): Promise<readonly Figure[]> {
  const shown = await timed(worker, [page], isSignedOut ? {} : { Cookie });
  const figure = { name, value: shown.ms, unit: "ms", cpuUs: shown.cpuUs, goal: { atMost: MAX_MS } };
  if (calls.length === 0) return [figure];
  const called = await timed(worker, calls, { Authorization: `Bearer ${worker.apiKey}` }, mayBeTooLarge);
  const ratio = shown.ms / called.ms;
  const ofCalls = { ...figure, name: name + OF_CALLS, control: called.ms, controlCpuUs: called.cpuUs, ratio };
  return [figure, { ...ofCalls, goal: { atMost: MAX_RATIO } }];
}

const OF_CALLS = ": of its calls";

/** A row for each page. */
function pageTable(figures: readonly Figure[]): string {
  const head = ["page", "ms", "CPU ms", "its calls, ms", "of its calls", `at most ${MAX_MS} ms`].map((title) =>
    pc.bold(title),
  );
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right"],
  });
  for (const figure of figures.filter(({ name }) => !name.endsWith(OF_CALLS))) {
    const ofCalls = figures.find(({ name }) => name === figure.name + OF_CALLS);
    table.push([
      figure.name,
      figure.value.toFixed(0),
      ((figure.cpuUs ?? Number.NaN) / 1_000).toFixed(0),
      ofCalls?.control?.toFixed(0) ?? "–",
      ofCalls?.ratio === undefined ? "–" : colored(ofCalls, ofCalls.ratio.toFixed(2)),
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

/**
 * What all of these take together: the median in ms, and the server's CPU time, which others on the machine hardly
 * change. The first round is for warming up.
 */
async function timed(
  { origin, workerdPid }: InstrumentedWorker,
  paths: readonly string[],
  headers: Readonly<Record<string, string>>,
  mayBeTooLarge = false,
): Promise<{ readonly ms: number; readonly cpuUs: number }> {
  const round = async () => {
    const startMs = performance.now();
    for (const path of paths) {
      const answer = await fetch(origin + path, { headers, redirect: "manual" });
      const text = await answer.text();
      if (!answer.ok && !(mayBeTooLarge && text.includes("report_too_large")))
        throw new Error(`${path} answered ${answer.status}: ${text.slice(0, 200)}`);
    }
    return performance.now() - startMs;
  };
  await round();
  const beginUs = await cpuUs(workerdPid);
  const rounds: number[] = [];
  while (rounds.length < ROUNDS) rounds.push(await round());
  return { ms: median(rounds), cpuUs: ((await cpuUs(workerdPid)) - beginUs) / ROUNDS };
}
