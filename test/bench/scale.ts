/** What an event takes, counted, and what a month of a million to ten billion of them takes, worked out from it. */
import { fileURLToPath } from "node:url";
import type { LogEvent } from "../../src/events/event.ts";
import type { Bench, Figure } from "./bench.ts";
import { usedBy } from "./cost.ts";
import type { LoadOrder } from "./load.ts";
import { clickPaths, openPaths } from "./mailing.ts";
import { type Measured, mostEvents, planTable } from "./scale-plan.ts";
import { type Server, withServer } from "./server.ts";
import { eventsOfMonth, SHARES } from "./worker/month.ts";
import { ask, type MonthEnd, simulatedYear } from "./year.ts";

const DAY_MS = 86_400_000;
const MESSAGES = 2_000;
const A_REQUEST = 1_000;
/** Of one segment. */
const ARCHIVED_MESSAGES = 20_000;
const BOT_USER_AGENT = "Mozilla/5.0";

const measuredOf = new WeakMap<readonly Figure[], Measured>();

export const scale: Bench = {
  name: "scale",
  about: "what a million to ten billion events a month take, from counts of this run",
  run: async (say) => {
    const measured = await measure(say);
    const figures = Object.entries(mostEvents(measured)).map(
      ([limit, value]): Figure => ({ name: `most events a month, by the ${limit}`, value, unit: "" }),
    );
    measuredOf.set(figures, measured);
    return figures;
  },
  table(figures) {
    const measured = measuredOf.get(figures);
    if (measured === undefined) throw new Error("these are not the figures of a run");
    const most = figures.map(({ name, value }) => `${name}: ${value.toPrecision(2)}`).join("\n");
    return `${planTable(measured)}\n\n${most}\n\n${JSON.stringify(measured, undefined, 2)}`;
  },
};

async function measure(say: (line: string) => void): Promise<Measured> {
  const ends = await simulatedYear(say);
  const [first, last] = [ends[0], ends.at(-1)];
  if (first === undefined || last === undefined) throw new Error("there was no year");
  say("events recorded and archived");
  const main = fileURLToPath(new URL("worker/scaling.ts", import.meta.url));
  const recorded = await withServer({ main, unlimited: true }, recordedUsage);
  const archived = await withServer({ main }, archivedUsage);
  return {
    ...{ recorded: recorded.usage, archived: archived.usage, segment: archived.segment },
    ...sharesOf(first, last),
    gatesPerEvent: recorded.gates / recorded.events,
    queueMessagesPerEvent: recorded.usage.queueOperations / 3,
    archivedBytes: archived.bytes,
    msPerEvent: recorded.ms + archived.ms,
  };
}

/** @param first after the first month, when nothing is archived */
function sharesOf(first: MonthEnd, last: MonthEnd) {
  const { messages, events, statistics, totals, messagesInD1, rowsBehindFloor, rowsUpToFloor } = last;
  return {
    messagesPerEvent: messages / events,
    hotBytes: first.eventsTable / first.events,
    keptBytes: (last.eventsTable - first.eventsTable) / rowsUpToFloor,
    statsBytes: statistics / messagesInD1,
    filedBytes: totals / (messages - messagesInD1),
    keptShare: rowsUpToFloor / ((messagesInD1 / messages) * events - rowsBehindFloor),
  };
}

/** Messages are reported, opened and clicked, one request after the other, so that hardly any share a queue message. */
async function recordedUsage({ worker, load, settled }: Server) {
  const opened = Math.round(MESSAGES * SHARES.opened);
  const openedByBot = Math.round(MESSAGES * SHARES.openedByBot);
  const clicked = Math.round(MESSAGES * SHARES.clicked);
  const outcomes = eventsOfMonth({ index: 0, messages: MESSAGES, lengthMs: DAY_MS }).flatMap(outcomeOf);
  const events = outcomes.length + opened + openedByBot + clicked;
  const run = (paths: readonly string[], more?: Partial<LoadOrder>) =>
    load.run(worker.origin, { paths, connections: 1, requests: paths.length, ...more });
  let ms = 0;
  const usage = await usedBy(worker, events, async () => {
    const startMs = performance.now();
    for (let from = 0; from < outcomes.length; from += A_REQUEST)
      await report(worker, outcomes.slice(from, from + A_REQUEST));
    ms = (performance.now() - startMs) / outcomes.length;
    await run(openPaths(worker.tokenKeys, opened));
    await run(openPaths(worker.tokenKeys, openedByBot, opened), { userAgent: BOT_USER_AGENT });
    await run(clickPaths(worker.tokenKeys, clicked));
    await settled(events);
    ms += (await ask(worker, "/aggregate")).ms / events;
  });
  return { usage, ms, events, gates: opened + openedByBot };
}

async function report({ origin, apiKey }: Server["worker"], events: readonly object[]): Promise<void> {
  const headers = { Authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${origin}/v1/events`, { method: "POST", headers, body: JSON.stringify({ events }) });
  if (!answer.ok) throw new Error(`/v1/events answered ${answer.status}: ${await answer.text()}`);
  await answer.arrayBuffer();
}

const OUTCOMES: Readonly<Partial<Record<LogEvent["type"], string>>> = {
  sent: "sent",
  delivered: "delivered",
  hardBounced: "hard_bounced",
  softBounced: "soft_bounced",
};

/** As a sender reports it, a day ago; nothing of other events. */
function outcomeOf(event: LogEvent): readonly object[] {
  const type = OUTCOMES[event.type];
  if (type === undefined) return [];
  const address = "address" in event ? { address: event.address } : {};
  const bounce = "bounce" in event ? { status: event.bounce.status, details: event.bounce.details } : {};
  return [{ type, ...event.message, ...address, ...bounce, at: new Date(Date.now() - DAY_MS).toISOString() }];
}

/** A day's events are moved: one segment, and what is over; and their messages. */
async function archivedUsage({ worker }: Server) {
  const { rows } = await ask(worker, `/month?index=0&messages=${ARCHIVED_MESSAGES}&length=${DAY_MS}`);
  await ask(worker, "/aggregate");
  let [bytes, ms] = [0, 0];
  const usage = await usedBy(worker, rows, async () => {
    const written = await ask(worker, `/archive?before=${Date.now()}`);
    bytes = written.bytes / written.rows;
    ms = written.ms / written.rows;
    ms += (await ask(worker, `/messages?before=${Date.now()}`)).ms / written.rows;
  });
  return { usage, bytes, ms, segment: { classA: usage.r2ClassA * rows, classB: usage.r2ClassB * rows } };
}
