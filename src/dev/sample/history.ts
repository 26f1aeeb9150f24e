/**
 * A month of invented mail, for a developer's machine: the reports of each send, and the visits of people
 * and bots. Pure: the same for the same moment.
 */
import { DAY_MS, HOUR_MS } from "../../platform/durations.ts";
import { MAILINGS, type SampleMailing } from "./mailings.ts";
import { type SamplePerson, samplePeople } from "./people.ts";
import { repeatableRandom } from "./random.ts";
import { replyOf, type SampleReply } from "./replies.ts";
import { BOT_AGENT, userAgentFor } from "./user-agents.ts";

/** An event of `POST /v1/events`. */
export interface SampleReport {
  readonly type: "sent" | "delivered" | "hard_bounced" | "soft_bounced" | "complained" | "unsubscribed" | "subscribed";
  readonly email: SampleMailing["email"];
  readonly campaign: SampleMailing["campaign"];
  readonly person: { readonly id: string; readonly address: string };
  readonly send: string;
  readonly at: string;
  readonly details?: string;
  readonly status?: string;
}

/** An open or a click that happened before this machine ran. */
export interface SampleVisit {
  readonly type: "opened" | "clicked";
  readonly email: string;
  readonly campaign: string;
  readonly person: string;
  readonly atMs: number;
  readonly userAgent: string;
  /** The number of the link that was clicked, from 0. */
  readonly link?: number;
}

export interface SampleHistory {
  readonly reports: readonly SampleReport[];
  readonly visits: readonly SampleVisit[];
}

const PEOPLE = 240;
const SEED = 20_261_101;
const SECOND_MS = 1_000;
/** Mail goes out at eight in the morning, UTC. */
const SENDING_HOUR = 8;
const SECONDS_BETWEEN_SENDS = 2;
/** The first link of an email is clicked most. */
const LINKS = 6;

/** @param nowMs nothing happens after it */
export function sampleHistory(nowMs: number): SampleHistory {
  const random = repeatableRandom(SEED);
  const people = samplePeople(PEOPLE, random);
  const reports: SampleReport[] = [];
  const visits: SampleVisit[] = [];
  const unreachable = new Set<string>();
  for (const mailing of MAILINGS) {
    const startMs = Math.floor(nowMs / DAY_MS - mailing.daysAgo) * DAY_MS + SENDING_HOUR * HOUR_MS;
    const recipients = people.filter(({ id }) => random() < mailing.reach && !unreachable.has(id));
    for (const [index, person] of recipients.entries()) {
      const sentAtMs = startMs + index * SECONDS_BETWEEN_SENDS * SECOND_MS;
      const life = lifeOf({ mailing, person, sentAtMs, random });
      reports.push(...life.reports);
      visits.push(...life.visits);
      if (life.isUnreachable) unreachable.add(person.id);
    }
  }
  return {
    reports: reports.filter(({ at }) => Date.parse(at) < nowMs).sort((one, other) => (one.at < other.at ? -1 : 1)),
    visits: visits.filter(({ atMs }) => atMs < nowMs).sort((one, other) => one.atMs - other.atMs),
  };
}

interface Copy {
  readonly mailing: SampleMailing;
  readonly person: SamplePerson;
  readonly sentAtMs: number;
  readonly random: () => number;
}

interface CopyLife extends SampleHistory {
  /** They bounced hard, unsubscribed or complained: the next mailing leaves them out. */
  readonly isUnreachable: boolean;
}

