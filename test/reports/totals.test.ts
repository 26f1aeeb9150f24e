/** Reports of messages that are archived, of which D1 has only totals. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { readStaleMailings } from "../../src/reports/index.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask } from "../worker.ts";
import { archiveMessages } from "./archived-messages.ts";
import { click } from "./small-mailing.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const FIRST_DAY = Date.UTC(2026, 7, 10);
const SENT_LAST = `since >= ${FIRST_DAY + 2 * DAY}`;
const DAYS = "since=2026-08-09&until=2026-08-13";

const bounce = (type: number, category: number) => ({ type, detail: JSON.stringify({ category, details: "no" }) });

/** What becomes of a message after it was sent, for each combination that reports tell apart. */
const COURSES: readonly (readonly Row[])[] = [
  [],
  [{ type: 7 }],
  [bounce(8, 1)],
  [bounce(27, 3)],
  [bounce(27, 3), { type: 7 }],
  [{ type: 7 }, { type: 10 }],
  [{ type: 7 }, { type: 10, is_bot: 1 }],
  [click("", "l1"), click("", "l1"), click("", "l2")],
  [bounce(8, 2), click("", "l2", { is_bot: 1, bot_pattern: "Match with user agent: Googlebot" })],
  [click("", "honeypot", { is_bot: 1 }), click("", "l1")],
  [{ type: 9, detail: '{"cause":"form"}' }],
  [{ type: 9, detail: '{"cause":"complaint"}' }],
];

const MAILINGS = [
  ["7", "42"],
  ["7", "43"],
  ["8", "42"],
] as const;

/** The messages of a mailing on two days, each to a person of its own. */
function messagesOf([email, campaign]: (typeof MAILINGS)[number]): Row[] {
  const sent = COURSES.flatMap((events, index) => {
    const at = FIRST_DAY + (index % 2) * 2 * DAY + (6 + index) * HOUR;
    const message = { email, campaign, person: `${email}-${campaign}-${index}` };
    return [{}, ...events].map((event, order) => ({ ...event, ...message, at: at + order * HOUR }));
  });
  const at = FIRST_DAY + 2 * DAY + 20 * HOUR;
  return [
    ...sent,
    { email, campaign, person: "~anon-0123456789abcd", type: 10, at },
    // It counts for nothing.
    { email, campaign, person: `${email}-none`, type: 100_001, at },
  ];
}

interface Answer {
  readonly data: readonly Record<string, unknown>[];
  readonly archived?: number;
  readonly total?: Record<string, unknown>;
}

