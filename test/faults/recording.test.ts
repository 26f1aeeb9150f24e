/** The queue, D1, the outbox and the gates fail in turn: the answers to recipients are compared with the rows in D1. */
import { createExecutionContext, runDurableObjectAlarm, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { ask, environment, logOf, newMessage, ORIGIN, settledLogOf, token } from "../worker.ts";
import {
  brokenDatabase,
  brokenQueue,
  faultyObjects,
  faultyQueue,
  holdTimers,
  hurry,
  inTurn,
  surround,
  unreachable,
} from "./broken.ts";
import { FaultyWorker, NO_FAULTS } from "./faulty-worker.ts";

const link = { id: "a1b2c3d4", url: "https://shop.example/" };
const clickOf = (message: Message) => `/c/${token("click", { ...message, link })}`;
const openOf = (message: Message) => `/o/${token("open", message)}.gif`;
const outbox = () => env.OUTBOX.getByName(OUTBOX_NAME);

async function clickIn(broken: Env, person = newMessage()) {
  const answer = await ask(clickOf(person), {}, broken);
  return { person: person.person, location: answer.headers.get("Location") };
}

beforeEach(() => {
  // These tests do not check the many warnings.
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a click", () => {
  it("goes straight into D1 when the queue refuses", async () => {
    const { person, location } = await clickIn(environment({ EVENTS: brokenQueue("refuses") }));
    expect(location).toBe(link.url);
    expect(await logOf(person)).toHaveLength(1);
  });

  it("does not wait for a queue again that did not answer within the last half minute", async () => {
    hurry();
    const hangs = vi.fn(() => "hangs" as const);
    const broken = environment({ EVENTS: faultyQueue(hangs, async () => {}) });
    const people = [(await clickIn(broken)).person, (await clickIn(broken)).person];
    expect(hangs).toHaveBeenCalledTimes(1);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 31_000);
    people.push((await clickIn(broken)).person);
    expect(hangs).toHaveBeenCalledTimes(2);
    for (const person of people) expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("is logged once when the queue takes it and then fails", async () => {
    const { person, location } = await clickIn(environment({ EVENTS: brokenQueue("takes it and fails") }));
    expect(location).toBe(link.url);
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("is answered within its budget while the queue hangs, and is recorded after", async () => {
    const endTimers = holdTimers();
    const { person } = newMessage();
    const context = createExecutionContext();
    const request = new Request<unknown, IncomingRequestCfProperties>(
      `${ORIGIN}/c/${token("click", { email: "7", person, campaign: "42", link })}`,
    );
    const answer = await worker.fetch(request, environment({ EVENTS: brokenQueue("hangs") }), context);
    expect(answer.headers.get("Location")).toBe(link.url);
    expect(await logOf(person)).toEqual([]);
    endTimers();
    await waitOnExecutionContext(context);
    expect(await logOf(person)).toHaveLength(1);
  });

  it("does not wait for opens whose queue message hangs", async () => {
    const endTimers = holdTimers();
    const message = newMessage();
    const sent: string[] = [];
    const EVENTS = faultyQueue(inTurn(["hangs", undefined]), async (body) => void sent.push(body));
    const hanging = environment({ EVENTS });
    const context = createExecutionContext();
    const pixel = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}${openOf(message)}`);
    await worker.fetch(pixel, hanging, context);
    expect(sent).toEqual([]);
    await clickIn(hanging, message);
    expect(sent).toEqual([expect.stringContaining(link.url)]);
    endTimers();
    await waitOnExecutionContext(context);
    expect(await logOf(message.person)).toHaveLength(1);
  });

  it("waits in the outbox when queue and D1 refuse, and is inserted by alarm once D1 is back", async () => {
    const { d1 } = brokenDatabase();
    const { person, location } = await clickIn(environment({ EVENTS: brokenQueue("refuses"), DB: d1 }));
    expect(location).toBe(link.url);
    expect(await logOf(person)).toEqual([]);
    expect((await outbox().counts()).waiting).toBe(1);
    await runDurableObjectAlarm(outbox());
    expect(await logOf(person)).toHaveLength(1);
    expect((await outbox().counts()).waiting).toBe(0);
  });

  it("stays in the outbox while D1 is down, and each alarm sets the next", async () => {
    const { d1, mend } = brokenDatabase();
    const { person } = await clickIn(environment({ EVENTS: brokenQueue("refuses"), DB: d1 }));
    await surround(outbox(), environment({ DB: d1 }));
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect(await logOf(person)).toEqual([]);
    expect((await outbox().counts()).waiting).toBe(1);
    mend();
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect(await logOf(person)).toHaveLength(1);
  });

  it("redirects even when every sink fails; a log line then counts and shows the row without destination", async () => {
    const lines = vi.spyOn(console, "error").mockImplementation(() => {});
    const { d1 } = brokenDatabase();
    const lostUntilNow = async () => (await (await ask("/healthz")).json<{ lost: number }>()).lost;
    const lostBefore = await lostUntilNow();
    const { person, location } = await clickIn(
      environment({ EVENTS: brokenQueue("refuses"), DB: d1, OUTBOX: unreachable() }),
    );
    expect(location).toBe(link.url);
    const line = lines.mock.calls.map(([text]) => String(text)).find((text) => text.includes("not recorded"));
    expect(line).toContain(person);
    expect(line).toContain(link.id);
    expect(line).not.toContain(link.url);
    expect((await lostUntilNow()) - lostBefore).toBe(1);
  });
});

describe("an open", () => {
  it("is recorded once when its gate is unreachable, and not again when it is reachable", async () => {
    const message = newMessage();
    for (const around of [environment({ OPENS: unreachable() }), environment({ OPENS: unreachable() }), env]) {
      const answer = await ask(openOf(message), {}, around);
      expect(answer.headers.get("Content-Type")).toBe("image/gif");
      expect(await settledLogOf(message.person)).toHaveLength(1);
    }
  });

  it("is recorded without its gate when that hangs", async () => {
    hurry();
    const message = newMessage();
    const OPENS = faultyObjects(env.OPENS, inTurn(["hangs", undefined, undefined]));
    await ask(openOf(message), {}, environment({ OPENS }));
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });

  it("that no sink took is recorded when the same isolate loads the pixel again", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const worker = new FaultyWorker();
    worker.suffer({
      queue: ["refuses"],
      database: ["overloaded"],
      gates: ["out of reach"],
      outbox: ["out of reach"],
    });
    const message = newMessage();
    await ask(openOf(message), {}, worker.isolates[0]);
    worker.suffer(NO_FAULTS);
    await ask(openOf(message), {}, worker.isolates[0]);
    await worker.deliver({ times: 1, backwards: false });
    expect(await logOf(message.person)).toHaveLength(1);
  });

  it("is one Opened when two hundred first loads race, through as many isolates as there can be", async () => {
    const message = newMessage();
    const path = `/o/${token("open", message)}.gif`;
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(path, {}, environment())));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });

  it("is one Opened when two hundred race while its gate is unreachable and its answers get lost", async () => {
    const worker = new FaultyWorker();
    worker.suffer({
      ...NO_FAULTS,
      queue: [undefined, "takes it and fails", "refuses"],
      gates: ["answers nobody", "out of reach", ...Array(20)],
    });
    const message = newMessage();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => ask(openOf(message), {}, worker.isolates[n % 2 === 0 ? 0 : 1])),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(200);
    worker.suffer(NO_FAULTS);
    await worker.deliver({ times: 2, backwards: true });
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });
});

describe("the queue", () => {
  it("may deliver everything twice and backwards: each answered event is in D1 once", async () => {
    const worker = new FaultyWorker();
    const persons = Array.from({ length: 10 }, newMessage);
    for (const person of persons) {
      for (const path of [clickOf(person), clickOf(person), openOf(person), openOf(person)])
        expect((await ask(path, {}, worker.isolates[0])).ok || path.startsWith("/c/")).toBe(true);
    }
    await worker.deliver({ times: 2, backwards: true });
    for (const { person } of persons) {
      const types = (await logOf(person)).map(({ type }) => type);
      expect(types.sort()).toEqual([10, 11, 11]);
    }
  });

  it("keeps opens and clicks while D1 is down, and inserts each once when D1 is back", async () => {
    const worker = new FaultyWorker();
    worker.suffer({ ...NO_FAULTS, database: ["overloaded"] });
    const person = newMessage();
    for (const path of [clickOf(person), openOf(person), clickOf(person)]) await ask(path, {}, worker.isolates[0]);
    for (let attempt = 0; attempt < 3; attempt++) await worker.deliver({ times: 1, backwards: false });
    expect(await logOf(person.person)).toEqual([]);
    worker.suffer({ ...NO_FAULTS, database: ["commits and loses the connection"] });
    await worker.deliver({ times: 1, backwards: false });
    worker.suffer(NO_FAULTS);
    await worker.deliver({ times: 1, backwards: false });
    // Opens of a batch are inserted before its clicks.
    expect((await logOf(person.person)).map(({ type }) => type)).toEqual([10, 11, 11]);
  });
});
