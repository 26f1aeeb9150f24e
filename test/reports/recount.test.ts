/** Reports against a slow, obvious recount of the raw events, by the rules of the seven events, on random logs. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOT_PATTERNS, type BotHandling, type BotPolicy } from "../../src/bots/bot.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import type { ReportFilter } from "../../src/reports/filter.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { runs } from "../fuzz.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { UNASKED } from "./policy.ts";
import { NOW, type RawEvent, recountEmails, recountLinks } from "./recounted.ts";
import { notListed, wrongMailings } from "./visited.ts";

const HOUR = 3_600_000;

/** The last is a pseudonym, and the one before it only looks like one. */
const PEOPLE = ["a", "b", "anon-0123456789abcd", "~anon-0123456789abcd"] as const;

const ANY_EVENT: fc.Arbitrary<RawEvent> = fc
  .record({
    type: fc.constantFrom(6, 6, 6, 7, 7, 8, 27, 9, 10, 10, 11, 11, 11, 100_001),
    // Often just three days ago, where Pending becomes No Response.
    at: fc.oneof(fc.integer({ min: -120, max: 0 }), fc.constant(-72)).map((hours) => NOW + hours * HOUR),
    email: fc.constantFrom("1", "2"),
    person: fc.constantFrom(...PEOPLE),
    campaign: fc.constantFrom("x", "y"),
    // Objects have a "constructor" before anybody clicked it.
    link: fc.constantFrom("l1", "l2", "constructor", "__proto__", "honeypot"),
    is_bot: fc.constantFrom(0, 0, 1),
    cause: fc.constantFrom("form", "one_click", "complaint"),
  })
  .map(({ link, cause, ...event }) => {
    const isClick = event.type === 11;
    const isVisit = isClick || event.type === 10;
    return {
      ...event,
      is_bot: isVisit ? event.is_bot : 0,
      link_id: isClick ? link : null,
      link: isClick ? `https://${event.email}.example/${link}` : null,
      detail: event.type === 9 ? JSON.stringify({ cause }) : null,
    };
  });

const ANY_FILTER: fc.Arbitrary<ReportFilter> = fc.record({
  email: fc.constantFrom("1", "2"),
  campaign: fc.option(fc.constantFrom("x", "y"), { nil: undefined }),
  sinceMs: fc.option(fc.constantFrom(NOW - 100 * HOUR, NOW - 50 * HOUR), { nil: undefined }),
  untilMs: fc.option(fc.constantFrom(NOW - 60 * HOUR, NOW - 20 * HOUR), { nil: undefined }),
  bots: fc.constantFrom("exclude", "include"),
});

/** Twice at the same time, as the clock and a report may. */
async function aggregateTwice(policy: BotPolicy): Promise<void> {
  const aggregate = () => aggregateLog(env, policy, Number.POSITIVE_INFINITY);
  await Promise.all([aggregate(), aggregate()]);
}

async function expectReports(filters: readonly ReportFilter[], log: readonly RawEvent[], ever = log) {
  for (const filter of filters) {
    for (const group of ["email", "campaign"] as const) {
      const all = { ...filter, email: group === "email" ? undefined : filter.email };
      for (const each of [filter, all])
        expect(await emailCounts(env.DB, each, { by: group, limit: 100 }, NOW)).toEqual(
          recountEmails(log, each, group),
        );
    }
    const ofEmail = { ...filter, email: filter.email ?? "1" };
    expect(await linkCounts(env.DB, ofEmail)).toEqual(recountLinks(log, ofEmail, ever));
  }
}

const ANY_HANDLING = fc.constantFrom<BotHandling>("mark", "mark", "filter", "off");
const EDGE_HANDLING = { userAgent: ANY_HANDLING, network: ANY_HANDLING, head: ANY_HANDLING, honeypot: ANY_HANDLING };
const ANY_POLICY: fc.Arbitrary<BotPolicy> = fc.record({
  handling: fc.record({
    ...EDGE_HANDLING,
    proximity: ANY_HANDLING,
    delivery: ANY_HANDLING,
    links: ANY_HANDLING,
    provider: ANY_HANDLING,
  }),
  proximitySeconds: fc.integer({ min: 0, max: 3 }),
  deliverySeconds: fc.integer({ min: 0, max: 10 }),
});

type BurstEvent = RawEvent & Pick<Row, "id" | "bot_pattern" | "user_agent">;

let made = 0;

/** As ANY_EVENT, seconds apart, with the ids that they have: a message is opened once. */
const ANY_BURST_EVENT: fc.Arbitrary<BurstEvent> = fc
  .record({
    event: ANY_EVENT,
    hour: fc.integer({ min: -3, max: 0 }),
    ms: fc.oneof(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 60_000 })),
    bot_pattern: fc.constantFrom(...Object.values(BOT_PATTERNS), "Match with user agent: Googlebot"),
  })
  .map(({ event, hour, ms, bot_pattern }) => {
    const { type, email, person, campaign, is_bot } = event;
    const at = NOW + hour * HOUR + ms;
    const id = type === 10 ? `o/${email}/${person}/${campaign}` : `e${(made++).toString(36)}`;
    return { ...event, at, id, bot_pattern: is_bot === 1 ? bot_pattern : null, user_agent: `of ${at}` };
  });

/** Of every message, so that its time is known before anything of it leaves the log. */
const SENT: readonly RawEvent[] = ["1", "2"].flatMap((email) =>
  PEOPLE.flatMap((person) =>
    ["x", "y"].map((campaign) => ({
      type: 6,
      at: NOW - 3 * HOUR,
      email,
      person,
      campaign,
      link_id: null,
      link: null,
      is_bot: 0,
      detail: null,
    })),
  ),
);

async function currentLog(): Promise<RawEvent[]> {
  const query = "SELECT type, at, email, person, campaign, link_id, link, is_bot, detail FROM events ORDER BY seq";
  return (await env.DB.prepare(query).all<RawEvent>()).results;
}

describe("reports", () => {
  it("agree with a slow recount of the raw events, however the log was aggregated on the way", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(ANY_EVENT, { minLength: 1, maxLength: 40, size: "max" }), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.array(ANY_FILTER, { minLength: 1, maxLength: 4 }),
        async (arrivals, filters) => {
          await emptyLog();
          for (const events of arrivals) {
            await logRows(...events.map((event) => ({ ...event })));
            await aggregateTwice(UNASKED);
          }
          expect([await notListed(), await wrongMailings()]).toEqual([[], []]);
          await expectReports(filters, arrivals.flat());
        },
      ),
      runs(40),
    );
  });

  it("agree with a slow recount of the log as it is after bots were detected", async () => {
    const arrival = fc.record({
      events: fc.array(ANY_BURST_EVENT, { minLength: 1, maxLength: 40, size: "max" }),
      // Of those that came before, by their share of them.
      again: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 10 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(arrival, { minLength: 1, maxLength: 4 }),
        fc.array(ANY_FILTER, { minLength: 1, maxLength: 4 }),
        ANY_POLICY,
        async (arrivals, filters, policy) => {
          await emptyLog();
          await logRows(...SENT.map((event) => ({ ...event })));
          const ever: BurstEvent[] = [];
          for (const { events, again } of arrivals) {
            const repeated = again.flatMap((share) => ever[Math.floor(share * ever.length)] ?? []);
            await logRows(...[...repeated, ...events].map((event) => ({ ...event })));
            ever.push(...events);
            await aggregateTwice(policy);
          }
          expect([await notListed(), await wrongMailings()]).toEqual([[], []]);
          await expectReports(filters, await currentLog(), ever);
        },
      ),
      runs(60),
    );
  });
});
