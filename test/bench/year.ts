/**
 * A year at steady traffic with the archive on, scaled down: how large D1 is after each month, and what of. Its file is
 * read by SQLite, table by table.
 */
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { InstrumentedWorker } from "../dev/instrumented-worker.ts";
import type { Bench, Figure } from "./bench.ts";
import { withServer } from "./server.ts";
import { FIRST_MONTH_MS, MONTH_MS } from "./worker/month.ts";

const MONTHS = 12;
const MESSAGES_A_MONTH = 4_000;
/** Messages move when they have been quiet for so many months: MESSAGE_DAYS. */
const QUIET_MONTHS = 3;

/** What is kept of messages in files. */
const TOTALS = ["message_files", "message_filters", "day_totals", "link_totals"];
/** The tables that grow with what is sent: those, a row an email and link, a file, an email and campaign. */
const GROWING = [...TOTALS, "links", "names", "mailings", "segments", "seq_ranges"];

/** After a month. Sizes in bytes. */
export interface MonthEnd {
  readonly messages: number;
  /** That were ever recorded. */
  readonly events: number;
  readonly d1: number;
  /** The table `events` with its indexes, and what says which archived ones stay. */
  readonly eventsTable: number;
  /** Of messages in D1. */
  readonly statistics: number;
  /** Filters and totals of messages in files. */
  readonly totals: number;
  readonly messagesInD1: number;
  readonly rowsBehindFloor: number;
  readonly rowsUpToFloor: number;
  /** Each table with its indexes. */
  readonly byTable: ReadonlyMap<string, number>;
}

export const year: Bench = {
  name: "year",
  about: "D1 after each month of a year at steady traffic, with the archive on, scaled down",
  run: async (say) => {
    const ends = await simulatedYear(say);
    const figures = ends.flatMap((end, index) => figuresOf(index + 1, end));
    const [second, fifth, last] = [ends[1], ends[QUIET_MONTHS + 1], ends.at(-1)];
    if (second === undefined || fifth === undefined || last === undefined) throw new Error("there was no year");
    const grown = (name: string, value: number, control: number): Figure => {
      return { name, value, unit: "rows", control, ratio: value / control, goal: { atMost: 1.05 } };
    };
    return [
      ...figures,
      grown(
        "events in D1 that are not archived, after the last month against the second",
        last.rowsBehindFloor,
        second.rowsBehindFloor,
      ),
      grown("messages in D1, after the last month against the fifth", last.messagesInD1, fifth.messagesInD1),
      grown(
        "archived events that stay in D1, after the last month against the fifth",
        last.rowsUpToFloor,
        fifth.rowsUpToFloor,
      ),
      {
        ...grown("D1 but for filters and totals, after the last month against the fifth", sizeOf(last), sizeOf(fifth)),
        unit: "MB",
      },
      ...growth(fifth, last),
    ];
  },
};

/** What each table has more than some months before, for each message that has moved into a file since. */
function growth(before: MonthEnd, after: MonthEnd): readonly Figure[] {
  const moved = after.messages - before.messages;
  const grown = [...after.byTable].map(([table, bytes]) => [table, bytes - (before.byTable.get(table) ?? 0)] as const);
  return grown
    .filter(([table, bytes]) => bytes > 0 && GROWING.includes(table))
    .map(([table, bytes]) => ({
      name: `growth since the fifth month, for each message that has moved: ${table}`,
      value: bytes / moved,
      unit: "bytes",
    }));
}

function sizeOf({ d1, totals }: MonthEnd): number {
  return (d1 - totals) / 1e6;
}

function figuresOf(month: number, end: MonthEnd): readonly Figure[] {
  const megabytes = (what: string, bytes: number): Figure => ({
    name: `month ${month}: ${what}`,
    value: bytes / 1e6,
    unit: "MB",
  });
  return [
    megabytes("D1", end.d1),
    megabytes("events", end.eventsTable),
    megabytes("messages", end.statistics),
    megabytes("filters and totals of messages in files", end.totals),
    { name: `month ${month}: archived events that stay in D1`, value: end.rowsUpToFloor, unit: "rows" },
  ];
}

