/**
 * Events posted to endpoints with filters: whether each gets exactly what its filter passes, in order; how fast; what
 * clicks notice of endpoints that hang and fail; and what a million posted events would cost.
 */
import { fileURLToPath } from "node:url";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { costOf } from "./cost.ts";
import { clickPaths } from "./mailing.ts";
import { fill } from "./million.ts";
import { type Server, withServer } from "./server.ts";
import { addEndpoint, change, cursorBehind, type Endpoint, replay, until } from "./webhook-endpoint.ts";

const EVENTS = 100_000;
const EVENTS_SINGLY = 5_000;
const EVENTS_A_ROUND = 20_000;
const REPLAY_ROUNDS = 5;
const EVENTS_SELDOM = 20;
/** Longer than an isolate waits between two wake-ups. */
const SELDOM_MS = 1_200;
/** How long to wait for posts that should not come. */
const QUIET_MS = 1_000;
const CLICK_ROUNDS = 7;

const worker = (name: string) => fileURLToPath(new URL(`worker/${name}.ts`, import.meta.url));

interface Filtered {
  readonly name: string;
  /** As `POST /v1/webhook-endpoints` takes it. */
  readonly body: object;
  /** The same in SQL. */
  readonly where: string;
}

/** The seeded log has the emails 1000 and 1001. */
const FILTERS: readonly Filtered[] = [
  { name: "all events", body: { batch: 100 }, where: "true" },
  {
    name: "opens and clicks of people",
    body: { events: ["email.opened", "email.clicked"], bots: "exclude", batch: 100 },
    where: "type IN (10, 11) AND NOT is_bot",
  },
  { name: "one email, 50 a post", body: { email: 1_000, batch: 50 }, where: "email = '1000'" },
  {
    name: "bounces, one a post",
    body: { events: ["email.hard_bounced", "email.soft_bounced"], campaign: 88_012 },
    where: "type IN (8, 27)",
  },
  {
    name: "one email's deliveries, in any order",
    body: { events: ["email.delivered"], email: 1_001, ordered: false, batch: 10 },
    where: "type = 7 AND email = '1001'",
  },
];

export const webhooks: Bench = {
  name: "webhooks",
  about: "100,000 events posted to five endpoints, clicks beside endpoints that hang and fail, and the cost",
  run: async (say) => [
    ...(await withServer({ main: worker("reading"), unlimited: true }, (server) => posted(server, say))),
    ...(await withServer({}, (server) => besideClicks(server, say))),
    ...(await withServer({ main: worker("posting"), unlimited: true }, (server) => billed(server, say))),
  ],
};

async function posted({ worker: to }: Server, say: (line: string) => void): Promise<Figure[]> {
  const endpoints = await Promise.all(FILTERS.map(({ body }) => addEndpoint(to, body)));
  await fill(to, say, EVENTS);
  const d1 = await to.d1();
  const expected = await Promise.all(
    FILTERS.map(async ({ where }) => {
      const { results } = await d1.prepare(`SELECT seq FROM events WHERE ${where} ORDER BY seq`).all<{ seq: number }>();
      return results.map(({ seq }) => seq);
    }),
  );
  say("the events are posted");
  const startMs = performance.now();
  // A change wakes it.
  await Promise.all(endpoints.map((endpoint) => change(to, endpoint, { enabled: true })));
  const hasAll = ({ receiver }: Endpoint, index: number) => receiver.seqs.length >= (expected[index]?.length ?? 0);
  await until(() => endpoints.every(hasAll), "every endpoint has its events");
  const elapsedMs = performance.now() - startMs;
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const faults = endpoints.flatMap(({ receiver }) => receiver.faults);
  for (const fault of new Set(faults)) console.error(`A receiver said: ${fault}`);
  const figures = [
    ...FILTERS.flatMap(({ name, body }, index) => {
      const { seqs = [], repeated = 0 } = endpoints[index]?.receiver ?? {};
      return exactness(name, seqs, expected[index] ?? [], "ordered" in body, repeated);
    }),
    { name: "posts that were not right", value: faults.length, unit: "posts", goal: { exactly: 0 } },
    {
      name: "events a second, to all five at once",
      value: (endpoints.reduce((sum, { receiver }) => sum + receiver.seqs.length, 0) * 1_000) / elapsedMs,
      unit: "1/s",
    },
    ...(await rates(to, endpoints, say)),
  ];
  for (const { receiver } of endpoints) receiver.stop();
  return figures;
}

