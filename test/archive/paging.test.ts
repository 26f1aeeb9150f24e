/** Readers who go from page to page while events move into the archive, back and forth. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import type { FeedFilter } from "../../src/feed/feed-filter.ts";
import { readFeedPage } from "../../src/feed/feed-page.ts";
import { isoTime } from "../../src/http/time.ts";
import { readActivityPage } from "../../src/marketo/activity-page.ts";
import { readRows, stretchesOfPeriod } from "../../src/marketo/extract/rows.ts";
import { exportPage, type HeldPage } from "../../src/privacy/export.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { countOf, runs } from "../fuzz.ts";
import { emptyLog, logRows, recordInTime } from "../marketo/marketo.ts";
import { POLICY } from "../privacy/people-world.ts";
import { ask } from "../worker.ts";
import { MOVE, type Move, whileMoving } from "./moving.ts";
import { archiveAll, withoutArchive } from "./whole-log.ts";

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 9, 1);
const TYPES = [6, 7, 8, 10, 11];

interface LoggedEvent {
  readonly type: number;
  readonly person: string;
  readonly email: string;
  /** How many seqs are used up before it, as by duplicates. */
  readonly gap: number;
}

const EVENT: fc.Arbitrary<LoggedEvent> = fc.record({
  type: fc.constantFrom(...TYPES),
  person: fc.constantFrom("a", "a", "b"),
  email: fc.constantFrom("1", "2"),
  gap: fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, { arbitrary: fc.constantFrom(3, 30_000, 70_000), weight: 1 }),
});

/** Logs events of the same past days, each a minute after the one before, and returns them with their ids. */
async function logged(some: readonly LoggedEvent[]) {
  const ids: string[] = [];
  for (const [index, { gap, ...event }] of some.entries()) {
    if (gap > 0)
      await env.DB.prepare("UPDATE sqlite_sequence SET seq = seq + ?1 WHERE name = 'events'").bind(gap).run();
    const link = event.type === 11 ? { link_id: "l1", link: "https://a.example/" } : {};
    const detail = event.type === 8 ? { detail: JSON.stringify({ category: 1 }) } : {};
    ids.push(...(await logRows({ ...event, ...link, ...detail, campaign: "x", at: START_MS + index * 3_600_000 })));
  }
  await recordInTime();
  await aggregateLog(env, { ...POLICY, handling: OFF }, Number.POSITIVE_INFINITY);
  return some.map((event, index) => ({ ...event, id: ids[index] ?? "" }));
}

const OFF = Object.fromEntries(Object.keys(POLICY.handling).map((method) => [method, "off"])) as typeof POLICY.handling;

beforeEach(async () => {
  await emptyLog();
  await withoutArchive();
});

type Reader = (around: Env, limit: number) => Promise<readonly unknown[]>;

function feedOf(filter: Omit<FeedFilter, "bots">): Reader {
  return async (around, limit) => {
    const ids: string[] = [];
    for (let after = 0; ; ) {
      const { rows, next, end } = await readFeedPage(around, { after, limit }, { ...filter, bots: "include" });
      ids.push(...rows.map(({ id }) => id));
      if (next >= end) return ids;
      if (next <= after) throw new Error(`the feed stays at ${after}`);
      after = next;
    }
  };
}

const ACTIVITIES: Reader = async (around, limit) => {
  const ids: string[] = [];
  for (let after = 0; ; ) {
    const wanted = { after, limit, holdMs: 0 };
    const { page } = await readActivityPage(around, wanted, { types: TYPES, emails: ["1"], sinceMs: 0 }, "nobody");
    ids.push(...page.rows.map(({ id }) => id));
    if (!page.more) return ids;
    after = page.next;
  }
};

const EXTRACT: Reader = async (around) => {
  const period = { fromMs: START_MS, untilMs: START_MS + DAY_MS, types: TYPES };
  const { results } = await env.DB.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'events'").all<{
    seq: number;
  }>();
  const ids: string[] = [];
  for (const stretch of await stretchesOfPeriod(around, period, { after: 0, to: results[0]?.seq ?? 0 }))
    ids.push(...(await readRows(around, stretch, period)).map(({ id }) => id));
  return ids;
};

const EXPORT: Reader = async (around) => {
  const ids: unknown[] = [];
  for (let cursor: number | undefined = 0; cursor !== undefined; ) {
    const page: HeldPage = await exportPage(around, "a", cursor);
    ids.push(...page.events.map(({ at }) => new Date(at).toISOString()));
    cursor = page.next;
  }
  return ids;
};

const TIMELINE: Reader = async (around, limit) => {
  const ids: unknown[] = [];
  for (let cursor = ""; ; ) {
    const headers = { Authorization: `Bearer ${env.API_KEYS}` };
    const response = await ask(`/v1/messages/1/x/a?limit=${limit}${cursor}`, { headers }, around);
    if (response.status === 404) return [];
    const { data, next } = await response.json<{ data: readonly { event: { id: string } }[]; next?: string }>();
    ids.push(...data.map(({ event }) => event.id));
    if (next === undefined) return ids;
    cursor = `&cursor=${next}`;
  }
};

const READERS: Readonly<
  Record<string, { reader: Reader; isRead: (event: LoggedEvent & { at: number }) => boolean; hasIds?: boolean }>
> = {
  "the feed": { reader: feedOf({}), isRead: () => true },
  "the feed of a person": { reader: feedOf({ person: "a" }), isRead: ({ person }) => person === "a" },
  "the feed of an email's opens": {
    reader: feedOf({ email: "1", types: [10, 8] }),
    isRead: ({ email, type }) => email === "1" && (type === 10 || type === 8),
  },
  activities: { reader: ACTIVITIES, isRead: ({ email }) => email === "1" },
  "an extract": { reader: EXTRACT, isRead: ({ at }) => at < START_MS + DAY_MS },
  "an export": { reader: EXPORT, isRead: ({ person }) => person === "a", hasIds: false },
  "a timeline": { reader: TIMELINE, isRead: ({ email, person }) => email === "1" && person === "a" },
};

async function expectEachOnce(some: readonly LoggedEvent[], before: number, moves: readonly Move[], limit: number) {
  await emptyLog();
  await withoutArchive();
  const events = (await logged(some)).map((event, index) => ({ ...event, at: START_MS + index * 3_600_000 }));
  if (before > 0) await archiveAll(before);
  for (const [name, { reader, isRead, hasIds = true }] of Object.entries(READERS)) {
    const read = await reader(whileMoving(moves), limit);
    expect({ name, read }).toEqual({
      name,
      read: events.filter(isRead).map(({ id, at }) => (hasIds ? id : isoTime(at))),
    });
  }
}

/** 10 by default, each read by all readers. */
const SEQUENCES = 40;
const TIMEOUT_MS = Math.max(120_000, countOf(SEQUENCES) * 10_000);

describe("a reader that goes from page to page", () => {
  it("meets each event once while the archive grows and is rewritten", { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(EVENT, { minLength: 3, maxLength: 12, size: "max" }),
        fc.constantFrom(0, 0, 2, 5),
        fc.array(MOVE, { maxLength: 16, size: "max" }),
        fc.integer({ min: 1, max: 4 }),
        expectEachOnce,
      ),
      runs(SEQUENCES),
    );
  });
});
