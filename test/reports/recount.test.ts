/** Reports against a slow, obvious recount of the raw events, by the rules of the seven events, on random logs. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldLog } from "../../src/messages/fold.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import type { ReportFilter } from "../../src/reports/filter.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { emptyLog, logRows } from "../marketo.ts";
import { MARKING } from "../messages/policy.ts";

const NOW = Date.UTC(2026, 10, 20);
const HOUR = 3_600_000;
const THREE_DAYS = 72 * HOUR;

interface RawEvent {
  readonly type: number;
  readonly at: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly link_id: string | null;
  readonly link: string | null;
  readonly is_bot: number;
}

const ANY_EVENT: fc.Arbitrary<RawEvent> = fc
  .record({
    type: fc.constantFrom(6, 6, 6, 7, 7, 8, 27, 9, 10, 10, 11, 11, 11, 100_001),
    // Often just three days ago, where Pending becomes Aborted.
    at: fc.oneof(fc.integer({ min: -120, max: 0 }), fc.constant(-72)).map((hours) => NOW + hours * HOUR),
    email: fc.constantFrom("1", "2"),
    person: fc.constantFrom("a", "b", "c", "d"),
    campaign: fc.constantFrom("x", "y"),
    // Objects have a "constructor" before anybody clicked it.
    link: fc.constantFrom("l1", "l2", "constructor", "__proto__"),
    is_bot: fc.constantFrom(0, 0, 1),
  })
  .map(({ link, ...event }) => {
    const isClick = event.type === 11;
    const isVisit = isClick || event.type === 10;
    return {
      ...event,
      is_bot: isVisit ? event.is_bot : 0,
      link_id: isClick ? link : null,
      link: isClick ? `https://${event.email}.example/${link}` : null,
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
    .map((events) => ({
      events: events.filter(({ is_bot }) => bots === "include" || is_bot === 0),
      sentAt: events.find(({ type }) => type === 6)?.at ?? Math.min(...events.map(({ at }) => at)),
      first: events[0],
    }))
    .filter(
      ({ sentAt, first }) =>
        (email === undefined || first?.email === email) &&
        (campaign === undefined || first?.campaign === campaign) &&
        (sinceMs === undefined || sentAt >= sinceMs) &&
        (untilMs === undefined || sentAt < untilMs),
    );
}

function recountEmails(log: readonly RawEvent[], filter: ReportFilter, group: "email" | "campaign") {
  const reports = new Map<string, Record<string, number>>();
  for (const { events, sentAt, first } of messagesOf(log, filter)) {
    const has = (type: number) => events.some((event) => event.type === type);
    const clicked = has(11);
    const unsubscribed = has(9);
    const opened = has(10) || clicked || unsubscribed;
    const outcome = opened
      ? "delivered"
      : has(8)
        ? "hardBounced"
        : has(27)
          ? "softBounced"
          : has(7)
            ? "delivered"
            : NOW - sentAt >= THREE_DAYS
              ? "aborted"
              : "pending";
    const id = first?.[group] ?? "";
    const report = reports.get(id) ?? {
      sent: 0,
      delivered: 0,
      hardBounced: 0,
      softBounced: 0,
      pending: 0,
      aborted: 0,
      opened: 0,
      clicked: 0,
      unsubscribed: 0,
    };
    const add = (name: string, is: boolean) => {
      report[name] = (report[name] ?? 0) + Number(is);
    };
    add("sent", true);
    add(outcome, true);
    add("opened", opened);
    add("clicked", clicked);
    add("unsubscribed", unsubscribed);
    reports.set(id, report);
  }
  return [...reports]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, counts]) => ({ id, name: null, ...counts }));
}

function recountLinks(log: readonly RawEvent[], filter: ReportFilter) {
  const clicks = messagesOf(log, filter).flatMap(({ events }) => events.filter(({ type }) => type === 11));
  const peopleOf = (some: readonly RawEvent[]) => new Set(some.map(({ person }) => person)).size;
  const known = new Set(
    log.flatMap(({ email, link_id }) => (email === filter.email && link_id !== null ? [link_id] : [])),
  );
  return [...known]
    .map((id) => {
      const its = clicks.filter(({ link_id }) => link_id === id);
      return {
        id,
        url: `https://${filter.email}.example/${id}`,
        clicks: its.length,
        people: peopleOf(its),
        allClicks: clicks.length,
        allPeople: peopleOf(clicks),
      };
    })
    .sort((one, other) => other.clicks - one.clicks || (one.id < other.id ? -1 : 1));
}

describe("reports", () => {
  it("agree with a slow recount of the raw events, however the log was folded on the way", async () => {
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
            // Two at once, as a cron and a report can be.
            await Promise.all([
              foldLog(env.DB, MARKING, Number.POSITIVE_INFINITY),
              foldLog(env.DB, MARKING, Number.POSITIVE_INFINITY),
            ]);
          }
          const log = arrivals.flat();
          for (const filter of filters) {
            for (const group of ["email", "campaign"] as const) {
              const all = { ...filter, email: group === "email" ? undefined : filter.email };
              for (const asked of [filter, all])
                expect(await emailCounts(env.DB, asked, group, "", 100, NOW)).toEqual(
                  recountEmails(log, asked, group),
                );
            }
            expect(await linkCounts(env.DB, { ...filter, email: filter.email ?? "1" })).toEqual(
              recountLinks(log, filter),
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
