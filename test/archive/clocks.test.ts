/** Clocks that jump by days, between what is recorded, archived and delivered again: D1's, and the Worker's. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { archivedBefore, sweepArchive, workOnArchive } from "../../src/archive/work.ts";
import { rowOf } from "../../src/events/row.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { clickGroupOf, type RowGroup } from "../../src/ingest/row-group.ts";
import { aggregate, emptyAll } from "../privacy/people-world.ts";
import { wholeLog, withoutArchive } from "./whole-log.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const START_MS = Date.now();

/** How many days each clock is ahead; below 0 behind. */
interface Clocks {
  readonly d1?: number;
  readonly worker?: number;
}

beforeEach(async () => {
  await withoutArchive();
  await emptyAll();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** The environment so many hours after the start. */
function at(hours: number, { d1 = 0, worker = 0 }: Clocks): Env {
  const passedMs = hours * HOUR_MS;
  vi.spyOn(Date, "now").mockReturnValue(START_MS + passedMs + worker * DAY_MS);
  const shift = (passedMs + d1 * DAY_MS) / 1_000;
  const DB = new Proxy(env.DB, {
    get: (real, name: "prepare" | "batch") =>
      name === "prepare"
        ? (query: string) => real.prepare(query.replaceAll("unixepoch('subsec')", `(unixepoch('subsec') + ${shift})`))
        : real[name].bind(real),
  });
  return { ...env, DB };
}

/** Clicks on one link at one moment of the Worker's clock: more than the first ones, which stay in D1. */
function clicks(name: string): RowGroup {
  const rows = Array.from({ length: 12 }, (_, index) =>
    rowOf({
      type: "clicked",
      id: "",
      atMs: Date.now(),
      message: { email: "7", person: `${name}${index}`, campaign: "42" },
      link: { id: "l", url: "https://shop.example/" },
      visitor: { userAgent: "x" },
    }),
  );
  return clickGroupOf(rows, crypto.randomUUID());
}

async function archive(around: Env): Promise<number> {
  const beforeMs = await archivedBefore(around.DB, { afterDays: 2, aboveGb: 6, messageDays: 90 });
  return (await workOnArchive(around, beforeMs, Number.POSITIVE_INFINITY)).written.length;
}

it.each<[recorded: Clocks, archived: Clocks, later: Clocks]>([
  [{}, { d1: 5 }, {}],
  [{}, { worker: 5 }, {}],
  [{}, { d1: -5 }, {}],
  [{ d1: 5 }, {}, {}],
  [{ d1: -5 }, {}, {}],
  [{ worker: -5 }, {}, {}],
  [{ worker: 5 }, { worker: 5 }, {}],
  [{ d1: 5 }, { d1: -5 }, { d1: 5 }],
])("recorded %j, archived %j: each click is in the log once, and the archive takes all", async (...clocks) => {
  const [recorded, archived, later] = clocks;
  await insertGroups(at(0, recorded), [clicks("before")]);
  const during = at(1, recorded);
  const group = clicks("during");
  await insertGroups(during, [group]);
  await insertGroups(at(2, {}), [clicks("after")]);
  await aggregate();
  await archive(at(3, archived));
  await insertGroups(at(4, {}), [group]);
  await archive(at(5, later));
  await insertGroups(at(6, {}), [group]);
  await insertGroups(at(15 * 24, {}), [clicks("last")]);
  await aggregate();
  expect(await archive(at(30 * 24, {}))).toBeGreaterThan(0);
  await insertGroups(at(30 * 24, {}), [group]);
  const log = await wholeLog<{ person: string; time: number }>(
    "SELECT person, recorded_at AS time FROM events ORDER BY seq",
  );
  const people = ["before", "during", "after", "last"].flatMap((name) =>
    Array.from({ length: 12 }, (_, index) => `${name}${index}`),
  );
  expect(log.map(({ person }) => person)).toEqual(people);
  const times = log.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

it.each<Clocks>([
  { worker: 5 },
  { d1: 5 },
])("swept by clocks %j: an object that is about to be noted stays", async (clocks) => {
  for (const key of ["log/v1/day=2026-01-01/1-2", "messages/v1/1"])
    await env.ARCHIVE.put(`${key}.${crypto.randomUUID()}.v1.${crypto.randomUUID()}.parquet`, "");
  await sweepArchive(at(0, clocks), Number.POSITIVE_INFINITY);
  expect((await env.ARCHIVE.list()).objects).toHaveLength(2);
  await sweepArchive(at(0, { worker: 5, d1: 5 }), Number.POSITIVE_INFINITY);
  expect((await env.ARCHIVE.list()).objects).toEqual([]);
});
