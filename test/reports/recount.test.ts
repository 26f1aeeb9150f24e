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
import { notListed } from "./visited.ts";

const NOW = Date.UTC(2026, 10, 20);
const HOUR = 3_600_000;
const THREE_DAYS = 72 * HOUR;

/** The last is a pseudonym, and the one before it only looks like one. */
const PEOPLE = ["a", "b", "anon-0123456789abcd", "~anon-0123456789abcd"] as const;

interface RawEvent {
  readonly type: number;
  readonly at: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly link_id: string | null;
  readonly link: string | null;
  readonly is_bot: number;
  readonly detail: string | null;
}

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

/** One message: all that the log has of an email to a person from a campaign. */
function messagesOf(log: readonly RawEvent[], { email, campaign, sinceMs, untilMs, bots }: ReportFilter) {
  const groups = new Map<string, RawEvent[]>();
  for (const event of log) {
    if (event.type === 100_001) continue;
    const key = JSON.stringify([event.email, event.person, event.campaign]);
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups.values()]
    .map((all) => {
      const sent = all.filter(({ type }) => type === 6);
      return {
        all,
        byPeople: all.filter(({ is_bot }) => is_bot === 0),
        counted: all.filter(({ is_bot }) => bots === "include" || is_bot === 0),
        sentAt: Math.min(...(sent.length > 0 ? sent : all).map(({ at }) => at)),
        first: all[0],
      };
    })
    .filter(
      ({ sentAt, first }) =>
        (email === undefined || first?.email === email) &&
        (campaign === undefined || first?.campaign === campaign) &&
        (sinceMs === undefined || sentAt >= sinceMs) &&
        (untilMs === undefined || sentAt < untilMs),
    );
}

const has = (events: readonly RawEvent[], type: number) => events.some((event) => event.type === type);
const isOpened = (events: readonly RawEvent[]) => has(events, 10) || has(events, 11) || has(events, 9);

/** The one outcome of a message. */
function outcomeOf(events: readonly RawEvent[], sentAt: number): string {
  const lastOf = (type: number) => Math.max(...events.filter((event) => event.type === type).map(({ at }) => at));
  if (isOpened(events)) return "delivered";
  if (has(events, 8)) return "hardBounced";
  if (has(events, 27) && lastOf(27) > lastOf(7)) return "softBounced";
  if (has(events, 7)) return "delivered";
  return NOW - sentAt >= THREE_DAYS ? "noResponse" : "pending";
}

const NOTHING = {
  sent: 0,
  delivered: 0,
  hardBounced: 0,
  softBounced: 0,
  pending: 0,
  noResponse: 0,
  opened: 0,
  openedByPixel: 0,
  clicked: 0,
  unsubscribed: 0,
  complained: 0,
};

function recountEmails(log: readonly RawEvent[], filter: ReportFilter, group: "email" | "campaign") {
  const reports = new Map<string, { counts: Record<string, number>; bots: Record<string, number> }>();
  for (const { all, byPeople, counted, sentAt, first } of messagesOf(log, filter)) {
    const id = first?.[group] ?? "";
    const { counts, bots } = reports.get(id) ?? { counts: { ...NOTHING }, bots: { opened: 0, clicked: 0, clicks: 0 } };
    const add = (name: string, is: boolean) => {
      counts[name] = (counts[name] ?? 0) + Number(is);
    };
    const isNamed = !first?.person.startsWith("~");
    add("sent", isNamed);
    add(outcomeOf(counted, sentAt), isNamed);
    add("opened", isOpened(counted));
    add("openedByPixel", has(counted, 10));
    add("clicked", has(counted, 11));
    add("unsubscribed", has(all, 9) && isNamed);
    add("complained", isNamed && all.some(({ detail }) => detail?.includes("complaint")));
    bots.opened = (bots.opened ?? 0) + Number(isOpened(all) && !isOpened(byPeople));
    bots.clicked = (bots.clicked ?? 0) + Number(has(all, 11) && !has(byPeople, 11));
    bots.clicks = (bots.clicks ?? 0) + all.filter(({ type, is_bot }) => type === 11 && is_bot === 1).length;
    reports.set(id, { counts, bots });
  }
  return [...reports]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, { counts, bots }]) => ({ id, name: null, ...counts, bots }));
}

/** `ever` is all that was in the log, of which the events of bots may have left the log. */
function recountLinks(log: readonly RawEvent[], filter: ReportFilter, ever: readonly RawEvent[] = log) {
  const isClick = ({ type, link_id }: RawEvent) => type === 11 && link_id !== "honeypot";
  const messages = messagesOf(log, filter);
  const peopleOf = (some: readonly RawEvent[]) => new Set(some.map(({ person }) => person)).size;
  const known = new Set(
    ever.flatMap((event) => (event.email === filter.email && isClick(event) ? [event.link_id ?? ""] : [])),
  );
  const countsOf = (isCounted: (event: RawEvent) => boolean) => {
    const some = (events: readonly RawEvent[]) => events.filter((event) => isClick(event) && isCounted(event));
    const counted = messages.flatMap((message) => some(message.counted));
    const all = messages.flatMap((message) => some(message.all));
    const byPeople = all.filter(({ is_bot }) => is_bot === 0);
    const bots = { clicks: all.length - byPeople.length, people: peopleOf(all) - peopleOf(byPeople) };
    return { clicks: counted.length, people: peopleOf(counted), bots };
  };
  return [...known]
    .map((id) => ({
      id,
      name: null,
      url: `https://${filter.email}.example/${id}`,
      ...countsOf(({ link_id }) => link_id === id),
      all: countsOf(() => true),
    }))
    .sort((one, other) => other.clicks - one.clicks || (one.id < other.id ? -1 : 1));
}

/** Twice at the same time, as the clock and a report may. */
async function aggregateTwice(policy: BotPolicy): Promise<void> {
  const aggregate = () => aggregateLog(env.DB, policy, Number.POSITIVE_INFINITY);
  await Promise.all([aggregate(), aggregate()]);
}

async function expectReports(filters: readonly ReportFilter[], log: readonly RawEvent[], ever = log) {
  for (const filter of filters) {
    for (const group of ["email", "campaign"] as const) {
      const all = { ...filter, email: group === "email" ? undefined : filter.email };
      for (const each of [filter, all])
        expect(await emailCounts(env.DB, each, group, "", 100, NOW)).toEqual(recountEmails(log, each, group));
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
          expect(await notListed()).toEqual([]);
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
          expect(await notListed()).toEqual([]);
          await expectReports(filters, await currentLog(), ever);
        },
      ),
      runs(60),
    );
  });
});