/** All pages of a report. */
async function answerOf(path: string): Promise<Answer> {
  const data: Record<string, unknown>[] = [];
  for (let cursor = ""; ; ) {
    const { status, body } = await get(`/v1/reports/${path}${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    const { data: rows, next, ...more } = body as unknown as Answer & { readonly next?: string };
    data.push(...rows);
    if (next === undefined) return { data, ...more };
    cursor = `&cursor=${next}`;
  }
}

async function csvOf(path: string): Promise<string> {
  return await (await ask(`/v1/reports/${path}`, { headers: { Authorization: "Bearer wxs_dev_test" } })).text();
}

async function mailingTimes(): Promise<unknown> {
  await env.DB.prepare("UPDATE mailings SET is_stale = 1").run();
  await readStaleMailings(env.DB, Number.POSITIVE_INFINITY);
  return (await env.DB.prepare("SELECT * FROM mailings ORDER BY email, campaign").all()).results;
}

const COUNTING = [
  "emails?",
  "emails?by=campaign&",
  "emails?email=7&",
  "emails?campaign=42&",
  "emails?by=campaign&email=7&bots=include&",
  `emails?${DAYS}&trend=4&`,
  "emails?since=2026-08-11&",
  "emails?until=2026-08-12&bots=include&",
  "emails?by=campaign&name=42&",
  ...["sent_at", "sent", "opened", "clicked", "unsubscribed"].map((sort) => `emails?sort=${sort}&`),
  `series?by=day&zone=Europe/Paris&${DAYS}`,
  `series?by=day&zone=America/New_York&bots=include&email=7&${DAYS}`,
  `series?by=week&campaign=42&link=l1&${DAYS}`,
  `series?by=day&bots=include&email=7&link=l2&${DAYS}`,
  "links?email=7&",
  "links?campaign=42&bots=include&",
  "links?email=7&campaign=43&",
  "links?email=7&since=2026-08-11&",
].map((path) => (path.startsWith("series") ? path : `${path}limit=1`));
const FILES = ["emails.csv", "links.csv?email=7", `series.csv?by=day&email=7&link=l1&${DAYS}`];

async function logMailings(): Promise<void> {
  await emptyLog();
  await logRows(...MAILINGS.flatMap(messagesOf));
  // Reading one aggregates the log.
  await answerOf("emails?");
}

/** What was sent on the last of the days is archived: six messages of each mailing, and an anonymous copy. */
const LEFT_OUT: readonly (readonly [report: string, archived: number | undefined])[] = [
  ["recipients?did=not_opened&email=7", 14],
  ["recipients?did=clicked&email=7&campaign=42", 7],
  ["recipients?did=opened&campaign=42&until=2026-08-12", undefined],
  ["domains?", 21],
  ["domains?since=2026-08-11&until=2026-08-12", undefined],
  ["devices?campaign=43", 7],
  ["bounces?email=8", 7],
  [`activity?by=day&email=8&${DAYS}`, 7],
  [`activity?by=day&email=8&sentUntil=2026-08-12&${DAYS}`, undefined],
  [`activity?by=day&${DAYS}`, undefined],
];

describe("reports of archived messages", () => {
  const before = new Map<string, Answer>();
  const filesBefore = new Map<string, string>();
  let timesBefore: unknown;

  const expectSame = async () => {
    for (const path of COUNTING) expect([path, await answerOf(path)]).toEqual([path, before.get(path)]);
    for (const path of FILES) expect([path, await csvOf(path)]).toEqual([path, filesBefore.get(path)]);
    expect(await mailingTimes()).toEqual(timesBefore);
  };

  beforeAll(async () => {
    await logMailings();
    for (const path of COUNTING) before.set(path, await answerOf(path));
    for (const path of FILES) filesBefore.set(path, await csvOf(path));
    timesBefore = await mailingTimes();
  });

  it("tell apart what becomes of messages", () => {
    expect(before.get("emails?email=7&limit=1")?.data).toMatchObject([
      {
        sent: 24,
        delivered: 16,
        hardBounced: 4,
        softBounced: 2,
        noResponse: 2,
        opened: 12,
        openedByPixel: 4,
        clicked: 4,
        unsubscribed: 4,
        complained: 2,
        bots: { opened: 4, clicked: 2, clicks: 4 },
        firstSentAt: "2026-08-10T06:00:00.000Z",
        lastSentAt: "2026-08-12T17:00:00.000Z",
      },
    ]);
    expect(timesBefore).toHaveLength(MAILINGS.length);
  });

  it("count as before, while others of their email are in D1, and when all are archived", async () => {
    await archiveMessages(SENT_LAST);
    await expectSame();
    await archiveMessages("campaign = '42'");
    await expectSame();
    await archiveMessages("true");
    expect(await env.DB.prepare("SELECT count(*) AS rows FROM message_stats").first("rows")).toBe(0);
    await expectSame();
  });
});

describe("reports of single messages", () => {
  beforeAll(logMailings);

  it("leave archived ones out, and say how many they are", async () => {
    const sums = async () => {
      const sum = ({ data }: Answer, field: string) => data.reduce((all, row) => all + Number(row[field]), 0);
      const [domains, bounces] = [await answerOf("domains?"), await answerOf("bounces?email=8")];
      return { sent: sum(domains, "sent"), bounces: sum(bounces, "bounces") };
    };
    for (const [path] of LEFT_OUT) expect([path, (await answerOf(path)).archived]).toEqual([path, undefined]);
    const [ofLog, before] = [await answerOf(`activity?by=day&${DAYS}`), await sums()];
    await archiveMessages(SENT_LAST);
    for (const [path, archived] of LEFT_OUT) expect([path, (await answerOf(path)).archived]).toEqual([path, archived]);
    expect(await answerOf(`activity?by=day&${DAYS}`)).toEqual(ofLog);
    expect(await sums()).toEqual({ sent: before.sent - 18, bounces: before.bounces - 1 });
    await archiveMessages("true");
    // Anonymous copies among them, and not what counts for nothing.
    expect(await answerOf("domains?")).toEqual({ data: [], archived: 39 });
  });
});

describe("series by hour", () => {
  beforeAll(logMailings);

  it("are refused where a message is archived, also one of the same day at another hour", async () => {
    const hours = async (query: string) => {
      const { status, body } = await get(`/v1/reports/series?by=hour&email=7&${query}`);
      return status === 200 ? (body.total as { sent: number }).sent : body.error;
    };
    const morning = "since=2026-08-12T00:00Z&until=2026-08-12T08:00Z";
    expect([await hours(morning), await hours("since=2026-08-10&until=2026-08-11")]).toEqual([2, 12]);
    await archiveMessages(SENT_LAST);
    for (const period of [morning, "since=2026-08-12T16:00Z&until=2026-08-13"]) {
      expect(await hours(period)).toMatchObject({
        code: "hours_archived",
        field: "by",
        message: expect.stringContaining("90 days"),
      });
    }
    expect(await hours("since=2026-08-12T21:00Z&until=2026-08-13")).toBe(0);
    expect(await hours("since=2026-08-12T00:00Z&until=2026-08-12T07:00Z")).toBe(0);
    expect(await hours("since=2026-08-10&until=2026-08-11")).toBe(12);
  });
});
