/** Outcomes by /v1/events, a thousand a request, against a bare multi-row insert of as many rows, sent the same way. */
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { rowOf } from "../../src/events/row.ts";
import { deliveredId, sendKey, sentId } from "../../src/events/send-key.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { type Bench, type Figure, median } from "./bench.ts";
import { countFigure } from "./figures.ts";
import { type Server, withServer } from "./server.ts";

const ROUNDS = 15;
const A_REQUEST = 1_000;
const REQUESTS = 12;
/** At the same time: enough that D1 waits for nobody. */
const IN_FLIGHT = 3;
/** Recent enough to be believed. */
const AT_MS = Date.now() - 86_400_000;
const DETAILS =
  "452 4.2.2 The email account that you tried to reach is over quota. https://mail.example/?p=OverQuotaTemp";

const Timed = v.object({ ms: v.number() });
const Answer = v.object({ accepted: v.literal(A_REQUEST), rejected: v.tuple([]) });

/** The goal is the insert's: bounces write suppressions and schedules besides, and a token costs an HMAC. */
const WAYS = [
  { name: "outcomes by ids", hasBounces: false, people: "known", isByToken: false, goal: { goal: { atLeast: 0.7 } } },
  { name: "outcomes by ids, new people", hasBounces: false, people: "new", isByToken: false, goal: {} },
  { name: "outcomes by ids, 3 % bounces", hasBounces: true, people: "known", isByToken: false, goal: {} },
  { name: "outcomes by message token, 3 % bounces", hasBounces: true, people: "known", isByToken: true, goal: {} },
];

/** Addresses of known people are known from the first round, which does not count; those of new people are stored. */
const KNOWN_PEOPLE = (REQUESTS * A_REQUEST) / 2;

/** How an event names its send: a sender has the ids, a mail server that reads the header the token. */
type Naming = (send: SendIds) => object;

export const outcomes: Bench = {
  name: "outcomes",
  about: "outcomes by /v1/events, 1,000 a request, against a bare insert of as many rows",
  run: (say) =>
    withServer({ main: fileURLToPath(new URL("worker/bare-insert.ts", import.meta.url)) }, (server) =>
      compare(server, say),
    ),
};

async function compare({ worker, logged }: Server, say: (line: string) => void): Promise<Figure[]> {
  const keys = parseTokenKeys(worker.tokenKeys);
  if (!keys.ok) throw new Error(keys.reason);
  const byIds: Naming = (send) => send;
  const byToken: Naming = (send) => ({ message: signToken(keys.value, "message", send) });
  const bare: Side = { body: rowsBody, run: (bodies) => insert(worker, bodies), rates: [] };
  const sides = [
    bare,
    ...WAYS.map(
      ({ isByToken, ...way }): Side => ({
        body: (first) => eventsBody(isByToken ? byToken : byIds, way, first),
        run: (bodies) => report(worker, bodies),
        rates: [],
      }),
    ),
  ];
  let made = 0;
  const bodies = (body: Side["body"]) =>
    Array.from({ length: REQUESTS }, () => {
      const first = made;
      made += A_REQUEST;
      return body(first);
    });
  for (let round = 0; round <= ROUNDS; round++) {
    // Who goes first changes, so that nobody always inherits another's garbage.
    for (const { body, run, rates } of round % 2 === 0 ? sides : sides.toReversed())
      rates.push(await run(bodies(body)));
    const latest = sides.map(({ rates }) => Math.round(rates.at(-1) ?? 0));
    say(`round ${round} of ${ROUNDS}: ${latest.join(", ")} events/s`);
  }
  const figures = WAYS.map(({ name, goal }, index) => ({
    name,
    unit: "events/s",
    ...against(bare.rates, (sides[index + 1] ?? bare).rates),
    ...goal,
  }));
  return [...figures, countFigure("outcomes, in D1 of those reported", await logged(), made)];
}

/** What is compared: the body of one request, and a way to send some, which answers how many a second it took. */
interface Side {
  readonly body: (first: number) => string;
  readonly run: (bodies: readonly string[]) => Promise<number>;
  readonly rates: number[];
}

/** The first round warms up and does not count. */
function against(control: readonly number[], rates: readonly number[]) {
  return {
    value: median(rates.slice(1)),
    control: median(control.slice(1)),
    ratio: median(rates.map((each, round) => each / (control[round] ?? Number.NaN)).slice(1)),
  };
}

async function post<Schema extends v.GenericSchema>(
  { origin, apiKey }: LocalWorker,
  path: string,
  body: string,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const answer = await fetch(origin + path, { method: "POST", headers: { Authorization: `Bearer ${apiKey}` }, body });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return v.parse(schema, await answer.json());
}

/** Rows a second, one request after the other, by the Worker's own clock, which leaves the request out. */
async function insert(worker: LocalWorker, bodies: readonly string[]): Promise<number> {
  let ms = 0;
  for (const body of bodies) ms += (await post(worker, "/bare", body, Timed)).ms;
  return (bodies.length * A_REQUEST * 1000) / ms;
}

/** Events a second, as the sender sees it, some requests at the same time. */
async function report(worker: LocalWorker, bodies: readonly string[]): Promise<number> {
  const waiting = [...bodies];
  const startMs = performance.now();
  const sender = async () => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift())
      await post(worker, "/v1/events", body, Answer);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  return (bodies.length * A_REQUEST * 1000) / (performance.now() - startMs);
}

interface SendIds {
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send: string;
}

const send = (number: number, person = number >> 1): SendIds => ({
  email: "1042",
  person: String(5_000_000 + person),
  campaign: "88012",
  send: (0x5eed_0000_0000 + (number >> 1)).toString(16),
});

type EventsWay = Pick<(typeof WAYS)[number], "hasBounces" | "people">;

/**
 * As many Sent as Delivered; `hasBounces` makes three of a hundred bounce: two soft, and a hard one that suppresses.
 */
function eventsBody(name: Naming, { hasBounces, people }: EventsWay, first: number): string {
  const events = Array.from({ length: A_REQUEST }, (_, index) => {
    const number = first + index;
    const person = people === "new" ? number >> 1 : (number >> 1) % KNOWN_PEOPLE;
    const named = name(send(number, person));
    const address = `${person}@mail.example`;
    if (index % 2 === 0) return { type: "sent", ...named, address, at: AT_MS };
    if (hasBounces && index % 100 === 99)
      return { type: "hard_bounced", ...named, address, at: AT_MS, category: 2, details: DETAILS };
    if (hasBounces && index % 50 === 1) return { type: "soft_bounced", ...named, address, at: AT_MS, details: DETAILS };
    return { type: "delivered", ...named, at: AT_MS };
  });
  return JSON.stringify({ events });
}

/** The rows that `eventsBody` without bounces becomes. */
function rowsBody(first: number): string {
  const rows = Array.from({ length: A_REQUEST }, (_, index) => {
    const message = send(first + index);
    const key = sendKey(message);
    const happened = { atMs: AT_MS, message };
    return rowOf(
      index % 2 === 0
        ? { type: "sent", id: sentId(key), ...happened, address: `${(first + index) >> 1}@mail.example` }
        : { type: "delivered", id: deliveredId(key), ...happened },
    );
  });
  return `[${rows.join(",")}]`;
}
