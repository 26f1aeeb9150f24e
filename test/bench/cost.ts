/** What a million of each would cost on Cloudflare: operations counted by type, at its list prices of November 2026. */
import { fileURLToPath } from "node:url";
import Table from "cli-table3";
import pc from "picocolors";
import * as v from "valibot";
import { CANDIDATE_AFTER_MS } from "../../src/tracking/recordable.ts";
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import type { Bench, Figure } from "./bench.ts";
import { cpuUs } from "./cpu.ts";
import type { LoadOrder } from "./load.ts";
import { clickPaths, openPaths, unsubscribePaths } from "./mailing.ts";
import { dollarsOf, USED, type Usage, usageOf } from "./prices.ts";
import { type Server, withServer } from "./server.ts";
import { Counts } from "./worker/counts.ts";

export const UNIT: Readonly<Record<keyof Usage, string>> = {
  requests: "requests",
  cpuMs: "ms of CPU",
  durableObjectRequests: "Durable Object requests",
  durableObjectMs: "ms of Durable Objects",
  durableObjectRowsRead: "Durable Object rows read",
  durableObjectRowsWritten: "Durable Object rows written",
  queueOperations: "queue operations",
  d1RowsRead: "D1 rows read",
  d1RowsWritten: "D1 rows written",
  r2ClassA: "R2 operations, class A",
  r2ClassB: "R2 operations, class B",
};

const DOLLARS = "dollars";
const MILLION = 1e6;
const CONNECTIONS = 32;
/** Apple Mail Privacy Protection. */
const BOT_USER_AGENT = "Mozilla/5.0";

export const cost: Bench = {
  name: "cost",
  about: "operations and dollars per million clicks, opens and unsubscribes, at list prices",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/counting.ts", import.meta.url)) }, async (server) => {
      const { tokenKeys } = server.worker;
      const firsts = openPaths(tokenKeys, 1_000);
      const botOpens = openPaths(tokenKeys, 1_000, 1_000);
      const clicks = clickPaths(tokenKeys, 50_000);
      const figures: Figure[] = [];
      const count = async (what: string, paths: readonly string[], rows: number, more?: Partial<LoadOrder>) => {
        say(what);
        figures.push(...(await counted(server, { what, paths, rows, more })));
      };
      await count("clicks", clicks, clicks.length);
      await count("first opens", firsts, firsts.length);
      const openedMs = Date.now();
      await count("repeated opens", [...firsts, ...firsts, ...firsts], 0);
      await count("unsubscribes", unsubscribePaths(tokenKeys, 1_000), 1_000, { method: "POST" });
      say("events aggregated");
      figures.push(...(await aggregated(server, await server.logged())));
      const byBot = {
        paths: botOpens,
        connections: CONNECTIONS,
        requests: botOpens.length,
        userAgent: BOT_USER_AGENT,
      };
      const seq = await highestSeq(server);
      await server.load.run(server.worker.origin, byBot);
      await server.settled(seq + botOpens.length);
      await count("opens that replace a bot's", botOpens, botOpens.length);
      await new Promise((resolve) => setTimeout(resolve, openedMs + CANDIDATE_AFTER_MS - Date.now()));
      // The opens add no row: the row of the click, which comes last, shows that they are done.
      await count("opens again", [...firsts, ...clicks.slice(0, 1)], 1);
      return figures;
    }),
  table: costTable,
};

/** A column each, as docs/costs.md has them. */
export function costTable(figures: readonly Figure[]): string {
  const cells = figures.map(({ name, value }) => {
    const [what = "", unit = ""] = name.split(": ");
    return { what: what.replace("a million ", ""), unit, value };
  });
  const whats = [...new Set(cells.map(({ what }) => what))];
  const units = [...Object.values(UNIT), DOLLARS];
  const table = new Table({
    head: ["a million", ...whats].map((title) => pc.bold(title)),
    style: { head: [], border: [] },
    colAligns: ["left", ...whats.map(() => "right" as const)],
  });
  for (const unit of units) {
    const row = whats.map((what) => cells.find((cell) => cell.what === what && cell.unit === unit)?.value ?? 0);
    const digits = unit === DOLLARS ? 2 : 0;
    const shown = row.map((value) => value.toLocaleString("en", { maximumFractionDigits: digits }));
    table.push([unit, ...shown]);
  }
  return table.toString();
}

/** What it costs to bring reports up to date: at its dearest, with hardly two events of the same message. */
async function aggregated({ worker }: Server, events: number): Promise<Figure[]> {
  const report = async () => {
    const headers = { Authorization: `Bearer ${worker.apiKey}` };
    const answer = await fetch(`${worker.origin}/v1/reports/emails`, { headers });
    if (!answer.ok) throw new Error(`the report answered ${answer.status}: ${await answer.text()}`);
  };
  return await costOf(worker, "events aggregated", events, report);
}

interface Counted {
  readonly what: string;
  readonly paths: readonly string[];
  /** How many new seqs the log gets. */
  readonly rows: number;
  readonly more: Partial<LoadOrder> | undefined;
}

async function counted(server: Server, { what, paths, rows, more }: Counted): Promise<Figure[]> {
  const { worker, load, settled } = server;
  const seq = await highestSeq(server);
  return await costOf(worker, what, paths.length, async () => {
    await load.run(worker.origin, { paths, connections: CONNECTIONS, requests: paths.length, ...more });
    await settled(seq + rows);
  });
}

async function highestSeq({ worker }: Server): Promise<number> {
  const d1 = await worker.d1();
  return (await d1.prepare("SELECT max(seq) AS seq FROM events").first<number>("seq")) ?? 0;
}

/** What `work` used, for one of the `times` that it did something. */
export async function usedBy(
  { origin, workerdPid }: InstrumentedWorker,
  times: number,
  work: () => Promise<void>,
): Promise<Usage> {
  const read = async () => v.parse(Counts, await (await fetch(`${origin}/counts`)).json());
  const before = await read();
  const cpuBefore = await cpuUs(workerdPid);
  await work();
  const cpuMs = ((await cpuUs(workerdPid)) - cpuBefore) / 1000;
  const after = await read();
  return usageOf((name) => (name === "cpuMs" ? cpuMs : after[name] - before[name]) / times);
}

/** What `work` used, for a million of the `times` that it did something. */
export async function costOf(
  worker: InstrumentedWorker,
  what: string,
  times: number,
  work: () => Promise<void>,
): Promise<Figure[]> {
  const usage = await usedBy(worker, times, work);
  return [
    {
      name: `a million ${what}: ${DOLLARS}`,
      value: dollarsOf(usage) * MILLION,
      unit: DOLLARS,
      ...(what === "clicks" ? { goal: { atMost: 3 } } : {}),
    },
    ...USED.filter((name) => usage[name] > 0).map((name) => ({
      name: `a million ${what}: ${UNIT[name]}`,
      value: usage[name] * MILLION,
      unit: "",
    })),
  ];
}