function exactness(
  name: string,
  seqs: readonly number[],
  expected: readonly number[],
  isUnordered: boolean,
  repeated: number,
): Figure[] {
  const got = isUnordered ? seqs.toSorted((one, other) => one - other) : seqs;
  const right = expected.filter((seq, index) => got[index] === seq).length;
  const extra = Math.max(0, got.length - expected.length);
  return [
    {
      name: `${name}: events at their place, of those that the filter passes`,
      value: right - extra,
      unit: "events",
      control: expected.length,
      ratio: (right - extra) / expected.length,
      goal: { exactly: 1 },
    },
    ...(repeated === 0 ? [] : [{ name: `${name}: posts that came again`, value: repeated, unit: "posts" }]),
  ];
}

/** Posts a second to one endpoint: 100 events each, also by turns beside one that hangs and one that fails; singly. */
async function rates(to: LocalWorker, endpoints: readonly Endpoint[], say: (line: string) => void): Promise<Figure[]> {
  const [all] = endpoints;
  if (all === undefined) return [];
  const some = await cursorBehind(to, EVENTS_A_ROUND);
  const bad = await Promise.all([addEndpoint(to, { batch: 100 }, "hangs"), addEndpoint(to, { batch: 100 }, "fails")]);
  const batches = async (enabled: boolean) => {
    await Promise.all(bad.map((endpoint) => change(to, endpoint, { enabled })));
    if (enabled) await Promise.all(bad.map((endpoint) => replay(to, endpoint, {})));
    return await rateOf(all, EVENTS_A_ROUND, () => replay(to, all, { to: some }));
  };
  const rounds: { readonly beside: number; readonly alone: number }[] = [];
  for (let round = 0; round < REPLAY_ROUNDS; round++) {
    const isFirst = round % 2 === 0;
    const [one, other] = [await batches(isFirst), await batches(!isFirst)];
    rounds.push(isFirst ? { beside: one, alone: other } : { beside: other, alone: one });
    say(`batches of 100, round ${round + 1} of ${REPLAY_ROUNDS}: ${one.toFixed()}/s and ${other.toFixed()}/s`);
  }
  for (const { receiver } of bad) receiver.stop();
  await change(to, all, { batch: 1 });
  say("singly");
  const few = await cursorBehind(to, EVENTS_SINGLY);
  const singly = await rateOf(all, EVENTS_SINGLY, () => replay(to, all, { to: few }));
  return [
    { name: "posts of 100 events to one endpoint", value: median(rounds.map(({ alone }) => alone)), unit: "1/s" },
    {
      name: "the same beside one that hangs and one that fails",
      value: median(rounds.map(({ beside }) => beside)),
      unit: "1/s",
      control: median(rounds.map(({ alone }) => alone)),
      ratio: median(rounds.map(({ beside, alone }) => beside / alone)),
      goal: { atLeast: 0.8 },
    },
    { name: "posts of one event to one endpoint", value: singly, unit: "1/s" },
  ];
}

/** Posts a second that an endpoint is made by `work`, until it has got `events`. */
async function rateOf({ receiver }: Endpoint, events: number, work: () => Promise<void>): Promise<number> {
  receiver.forget();
  const startMs = performance.now();
  await work();
  await until(() => receiver.seqs.length >= events, "the stretch is posted again");
  return (receiver.posts * 1_000) / (performance.now() - startMs);
}

