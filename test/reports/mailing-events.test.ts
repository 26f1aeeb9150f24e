/** Events of a large mailing are read in the order of the log, others by the lists of their messages. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { sql } from "../../src/platform/sql.ts";
import { activityCounts } from "../../src/reports/activity.ts";
import { aggregateLog } from "../../src/reports/aggregate.ts";
import { deviceCounts } from "../../src/reports/devices.ts";
import { denseStretch } from "../../src/reports/stretch.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { PHONE } from "../worker.ts";
import { MARKING } from "./policy.ts";
import { apart, click } from "./small-mailing.ts";

beforeEach(emptyLog);

const BOUNDS = { events: 9_999, messages: 99_999, userAgents: 9 };
const PERIOD = { sinceMs: 0, untilMs: Date.now() + 1_000 * 60_000 };

const open = (person: string, more: Row = {}): Row => ({ type: 10, person, user_agent: PHONE, ...more });
const people = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
/** Of another email: so many that nothing among them stands close together. */
const others = () => people(64, "o").map((person) => open(person, { email: "8", campaign: "44" }));

/** The next event gets the seq after `seq`. */
const skipTo = (seq: number) =>
  env.DB.prepare("UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'events'").bind(seq).run();

async function logMailings() {
  await logRows(...apart(others()));
  await skipTo(10_000);
  await logRows(
    ...apart([
      ...people(40, "a").flatMap((person) => [open(person), click(person, "l1"), click(person, "l2", { is_bot: 1 })]),
      ...people(9, "b").flatMap((person) => [open(person, { campaign: "43" }), open(person, { email: "9" })]),
      open("", {}),
      { person: "d", type: 11 },
      { person: "e", type: 7 },
    ]),
  );
  await skipTo(40_000);
  await logRows(
    ...apart([...others(), open("late"), click("a1", "l3"), open("late", { campaign: "43" }), ...others()]),
  );
  await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
}

describe("events of a mailing", () => {
  it.each([
    [{ email: "7" }, { opened: 40 + 9 + 2, clicks: 41, bots: { opened: 0, clicks: 40 } }],
    [{ campaign: "42" }, { opened: 40 + 9 + 1, clicks: 41, bots: { opened: 0, clicks: 40 } }],
    [
      { email: "7", campaign: "42" },
      { opened: 41, clicks: 41, bots: { opened: 0, clicks: 40 } },
    ],
    [
      { email: "7", campaign: "43" },
      { opened: 10, clicks: 0, bots: { opened: 0, clicks: 0 } },
    ],
  ])("are counted once, wherever in the log they stand: %j", async (mailing, counts) => {
    await logMailings();
    const ofAllSent = { ...mailing, sentSinceMs: 0 };
    // Only messages say when they were sent: none of its events is found without their lists.
    for (const filter of [mailing, ofAllSent]) {
      const counted = await activityCounts(env, { ...filter, ...PERIOD }, sql`0`, BOUNDS);
      expect([...(counted ?? [])]).toEqual([[0, counts]]);
    }
    for (const filter of [mailing, { ...mailing, sinceMs: 0 }]) {
      const devices = (await deviceCounts(env, { ...filter, bots: "exclude" }, BOUNDS)) ?? [];
      const phones = devices.filter(({ platform }) => platform === "iOS").map(({ opened }) => opened);
      expect(phones).toEqual([counts.opened]);
      expect(devices.reduce((sum, { clicks }) => sum + clicks, 0)).toBe(counts.clicks);
    }
  });

  it("are read in the order of the log where they stand close together, and nowhere else", async () => {
    await logMailings();
    const stretch = { after: 9_999, last: 19_999, isWhole: false };
    expect(await denseStretch(env.DB, 0, { email: "7" }, PERIOD)).toEqual(stretch);
    expect(await denseStretch(env.DB, 0, { email: "8" }, PERIOD)).toMatchObject({ after: 0, isWhole: true });
    expect(await denseStretch(env.DB, 10_050, { email: "7" }, undefined)).toMatchObject({ after: 10_050 });
    expect(await denseStretch(env.DB, 0, { email: "7" }, { sinceMs: 0, untilMs: 1 })).toBeUndefined();
    expect(await denseStretch(env.DB, 0, { email: "none" }, undefined)).toBeUndefined();
  });

  it("are refused when they are more than may be read", async () => {
    await logMailings();
    const read = (events: number) => activityCounts(env, { email: "7", ...PERIOD }, sql`0`, { ...BOUNDS, events });
    expect(await read(131)).toBeUndefined();
    expect(await read(132)).toBeDefined();
  });
});
