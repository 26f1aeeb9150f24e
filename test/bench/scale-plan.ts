/** What so many events a month take, worked out from what the bench `scale` has measured. */
import { dollarsOf, type Usage, usageOf } from "./prices.ts";

/** What was measured, of traffic with the shares of worker/month.ts. */
export interface Measured {
  /** What an event uses, from the request to its statistics. */
  readonly recorded: Usage;
  /** What an event uses that is moved into the archive, its share of its message with it, but for R2. */
  readonly archived: Usage;
  /** Operations of R2 for a segment and the messages of its events, by the classes of its prices. */
  readonly segment: { readonly classA: number; readonly classB: number };
  readonly messagesPerEvent: number;
  /** First opens, each with a Durable Object. */
  readonly gatesPerEvent: number;
  /** Messages of the queue. */
  readonly queueMessagesPerEvent: number;
  /** Of an event in D1, statistics not included. */
  readonly hotBytes: number;
  /** Of an archived event that stays in D1, with its places in indexes. */
  readonly keptBytes: number;
  /** Of a message's statistics in D1, and of its filters and totals once it is in a file. */
  readonly statsBytes: number;
  readonly filedBytes: number;
  /** Of archived events whose messages are in D1, how many stay there, too. */
  readonly keptShare: number;
  /** Of an event in R2. */
  readonly archivedBytes: number;
  /** One after the other: recorded, aggregated, archived. */
  readonly msPerEvent: number;
}

const MONTH_SECONDS = 30 * 86_400;
const MONTHS = 12;
const GB = 1e9;
const D1_GB = 10;
const ARCHIVE_ABOVE_GB = 6;
/** Messages stay in D1 for MESSAGE_DAYS, and half a week more until the next scan. */
const MESSAGE_MONTHS = 93.5 / 30;
const [MOST_DAYS, FEWEST_DAYS] = [30, 2];
const EVENTS_A_SEGMENT = 50_000;
/** A gate lives for 32 days after its last open, with 12 KB at least. */
const GATE_MONTHS = 32 / 30;
const GATE_GB = 12e3 / GB;
/** Mail is opened and clicked soon after it was sent. */
const PEAK = 10;
const QUEUE_MESSAGES_A_SECOND = 5_000;
/** Of its one thread: the rest is for readers. */
const D1_SHARE = 0.5;
/** Dollars for a GB and month. */
const STORAGE = { d1: 0.75, durableObjects: 0.2, r2: 0.015 };

export const SIZES = [1e6, 1e8, 1e9, 1e10];

export interface Plan {
  readonly events: number;
  readonly daysInD1: number;
  readonly gb: { readonly events: number; readonly statistics: number; readonly archive: number };
  readonly queueMessagesAtPeak: number;
  readonly gates: number;
  readonly segments: number;
  /** How much of a limit is used; 1 is all of it. */
  readonly used: Readonly<Record<"size of D1" | "thread of D1" | "queue", number>>;
  readonly dollars: { readonly operations: number; readonly storage: number };
}

/** After a year at that traffic, with ARCHIVE_AFTER_DAYS = 30 and no retention. */
export function planOf(events: number, measured: Measured): Plan {
  const months = events * MONTHS;
  const statistics = (events * measured.messagesPerEvent * statsBytesIn(measured)) / GB;
  const kept = (events * MESSAGE_MONTHS * measured.keptShare * measured.keptBytes) / GB;
  const aDay = ((events / 30) * measured.hotBytes) / GB;
  const room = (ARCHIVE_ABOVE_GB - statistics - kept) / aDay;
  const daysInD1 = Math.min(MOST_DAYS, Math.max(FEWEST_DAYS, room));
  const gb = {
    events: kept + daysInD1 * aDay,
    statistics,
    archive: (months * measured.archivedBytes) / GB,
  };
  const segments = Math.max(30, events / EVENTS_A_SEGMENT);
  const gates = events * measured.gatesPerEvent * GATE_MONTHS;
  const aSecond = events / MONTH_SECONDS;
  const queueMessagesAtPeak = aSecond * PEAK * measured.queueMessagesPerEvent;
  return {
    events,
    daysInD1,
    gb,
    queueMessagesAtPeak,
    gates,
    segments,
    used: {
      "size of D1": (gb.events + gb.statistics) / D1_GB,
      "thread of D1": (aSecond * measured.msPerEvent) / 1_000 / D1_SHARE,
      queue: queueMessagesAtPeak / QUEUE_MESSAGES_A_SECOND,
    },
    dollars: {
      operations: dollarsOf(usedIn(events, segments, measured)),
      storage:
        (gb.events + gb.statistics) * STORAGE.d1 + gates * GATE_GB * STORAGE.durableObjects + gb.archive * STORAGE.r2,
    },
  };
}

/** After a year, of each message of a month. */
function statsBytesIn({ statsBytes, filedBytes }: Measured): number {
  return MESSAGE_MONTHS * statsBytes + (MONTHS - MESSAGE_MONTHS) * filedBytes;
}

function usedIn(events: number, segments: number, { recorded, archived, segment }: Measured): Usage {
  return usageOf((name) => {
    if (name === "r2ClassA") return segments * segment.classA;
    if (name === "r2ClassB") return segments * segment.classB;
    return events * (recorded[name] + archived[name]);
  });
}

/** The most events a month that leave a limit unbroken, after a year. */
export function mostEvents(measured: Measured): Readonly<Record<keyof Plan["used"], number>> {
  const plan = planOf(1e6, measured);
  const kept = MESSAGE_MONTHS * measured.keptShare * measured.keptBytes;
  const ofYear = measured.messagesPerEvent * statsBytesIn(measured) + kept;
  return {
    "size of D1": (D1_GB * GB) / (ofYear + (FEWEST_DAYS / 30) * measured.hotBytes),
    "thread of D1": 1e6 / plan.used["thread of D1"],
    queue: 1e6 / plan.used.queue,
  };
}

/** The plans as a table of Markdown, as docs/scale.md has it. */
export function planTable(measured: Measured): string {
  const plans = SIZES.map((events) => planOf(events, measured));
  const row = (title: string, cellOf: (plan: Plan) => string) => `| ${[title, ...plans.map(cellOf)].join(" | ")} |`;
  return [
    row("events a month", ({ events }) => short(events)),
    `|---|${"--:|".repeat(plans.length)}`,
    row("events a second", ({ events }) => short(events / MONTH_SECONDS)),
    row("days of events in D1", ({ daysInD1 }) => short(daysInD1)),
    row("GB of events in D1 after a year", ({ gb }) => short(gb.events)),
    row("GB of statistics in D1 after a year", ({ gb }) => short(gb.statistics)),
    row("GB in R2 after a year", ({ gb }) => short(gb.archive)),
    row("objects in R2 a month", ({ segments }) => short(segments)),
    row("Durable Objects", ({ gates }) => short(gates)),
    row("queue messages a second, at ten times the average", (plan) => short(plan.queueMessagesAtPeak)),
    row("size of D1, of 10 GB", ({ used }) => percent(used["size of D1"])),
    row("thread of D1, of half of it", ({ used }) => percent(used["thread of D1"])),
    row("queue, of 5,000 messages a second", ({ used }) => percent(used.queue)),
    row("operations, dollars a month", ({ dollars }) => short(dollars.operations)),
    row("storage, dollars a month, after a year", ({ dollars }) => short(dollars.storage)),
  ].join("\n");
}

/** Two digits: more would not be true. */
function short(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString("en", { maximumSignificantDigits: 2 });
}

function percent(value: number): string {
  return `${short(value * 100)} %`;
}