/** Each month's events are recorded, aggregated and, a month later, archived. */
export async function simulatedYear(say: (line: string) => void): Promise<readonly MonthEnd[]> {
  const persistTo = await mkdtemp(join(tmpdir(), "waxseal-year-"));
  const main = fileURLToPath(new URL("worker/scaling.ts", import.meta.url));
  try {
    return await withServer({ main, persistTo }, async ({ worker }) => {
      const ends: MonthEnd[] = [];
      for (let index = 0; index < MONTHS; index++) {
        const { rows } = await ask(worker, `/month?index=${index}&messages=${MESSAGES_A_MONTH}&length=${MONTH_MS}`);
        await ask(worker, "/aggregate");
        await ask(worker, `/archive?before=${FIRST_MONTH_MS + index * MONTH_MS}`);
        await worker.d1().then((d1) => d1.prepare("DELETE FROM message_scan").run());
        await ask(worker, `/messages?before=${FIRST_MONTH_MS + (index - QUIET_MONTHS + 1) * MONTH_MS}`);
        const events = (ends.at(-1)?.events ?? 0) + rows;
        ends.push({ messages: (index + 1) * MESSAGES_A_MONTH, events, ...(await sizesOf(worker, persistTo)) });
        say(`month ${index + 1} of ${MONTHS}`);
      }
      return ends;
    });
  } finally {
    await rm(persistTo, { recursive: true, force: true });
  }
}

const Answer = v.object({ rows: v.number(), ms: v.optional(v.number(), 0), bytes: v.optional(v.number(), 0) });

/** A route of worker/scaling.ts. */
export async function ask({ origin }: InstrumentedWorker, path: string): Promise<v.InferOutput<typeof Answer>> {
  const answer = await fetch(origin + path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return v.parse(Answer, await answer.json());
}

async function sizesOf(worker: InstrumentedWorker, persistTo: string) {
  const d1 = await worker.d1();
  const floor = "SELECT coalesce(max(last), 0) FROM segments";
  const query = `SELECT count(*) FILTER (WHERE seq > (${floor})) AS rowsBehindFloor,
count(*) FILTER (WHERE seq <= (${floor})) AS rowsUpToFloor,
(SELECT count(*) FROM message_stats) AS messagesInD1 FROM events`;
  type Counts = Pick<MonthEnd, "rowsBehindFloor" | "rowsUpToFloor" | "messagesInD1">;
  const { results, meta } = await d1.prepare(query).all<Counts>();
  const bytes = await bytesByTable(persistTo);
  const bytesOf = (tables: readonly string[]) => tables.reduce((sum, table) => sum + (bytes.get(table) ?? 0), 0);
  const { rowsBehindFloor = 0, rowsUpToFloor = 0, messagesInD1 = 0 } = results[0] ?? {};
  return {
    d1: meta.size_after,
    eventsTable: bytesOf(["events", "recalled"]),
    statistics: bytesOf(["message_stats", "earlier_seqs"]),
    totals: bytesOf(TOTALS),
    byTable: bytes,
    rowsBehindFloor,
    rowsUpToFloor,
    messagesInD1,
  };
}

/** The bytes of each table of D1 with its indexes, from a copy of its file. */
async function bytesByTable(persistTo: string): Promise<ReadonlyMap<string, number>> {
  const names = await readdir(persistTo, { recursive: true });
  const files = names.filter((name) => name.includes("D1DatabaseObject") && /[0-9a-f]{64}\.sqlite(-wal)?$/.test(name));
  const copy = await mkdtemp(join(tmpdir(), "waxseal-d1-"));
  try {
    for (const name of files) await copyFile(join(persistTo, name), join(copy, `d1${name.replace(/^.*sqlite/, "")}`));
    const database = new DatabaseSync(join(copy, "d1"));
    const query = `SELECT tbl_name AS name, sum(pgsize) AS bytes FROM dbstat JOIN sqlite_schema USING (name)
GROUP BY tbl_name`;
    const rows = database.prepare(query).all();
    database.close();
    return new Map(rows.map(({ name, bytes }) => [String(name), Number(bytes)]));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