/** The p99 of clicks without endpoints, beside one that takes, and beside one that hangs and one that fails as well. */
async function besideClicks({ worker: to, load }: Server, say: (line: string) => void): Promise<Figure[]> {
  const behaviours = ["takes", "hangs", "fails"] as const;
  const endpoints = await Promise.all(behaviours.map((each) => addEndpoint(to, { batch: 100 }, each)));
  const order = { paths: clickPaths(to.tokenKeys, 20_000), connections: 16, everyMs: 20, forMs: 3_000 };
  const p99Beside = async (count: number) => {
    await Promise.all(endpoints.map((endpoint, index) => change(to, endpoint, { enabled: index < count })));
    const { p99Ms, answered, statuses } = await load.run(to.origin, order);
    if (statuses["302"] !== answered) throw new Error(`clicks were answered ${JSON.stringify(statuses)}`);
    return p99Ms;
  };
  const rounds: { readonly none: number; readonly one: number; readonly all: number }[] = [];
  for (let round = 0; round <= CLICK_ROUNDS; round++) {
    const p99s = { none: 0, one: 0, all: 0 };
    const kinds = [
      ["none", 0],
      ["one", 1],
      ["all", 3],
    ] as const;
    for (const [kind, count] of round % 2 === 0 ? kinds : kinds.toReversed()) p99s[kind] = await p99Beside(count);
    // The first warms up.
    if (round > 0) rounds.push(p99s);
    say(`clicks, round ${round} of ${CLICK_ROUNDS}: ${JSON.stringify(p99s)}`);
  }
  for (const { receiver } of endpoints) receiver.stop();
  const medianOf = (kind: "none" | "one" | "all") => median(rounds.map((round) => round[kind]));
  return [
    { name: "p99 of clicks without endpoints", value: medianOf("none"), unit: "ms" },
    {
      name: "p99 of clicks beside one that takes, one that hangs and one that fails; control: one that takes",
      value: medianOf("all"),
      unit: "ms",
      control: medianOf("one"),
      ratio: median(rounds.map(({ all, one }) => all / one)),
      goal: { atMost: 1.5 },
    },
    { name: "events posted meanwhile", value: endpoints[0]?.receiver.seqs.length ?? 0, unit: "events" },
  ];
}

/** What it costs to post a million events to one endpoint, besides recording them. */
async function billed({ worker: to }: Server, say: (line: string) => void): Promise<Figure[]> {
  const endpoint = await addEndpoint(to, { batch: 100 });
  const { receiver } = endpoint;
  await change(to, endpoint, { enabled: false });
  await fill(to, say, EVENTS);
  const few = await cursorBehind(to, EVENTS_SINGLY);
  const cost = async (what: string, events: number, work: () => Promise<void>) => {
    say(what);
    return await costOf(to, what, events, async () => {
      receiver.forget();
      await work();
      await until(() => receiver.seqs.length >= events, "the events are posted");
    });
  };
  const batches = await cost("events posted, 100 a post", EVENTS, () => change(to, endpoint, { enabled: true }));
  await change(to, endpoint, { batch: 1 });
  const singly = await cost("events posted singly", EVENTS_SINGLY, () => replay(to, endpoint, { to: few }));
  const asTheyCome = await cost("events posted as they come, seldom", EVENTS_SELDOM, async () => {
    for (let index = 0; index < EVENTS_SELDOM; index++) {
      const answer = await fetch(`${to.origin}/record?first=${EVENTS + index}`);
      if (!answer.ok) throw new Error(`/record answered ${answer.status}`);
      await until(() => receiver.seqs.length > index, "the event is posted");
      await new Promise((resolve) => setTimeout(resolve, SELDOM_MS));
    }
  });
  receiver.stop();
  return [...batches, ...singly, ...asTheyCome];
}