function lifeOf(copy: Copy): CopyLife {
  const { person, sentAtMs, random } = copy;
  const sent = report(copy, "sent", sentAtMs);
  const reply = replyOf(person.domain, random());
  if (reply?.isHard === true) {
    const bounce = report(copy, "hard_bounced", sentAtMs + 2 * SECOND_MS, reply);
    return { reports: [sent, bounce], visits: [], isUnreachable: true };
  }
  const waits = reply === undefined ? [] : [report(copy, "soft_bounced", sentAtMs + 3 * SECOND_MS, reply)];
  // What was deferred is tried again, and mostly taken.
  if (reply !== undefined && random() < 0.3) return { reports: [sent, ...waits], visits: [], isUnreachable: false };
  const deliveredAtMs = sentAtMs + (reply === undefined ? 4 + random() * 40 : 4_000) * SECOND_MS;
  const visits = [...botVisits(copy, deliveredAtMs), ...personVisits(copy, deliveredAtMs)];
  const farewell = farewellOf(copy, deliveredAtMs);
  return {
    reports: [sent, ...waits, report(copy, "delivered", deliveredAtMs), ...farewell],
    visits,
    isUnreachable: farewell.length > 0,
  };
}

function report(copy: Copy, type: SampleReport["type"], atMs: number, reply?: SampleReply): SampleReport {
  const { mailing, person } = copy;
  const { email, campaign } = mailing;
  return {
    type,
    email,
    campaign,
    person: { id: person.id, address: person.address },
    send: `${email.id}-${person.id}`,
    at: new Date(atMs).toISOString(),
    ...(reply === undefined ? {} : { details: reply.words, status: reply.status }),
  };
}

/** The scanner of a bank's mail gateway follows every link within seconds; a link checker says what it is. */
function botVisits(copy: Copy, deliveredAtMs: number): SampleVisit[] {
  const { person, random } = copy;
  if (person.domain === "bank.example") {
    const userAgent = userAgentFor("desktop", random());
    const opened = visit(copy, { type: "opened", atMs: deliveredAtMs + SECOND_MS, userAgent });
    const clicks = Array.from({ length: LINKS }, (_, link) =>
      visit(copy, { type: "clicked", atMs: deliveredAtMs + SECOND_MS + link * 120, userAgent, link }),
    );
    return [opened, ...clicks];
  }
  if (random() > 0.03) return [];
  return [visit(copy, { type: "clicked", atMs: deliveredAtMs + 9 * SECOND_MS, userAgent: BOT_AGENT, link: 0 })];
}

function personVisits(copy: Copy, deliveredAtMs: number): SampleVisit[] {
  const { mailing, person, random } = copy;
  if (random() > 0.42 * mailing.appeal) return [];
  const openedAtMs = awakeAfter(deliveredAtMs - Math.log(1 - random()) * 9 * HOUR_MS, random);
  const userAgent = userAgentFor(person.domain, random());
  const opened = visit(copy, { type: "opened", atMs: openedAtMs, userAgent });
  if (random() > 0.3 * mailing.appeal) return [opened];
  const clicks = Array.from({ length: 1 + Math.floor(random() * 2.4) }, (_, index) => {
    const atMs = openedAtMs + (12 + index * 45 + random() * 30) * SECOND_MS;
    const clickAgent = userAgentFor(random() < 0.6 ? "phone" : "desktop", random());
    return visit(copy, { type: "clicked", atMs, userAgent: clickAgent, link: Math.floor(random() ** 2 * LINKS) });
  });
  return [opened, ...clicks];
}

/** Few read mail at night. */
function awakeAfter(atMs: number, random: () => number): number {
  const hour = new Date(atMs).getUTCHours();
  return hour < 6 && random() < 0.85 ? atMs + (6 - hour + random() * 3) * HOUR_MS : atMs;
}

function farewellOf(copy: Copy, deliveredAtMs: number): SampleReport[] {
  const chance = copy.random();
  const atMs = deliveredAtMs + (0.5 + copy.random() * 20) * HOUR_MS;
  if (chance < 0.003) return [report(copy, "complained", atMs)];
  return chance < 0.013 ? [report(copy, "unsubscribed", atMs)] : [];
}

function visit(
  { mailing, person }: Copy,
  what: Pick<SampleVisit, "type" | "atMs" | "userAgent" | "link">,
): SampleVisit {
  const { email, campaign } = mailing;
  return {
    ...what,
    atMs: Math.round(what.atMs),
    email: String(email.id),
    campaign: String(campaign.id),
    person: person.id,
  };
}
