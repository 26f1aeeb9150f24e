/** Bots detected by aggregation: in the log, for its readers, and in reports. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { BOT_PATTERNS, type BotPolicy } from "../../src/bots/bot.ts";
import { eventsAfter } from "../../src/preview/logged-events.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { MARKING, marking, UNASKED } from "./policy.ts";
import { AT, clicked, delivered, log, MINUTE, opened, SECOND } from "./visited.ts";

beforeEach(emptyLog);

const aggregate = (policy: BotPolicy = MARKING) => aggregateLog(env.DB, policy, Number.POSITIVE_INFINITY);
const visits = async () => (await log()).filter(({ type }) => type === 10 || type === 11);

async function counts(bots: "exclude" | "include") {
  const [report] = await emailCounts(env.DB, { bots }, "email", "", 10, AT);
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
    await logRows(delivered());
    const [first] = await logRows(clicked(AT + MINUTE, "l1", { user_agent: "Mozilla/5.0 (X11)" }));
    await aggregate();
    const before = await eventsAfter(env.DB, 0, 10);
    const [second] = await logRows(clicked(AT + MINUTE, "l2"));
    await Promise.all([aggregate(), aggregate()]);
    const behind = await eventsAfter(env.DB, before.at(-1)?.seq ?? 0, 10);
    expect(behind.map(({ id }) => id)).toEqual([first, second]);
    const marked = { isBot: true, botPattern: BOT_PATTERNS.proximity };
    expect(behind).toMatchObject([
      {
        ...marked,
        at: AT + MINUTE,
        linkId: "l1",
        link: "https://a.example/l1",
        userAgent: "Mozilla/5.0 (X11)",
      },
      { ...marked, linkId: "l2" },
    ]);
    expect((await log()).map(({ id }) => id)).toEqual([before[0]?.id, first, second]);
    expect(await aggregate()).toBe(0);
    expect(await eventsAfter(env.DB, before.at(-1)?.seq ?? 0, 10)).toEqual(behind);
  });

  it("counts as a bot's from then on, and as no person's", async () => {
    await logRows(opened(AT + 3 * SECOND), clicked(AT + 20 * SECOND), clicked(AT + MINUTE, "l2"));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 1, clicked: 1, clicks: 2 });
    await logRows(delivered(AT));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 1, clicked: 1, clicks: 2 });
    expect(await visits()).toMatchObject([{ type: 11 }, { type: 11 }, { type: 10, isBot: true }]);
    await logRows(clicked(AT + 21 * SECOND, "l1", { is_bot: 1, bot_pattern: BOT_PATTERNS.honeypot }));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 1, clicked: 1, clicks: 1 });
    await logRows(clicked(AT + MINUTE, "l2"));
    await aggregate();
    expect(await counts("exclude")).toEqual({ opened: 0, clicked: 0, clicks: 0 });
    expect(await counts("include")).toEqual({ opened: 1, clicked: 1, clicks: 4 });
  });

  it("is deleted where its method is to filter, and deleted again when the queue delivers it once more", async () => {
    const policy = marking({ delivery: "filter" });
    const early = clicked(AT + SECOND, "l1", { id: "early" });
    await logRows(early, clicked(AT + MINUTE, "l1", { id: "late" }));
    await aggregate(policy);
    await logRows(delivered());
    await aggregate(policy);
    expect(await visits()).toMatchObject([{ id: "late", isBot: false }]);
    expect(await counts("include")).toEqual({ opened: 1, clicked: 1, clicks: 1 });
    await logRows(early);
    expect(await visits()).toHaveLength(2);
    await aggregate(policy);
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

  it("goes on counting as what it was when it has left the log for another reason", async () => {
    await logRows({ at: AT }, clicked(AT + MINUTE));
    await aggregate();
    await env.DB.prepare("DELETE FROM events WHERE type = 11").run();
    await logRows(clicked(AT + MINUTE, "l2"));
    await aggregate();
    expect(await visits()).toMatchObject([{ isBot: true }]);
    expect(await counts("exclude")).toMatchObject({ clicked: 1, clicks: 1 });
    expect(await counts("include")).toMatchObject({ clicked: 1, clicks: 2 });
  });

  it("is detected in a message whose row has no recent events yet", async () => {
    await logRows({ at: AT }, clicked(AT + MINUTE));
    await aggregate();
    await env.DB.prepare("UPDATE message_stats SET recent = NULL").run();
    await logRows(clicked(AT + MINUTE, "l2"), clicked(AT + MINUTE, "l3"));
    await aggregate();
    expect(await counts("exclude")).toMatchObject({ clicked: 1, clicks: 1 });
    expect(await counts("include")).toMatchObject({ clicked: 1, clicks: 3 });
  });
});

describe("an Opened that turns out to be a bot's", () => {
  const later = AT + 5 * MINUTE;

  it("is replaced by the later open that it holds, which gets the next seq", async () => {
    await logRows(opened(AT + SECOND), opened(later));
    await aggregate();
    expect(await visits()).toMatchObject([{ at: AT + SECOND, detail: { later: { at: later } } }]);
    await logRows(delivered());
    await aggregate();
    const [row, ...others] = await visits();
    expect(others).toEqual([]);
    expect(row).toMatchObject({ at: later, userAgent: `of ${later}`, isBot: false, botPattern: null });
    expect(row?.detail).toEqual({ reclassified: [AT + SECOND] });
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
    await logRows(opened(AT + SECOND), opened(later));
    expect(await visits()).toEqual([row]);
  });

  it("is replaced by one that comes between the reading of the batch and its writing", async () => {
    await logRows(delivered(), opened(AT + SECOND));
    const d1 = beforeWriting(() => logRows(opened(later)));
    await aggregateLog(d1, MARKING, Number.POSITIVE_INFINITY);
    expect(await visits()).toMatchObject([{ at: later, isBot: false, detail: { reclassified: [AT + SECOND] } }]);
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
  });

  it("is marked when it holds no later open, and is replaced by the next one that comes", async () => {
    await logRows(delivered(), opened(AT + SECOND));
    await aggregate();
    const marked = { at: AT + SECOND, isBot: true, botPattern: BOT_PATTERNS.delivery };
    expect(await visits()).toMatchObject([{ ...marked, detail: { reclassified: [AT + SECOND] } }]);
    expect(await counts("exclude")).toMatchObject({ opened: 0 });
    await logRows(opened(AT + SECOND));
    await aggregate();
    expect(await visits()).toMatchObject([marked]);
    await logRows(opened(later));
    await aggregate();
    expect(await visits()).toMatchObject([{ at: later, isBot: false, detail: { reclassified: [AT + SECOND] } }]);
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
  });

  it("stays marked when the later open is a bot's as well", async () => {
    await logRows(delivered(), opened(AT + SECOND), opened(later), clicked(later), clicked(later, "l2"));
    await aggregate();
    const reclassified = [AT + SECOND, later];
    expect((await visits()).find(({ type }) => type === 10)).toMatchObject({
      at: later,
      isBot: true,
      botPattern: BOT_PATTERNS.proximity,
      detail: { reclassified },
    });
    expect(await counts("exclude")).toMatchObject({ opened: 0, clicks: 0 });
    expect(await counts("include")).toMatchObject({ opened: 1, clicks: 2 });
  });

  it("leaves the log when its method is set to filter, unless it holds a later open", async () => {
    const policy = marking({ delivery: "filter" });
    await logRows(delivered(), opened(AT + SECOND));
    await aggregate(policy);
    expect(await visits()).toEqual([]);
    expect(await counts("include")).toMatchObject({ opened: 0 });
    await logRows(opened(AT + 2 * SECOND), opened(later));
    await aggregate(policy);
    expect(await visits()).toMatchObject([{ at: later, isBot: false, detail: { reclassified: [AT + 2 * SECOND] } }]);
    expect(await counts("exclude")).toMatchObject({ opened: 1 });
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

  it("is of the last hour in which anything was opened or clicked", async () => {
    await logRows(clicked(AT), clicked(AT + 59 * MINUTE, "l2"));
    await aggregate();
    await logRows(clicked(AT + 61 * MINUTE, "l3"));
    await aggregate();
    await logRows(clicked(AT, "l4"), clicked(AT + 59 * MINUTE, "l5"));
    await aggregate();
    const marked = (await log()).filter(({ isBot }) => isBot).map(({ at }) => at);
    expect(marked).toEqual([AT + 59 * MINUTE, AT + 59 * MINUTE]);
  });
});
