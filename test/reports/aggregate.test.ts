/** Bots detected by aggregation: in the log, for its readers, and in reports. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { BOT_PATTERNS, type BotPolicy } from "../../src/bots/bot.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { HONEYPOT_LINK_ID } from "../../src/tokens/claims.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { MARKING, marking, UNASKED } from "./policy.ts";
import { AT, clicked, delivered, eventsAfter, log, MINUTE, opened, SECOND } from "./visited.ts";

beforeEach(emptyLog);

const aggregate = (policy: BotPolicy = MARKING) => aggregateLog(env, policy, Number.POSITIVE_INFINITY);
const visits = async () => (await log()).filter(({ type }) => type === 10 || type === 11);

async function counts(bots: "exclude" | "include") {
  const [report] = await emailCounts(env.DB, { bots }, { by: "email", limit: 10 }, AT);
  const links = await linkCounts(env.DB, { email: "7", bots });
  return {
    opened: report?.opened,
    clicked: report?.clicked,
    clicks: links.reduce((sum, link) => sum + link.clicks, 0),
  };
}

/** D1, where `happens` runs once, between the reading of a batch and its writing. */
function beforeWriting(happens: () => Promise<unknown>): D1Database {
  let isToHappen = true;
  return {
    prepare: (query: string) => env.DB.prepare(query),
    batch: async (statements: D1PreparedStatement[]) => {
      if (statements.length > 2 && isToHappen) {
        isToHappen = false;
        await happens();
      }
      return await env.DB.batch(statements);
    },
  } as unknown as D1Database;
}

