/** A slow, obvious recount of raw events, by the rules of the seven events. */
import type { ReportFilter } from "../../src/reports/filter.ts";

export const NOW = Date.UTC(2026, 10, 20);
const THREE_DAYS = 72 * 3_600_000;

export interface RawEvent {
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

interface RecountedEmail {
  readonly counts: Record<string, number>;
  readonly bots: Record<string, number>;
  readonly sentAt: readonly number[];
}

export function recountEmails(log: readonly RawEvent[], filter: ReportFilter, group: "email" | "campaign") {
  const reports = new Map<string, RecountedEmail>();
  for (const { all, byPeople, counted, sentAt, first } of messagesOf(log, filter)) {
    const id = first?.[group] ?? "";
    const nothing: RecountedEmail = { counts: { ...NOTHING }, bots: { opened: 0, clicked: 0, clicks: 0 }, sentAt: [] };
    const { counts, bots, sentAt: times } = reports.get(id) ?? nothing;
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
    reports.set(id, { counts, bots, sentAt: isNamed ? [...times, sentAt].sort((one, other) => one - other) : times });
  }
  return [...reports]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([id, { counts, bots, sentAt }]) => {
      return { id, name: null, ...counts, bots, firstSentAtMs: sentAt[0] ?? null, lastSentAtMs: sentAt.at(-1) ?? null };
    });
}

/** `ever` is all that was in the log, of which the events of bots may have left the log. */
export function recountLinks(log: readonly RawEvent[], filter: ReportFilter, ever: readonly RawEvent[] = log) {
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
      emails: 1,
      ...countsOf(({ link_id }) => link_id === id),
      all: countsOf(() => true),
    }))
    .sort((one, other) => other.clicks - one.clicks || (one.id < other.id ? -1 : 1));
}