describe("an event that a later one reveals as a bot's", () => {
  it("gets the next seq with its mark, so that each reader by seq reads the change once", async () => {
    const policy = marking({ proximity: "mark" });
    await logRows(delivered());
    const [first] = await logRows(clicked(AT + 15 * MINUTE, "l1", { user_agent: "Mozilla/5.0 (X11)" }));
    await aggregate(policy);
    const before = await eventsAfter(0);
    const [second] = await logRows(clicked(AT + 15 * MINUTE, "l2"));
    await Promise.all([aggregate(policy), aggregate(policy)]);
    const behind = await eventsAfter(before.at(-1)?.seq ?? 0);
    expect(behind.map(({ id }) => id)).toEqual([first, second]);
    const marked = { isBot: true, botPattern: BOT_PATTERNS.proximity };
    expect(behind).toMatchObject([
      {
        ...marked,
        at: AT + 15 * MINUTE,
        linkId: "l1",
        link: "https://a.example/l1",
        userAgent: "Mozilla/5.0 (X11)",
      },
      { ...marked, linkId: "l2" },
    ]);
    expect((await log()).map(({ id }) => id)).toEqual([before[0]?.id, first, second]);
    expect(await aggregate(policy)).toBe(0);
    expect(await eventsAfter(before.at(-1)?.seq ?? 0)).toEqual(behind);
  });

  it("counts as a bot's from then on, and as no person's", async () => {
    await logRows(opened(AT + 2 * SECOND), clicked(AT + 20 * SECOND), clicked(AT + MINUTE, "l2"));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 1, clicked: 1, clicks: 2 });
    await logRows(delivered(AT));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 1, clicked: 1, clicks: 2 });
    expect(await visits()).toMatchObject([{ type: 11 }, { type: 11 }, { type: 10, isBot: true }]);
    const byHoneypot = { is_bot: 1, bot_pattern: BOT_PATTERNS.honeypot };
    await logRows(clicked(AT + 21 * SECOND, HONEYPOT_LINK_ID, byHoneypot));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 1, clicked: 1, clicks: 1 });
    await logRows(delivered(AT + MINUTE));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 0, clicked: 0, clicks: 0 });
    expect(await counts("include")).toEqual({ opened: 1, clicked: 1, clicks: 2 });
  });

  it("leaves the log where its method is to filter, and does not come back when it is delivered again", async () => {
    const policy = marking({ delivery: "filter" });
    const early = clicked(AT + SECOND, "l1", { id: "early" });
    await logRows(early, clicked(AT + MINUTE, "l1", { id: "late" }));
    await aggregate(policy);
    await logRows(delivered());
    await aggregate(policy);
    expect(await visits()).toMatchObject([{ id: "late", isBot: false }]);
    expect(await counts("include")).toEqual({ opened: 1, clicked: 1, clicks: 1 });
    await logRows(early);
    expect(await visits()).toMatchObject([{ id: "late", isBot: false }]);
    expect(await counts("include")).toEqual({ opened: 1, clicked: 1, clicks: 1 });
  });

  it("is evidence even after it has left the log", async () => {
    const policy = marking({ proximity: "filter" });
    await logRows(clicked(AT), clicked(AT, "l2"));
    await aggregate(policy);
    expect(await visits()).toEqual([]);
    await logRows(clicked(AT, "l3"));
    await aggregate(policy);
    expect(await visits()).toEqual([]);
  });

  it("stays filtered when the queue delivers it again long after, among other events", async () => {
    const policy = marking({ delivery: "filter" });
    const filtered = clicked(AT, "l1", { id: "filtered" });
    await logRows(delivered(), filtered);
    await aggregate(policy);
    await logRows(...Array.from({ length: 40 }, (_, index) => clicked(AT + (2 + index) * 24 * 60 * MINUTE)));
    await aggregate(policy);
    await env.DB.prepare("UPDATE message_stats SET recent = NULL").run();
    await logRows(filtered);
    await aggregate(policy);
    expect((await visits()).filter(({ id }) => id === "filtered")).toEqual([]);
    expect(await counts("include")).toMatchObject({ clicks: 40 });
  });

  it("is filtered in the end, whichever of two methods finds it first, when one of them filters", async () => {
    const policy = marking({ delivery: "filter" });
    await logRows(...["l1", "l2", "l3", "l4", "l5"].map((link) => clicked(AT, link)));
    await aggregate(policy);
    expect(await visits()).toMatchObject(Array.from({ length: 5 }, () => ({ botPattern: BOT_PATTERNS.links })));
    await logRows(delivered());
    await aggregate(policy);
    expect(await visits()).toEqual([]);
    expect(await counts("include")).toMatchObject({ clicks: 0 });
  });

  it("goes on counting as what it was when it has left the log for another reason", async () => {
    await logRows({ at: AT }, clicked(AT + 3 * SECOND));
    await aggregate();
    await env.DB.prepare("DELETE FROM events WHERE type = 11").run();
    await logRows(clicked(AT + 3 * SECOND, "l2"));
    await aggregate();
    expect(await visits()).toMatchObject([{ isBot: true }]);
    expect(await counts("exclude")).toMatchObject({ clicked: 1, clicks: 1 });
    expect(await counts("include")).toMatchObject({ clicked: 1, clicks: 2 });
  });

  it("is detected in a message whose row has no recent events yet", async () => {
    await logRows({ at: AT }, clicked(AT + MINUTE));
    await aggregate();
    await env.DB.prepare("UPDATE message_stats SET recent = NULL").run();
    await logRows(...["l2", "l3", "l4", "l5", "l6"].map((link) => clicked(AT + MINUTE, link)));
    await aggregate();
    expect(await counts("exclude")).toMatchObject({ clicked: 1, clicks: 1 });
    expect(await counts("include")).toMatchObject({ clicked: 1, clicks: 6 });
  });
});

describe("an Opened that turns out to be a bot's", () => {
  const first = AT + SECOND;
  const later = AT + 5 * MINUTE;
  const loadAt = (at: number, more: object = {}) => ({ at, campaign: "42", userAgent: `of ${at}`, ...more });
  const reclassified = BOT_PATTERNS.delivery;

  it("is replaced by the later load that it holds, which gets the next seq", async () => {
    await logRows(opened(first), opened(later));
    await aggregate();
    expect(await visits()).toMatchObject([{ at: first, detail: { loads: [loadAt(first), loadAt(later)] } }]);
    await logRows(delivered());
    await aggregate();
    const [row, ...others] = await visits();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ at: later, userAgent: `of ${later}`, isBot: false, botPattern: null });
    expect(row?.detail).toEqual({ loads: [loadAt(first, { reclassified }), loadAt(later)] });
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
    await logRows(opened(first), opened(later));
    expect(await visits()).toEqual([row]);
  });

  it("is replaced by one that comes between the reading of the batch and its writing", async () => {
    await logRows(delivered(), opened(first));
    const d1 = beforeWriting(() => logRows(opened(later)));
    await aggregateLog({ ...env, DB: d1 }, MARKING, Number.POSITIVE_INFINITY);
    expect(await visits()).toMatchObject([{ at: later, isBot: false }]);
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
  });

  it("is marked when it holds no later load, and is replaced by the next one that comes", async () => {
    await logRows(delivered(), opened(first));
    await aggregate();
    const marked = { at: first, isBot: true, botPattern: BOT_PATTERNS.delivery };
    expect(await visits()).toMatchObject([{ ...marked, detail: { loads: [loadAt(first, { reclassified })] } }]);
    expect(await counts("exclude")).toMatchObject({ opened: 0 });
    await logRows(opened(first));
    await aggregate();
    expect(await visits()).toMatchObject([marked]);
    await logRows(opened(later));
    await aggregate();
    expect(await visits()).toMatchObject([{ at: later, isBot: false }]);
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
  });

  it("stays marked when the later load is a bot's as well", async () => {
    const scan = ["l1", "l2", "l3", "l4", "l5"].map((link) => clicked(later, link));
    await logRows(delivered(), opened(first), opened(later), ...scan);
    await aggregate();
    expect((await visits()).find(({ type }) => type === 10)).toMatchObject({
      at: first,
      isBot: true,
      botPattern: BOT_PATTERNS.delivery,
      detail: { loads: [{ reclassified }, { reclassified: BOT_PATTERNS.links }] },
    });
    expect(await counts("exclude")).toMatchObject({ opened: 0, clicks: 0 });
    expect(await counts("include")).toMatchObject({ opened: 1, clicks: 5 });
  });

  it("leaves the log when its method is set to filter, unless it holds a later load", async () => {
    const policy = marking({ delivery: "filter" });
    await logRows(delivered(), opened(first));
    await aggregate(policy);
    expect(await visits()).toEqual([]);
    expect(await counts("include")).toMatchObject({ opened: 0 });
    await logRows(opened(first));
    await aggregate(policy);
    expect(await visits()).toEqual([]);
    await logRows(opened(AT + 2 * SECOND), opened(later));
    await aggregate(policy);
    expect(await visits()).toMatchObject([{ at: later, isBot: false }]);
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
  });

  it("is the same row when its loads arrive in another order, and are aggregated in between", async () => {
    const arrivals = [opened(AT - 12 * SECOND), opened(AT - SECOND), delivered()];
    const rows = [];
    for (const order of [arrivals, [arrivals[1], arrivals[0], arrivals[2]]]) {
      await emptyLog();
      for (const arrival of order) {
        await logRows({ ...arrival });
        await aggregate();
      }
      rows.push((await visits()).map(({ seq: _, ...row }) => row));
    }
    expect(rows[1]).toEqual(rows[0]);
    expect(rows[0]).toMatchObject([{ at: AT - 12 * SECOND, isBot: false }]);
  });
});

describe("an Opened that counts once whatever the campaign", () => {
  const ofCampaign = (campaign: string, at: number): Row => opened(at, { campaign });
  async function openedBy(): Promise<Record<string, number>> {
    const reports = await emailCounts(env.DB, { bots: "include" }, { by: "campaign", limit: 10 }, AT);
    return Object.fromEntries(reports.map(({ id, opened }) => [id, opened]));
  }

  it.each([
    ["before", true],
    ["after", false],
  ])("belongs to the campaign of its earliest load, aggregated %s that arrives", async (_when, isAggregated) => {
    await logRows(ofCampaign("b", AT + MINUTE));
    if (isAggregated) await aggregate();
    await logRows(ofCampaign("a", AT));
    await aggregate();
    expect(await openedBy()).toEqual({ a: 1, b: 0 });
  });

  it("belongs to another campaign when its load there turns out to be a bot's", async () => {
    await logRows(ofCampaign("a", AT), ofCampaign("b", AT + MINUTE));
    await aggregate();
    await logRows({ ...delivered(), campaign: "a" });
    await aggregate();
    expect(await visits()).toMatchObject([{ at: AT + MINUTE, isBot: false }]);
    expect(await openedBy()).toEqual({ a: 0, b: 1 });
    const campaign = await env.DB.prepare("SELECT campaign FROM events WHERE type = 10").first("campaign");
    expect(campaign).toBe("b");
  });
});

describe("what is kept of a message to see bursts", () => {
  it("is bounded, however many events it has", async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => clicked(AT + index, `${index}`.padStart(64, "x")));
    await logRows(...many, ...Array.from({ length: 100 }, (_, index) => delivered(AT + index * SECOND)));
    await aggregate(UNASKED);
    const size = "SELECT length(recent) AS size FROM message_stats";
    expect(await env.DB.prepare(size).first("size")).toBeLessThan(3_000);
  });
});
