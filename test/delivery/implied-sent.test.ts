/** A first outcome logs the Sent that nobody has reported. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressSents, moveImpliedSents } from "../../src/delivery/implied-sent.ts";
import { knownSends } from "../../src/delivery/known-sends.ts";
import { sendKey } from "../../src/events/send-key.ts";
import { dueSends } from "../../src/retries/store.ts";
import { faultyDatabase, inTurn } from "../faults/broken.ts";
import { runs } from "../fuzz.ts";
import { newSend, ordersOf, outcomesOf, post, reportOutcomes, suppressionCheckOf, typesOf } from "../outcomes.ts";
import { environment } from "../worker.ts";

const HOUR_MS = 3_600_000;
const AT_MS = Date.now() - 48 * HOUR_MS;

const outcomes = [
  ["Delivered", { type: "delivered" }],
  ["Hard Bounced", { type: "hard_bounced", category: 1 }],
  ["Soft Bounced", { type: "soft_bounced", category: 3 }],
] as const;

describe.each(outcomes)("a first %s", (_, outcome) => {
  it("logs the Sent as well, in front of it, at its time and marked as implied", async () => {
    const send = newSend();
    await reportOutcomes(send, { ...outcome, at: AT_MS });
    const [sent, first, ...others] = await outcomesOf(send.person);
    expect(sent).toMatchObject({ type: 6, at: AT_MS, send: send.send });
    expect(sent?.detail).toEqual({ implied: true, address: send.address });
    expect(first).toMatchObject({ at: AT_MS, send: send.send });
    expect(others).toEqual([]);
  });

  it("without an address implies a Sent without one", async () => {
    const { address: _, ...send } = newSend();
    await reportOutcomes(send, outcome);
    expect((await outcomesOf(send.person))[0]?.detail).toEqual({ implied: true });
  });

  it("leaves a Sent as it is that was reported before", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "sent", at: AT_MS - HOUR_MS });
    const before = await outcomesOf(send.person);
    await reportOutcomes(send, { ...outcome, at: AT_MS });
    expect((await outcomesOf(send.person)).slice(0, -1)).toEqual(before);
    expect(before).toMatchObject([{ type: 6, at: AT_MS - HOUR_MS, detail: { address: send.address } }]);
  });

  it("implies nothing beside a Sent that is reported in the same request, in whatever order", async () => {
    const send = newSend();
    await reportOutcomes(send, { ...outcome, at: AT_MS }, { type: "sent", at: AT_MS - HOUR_MS });
    const [sent, , ...others] = await outcomesOf(send.person);
    expect(sent).toMatchObject({ type: 6, at: AT_MS - HOUR_MS });
    expect(sent?.detail).toEqual({ address: send.address });
    expect(others).toEqual([]);
  });

  it("is reported again without another Sent, and a Sent reported later adds nothing", async () => {
    const send = newSend();
    await reportOutcomes(send, { ...outcome, at: AT_MS });
    const before = await outcomesOf(send.person);
    await reportOutcomes(send, { ...outcome, at: AT_MS });
    await reportOutcomes(send, { type: "sent", at: AT_MS - HOUR_MS });
    expect(await outcomesOf(send.person)).toEqual(before);
  });
});

describe("a Sent that is reported after an outcome without an address", () => {
  it("gives its address to the implied one, which stays what and when it is", async () => {
    const { address, ...send } = newSend();
    await reportOutcomes(send, { type: "soft_bounced", category: 3, at: AT_MS });
    const before = await outcomesOf(send.person);
    await reportOutcomes(
      send,
      { type: "sent", address, at: AT_MS - HOUR_MS },
      { type: "sent", send: "other", address },
    );
    await reportOutcomes(send, { type: "sent", address: "second@mail.example" });
    const after = (await outcomesOf(send.person)).filter((event) => event.send === send.send);
    // At the end of the log, so that readers see the address.
    expect(after.at(-1)).toEqual({ ...before[0], detail: { implied: true, address } });
    expect(after.slice(0, -1)).toEqual(before.slice(1));
  });

  it("gives it to the retry, too", async () => {
    const { address, ...send } = newSend();
    await reportOutcomes(send, { type: "soft_bounced", category: 3 });
    await reportOutcomes(send, { type: "sent", address });
    const due = await dueSends(env.DB, Date.now() + 2 * HOUR_MS, 1_000);
    expect(due.filter(({ person }) => person === send.person)).toMatchObject([{ send: send.send, address }]);
  });

  it("is looked up by its id: the rest of the log is not read", async () => {
    const send = newSend();
    const events = Array.from({ length: 500 }, (_, index) => ({ type: "delivered", send: `${index}` }));
    await reportOutcomes(send, ...events);
    const message = { ...send, send: "7" };
    const delivered = { type: "delivered", id: "any", message, atMs: AT_MS - HOUR_MS, address: "a" } as const;
    const statements = [knownSends([delivered]), moveImpliedSents([delivered]), addressSents([delivered])].flat();
    for (const statement of statements) {
      const { meta } = await statement.prepare(env.DB).run();
      expect(meta.rows_read).toBeLessThan(20);
    }
    const [sent] = (await outcomesOf(send.person)).filter(({ id }) => id === `sent/${sendKey(message)}`);
    expect(sent?.detail).toEqual({ implied: true, address: "a" });
  });

  it("gives it to a reported one without an address, too, and changes nothing else of it", async () => {
    const { address, ...send } = newSend();
    await reportOutcomes(send, { type: "sent", at: AT_MS });
    await reportOutcomes(send, { type: "sent", address });
    expect(await outcomesOf(send.person)).toMatchObject([{ type: 6, at: AT_MS, detail: { address } }]);
    await reportOutcomes(send, { type: "sent", address: "a@mail.example" });
    await reportOutcomes(send, { type: "sent", address });
    const detail = { address: "a@mail.example" };
    expect(await outcomesOf(send.person)).toMatchObject([{ type: 6, at: AT_MS, detail }]);
  });
});

describe("an implied Sent", () => {
  const FIRST_MS = AT_MS - 3 * HOUR_MS;
  const reported = [
    { type: "soft_bounced", category: 3, at: FIRST_MS },
    { type: "hard_bounced", category: 1, at: FIRST_MS + 2 * HOUR_MS },
    { type: "delivered", at: AT_MS, address: "marie@mail.example" },
  ];

  it("has the time of the earliest outcome and the address that any names, in whatever order they come", async () => {
    for (const order of ordersOf(reported)) {
      const { address: _, ...send } = newSend();
      for (const outcome of order) await reportOutcomes(send, outcome);
      await reportOutcomes(send, ...order);
      const sents = (await outcomesOf(send.person)).filter(({ type }) => type === 6);
      expect(sents).toEqual([
        expect.objectContaining({ at: FIRST_MS, detail: { implied: true, address: "marie@mail.example" } }),
      ]);
    }
  });

  it("is read again, at the end of the log, when an earlier outcome changes its time, and only then", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "delivered", at: AT_MS });
    await reportOutcomes(send, { type: "soft_bounced", category: 3, at: AT_MS + HOUR_MS });
    expect(await typesOf(send.person)).toEqual(["sent", "delivered", "softBounced"]);
    await reportOutcomes(send, { type: "soft_bounced", category: 3, at: FIRST_MS });
    const expected = ["delivered", "softBounced", "softBounced", "sent"];
    expect(await typesOf(send.person)).toEqual(expected);
    await reportOutcomes(send, { type: "delivered" }, { type: "sent", at: FIRST_MS });
    expect(await typesOf(send.person)).toEqual(expected);
    expect(await outcomesOf(send.person)).toMatchObject([{ at: AT_MS }, {}, { at: FIRST_MS }, { at: FIRST_MS }]);
    const earlierMs = FIRST_MS - HOUR_MS;
    await reportOutcomes(send, { type: "delivered", at: earlierMs });
    const [, , delivered, sent] = await outcomesOf(send.person);
    expect([delivered?.type, delivered?.at, sent?.type, sent?.at]).toEqual([7, earlierMs, 6, earlierMs]);
  });

  it("has that time also when D1 failed in between and the outcome is reported again", async () => {
    const { address, ...send } = newSend();
    await reportOutcomes(send, { type: "delivered", at: AT_MS });
    const events = [{ ...send, address, type: "soft_bounced", category: 3, at: FIRST_MS }];
    // After the question for archived events, both tries of the second transaction fail.
    const DB = faultyDatabase(inTurn([undefined, undefined, "overloaded", "overloaded"]));
    expect((await post("/v1/events", { events }, environment({ DB }))).status).toBe(503);
    expect(await typesOf(send.person)).toEqual(["sent", "delivered", "softBounced"]);
    await reportOutcomes({}, ...events);
    const sents = (await outcomesOf(send.person)).filter(({ type }) => type === 6);
    expect(sents).toMatchObject([{ at: FIRST_MS, detail: { address } }]);
  });

  it("of outcomes that name different addresses has the same whichever comes first", async () => {
    const bounces = ["marie@mail.example", "marie@other.example"].map((address, index) => {
      return { type: "soft_bounced", category: 3, at: AT_MS + index, address };
    });
    for (const order of ordersOf(bounces)) {
      const { address: _, ...send } = newSend();
      for (const bounce of order) await reportOutcomes(send, bounce);
      const [sent] = (await outcomesOf(send.person)).filter(({ type }) => type === 6);
      expect(sent?.detail).toEqual({ implied: true, address: "marie@mail.example" });
    }
  });
});

it("outcomes of one request imply one Sent, at the earliest of their times", async () => {
  const send = newSend();
  await reportOutcomes(
    send,
    { type: "delivered", at: AT_MS },
    { type: "soft_bounced", category: 3, at: AT_MS - HOUR_MS },
  );
  expect(await outcomesOf(send.person)).toMatchObject([{ type: 6, at: AT_MS - HOUR_MS }, { type: 7 }, { type: 27 }]);
});

it("each send of a message has its own", async () => {
  const send = newSend();
  await reportOutcomes(send, { type: "delivered" }, { type: "delivered", send: "another" });
  expect(await typesOf(send.person)).toEqual(["sent", "sent", "delivered", "delivered"]);
});

it("whatever is reported, in whatever order, each send with an event has one Sent", async () => {
  const outcome = fc.record({
    type: fc.constantFrom("sent", "delivered", "hard_bounced", "soft_bounced"),
    send: fc.constantFrom("a", "b"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(outcome, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
      async (requests) => {
        const { send: _, ...message } = newSend();
        for (const request of requests) await reportOutcomes(message, ...request);
        const { results } = await env.DB.prepare(
          "SELECT send, sum(type = 6) AS sents FROM events WHERE person = ? GROUP BY send",
        )
          .bind(message.person)
          .all();
        const sends = new Set(requests.flat().map(({ send }) => send));
        expect(results).toEqual([...sends].toSorted().map((send) => ({ send, sents: 1 })));
      },
    ),
    runs(20),
  );
});

describe("an outcome that is reported twice", () => {
  const reportsOf = (type: string, words: readonly object[]) => words.map((each) => ({ type, ...each }));

  /** What the log and the check end with, whoever the person is. */
  async function endOf(outcomes: readonly Record<string, unknown>[], atOnce: boolean) {
    const send = newSend();
    if (atOnce) await reportOutcomes(send, ...outcomes);
    else for (const outcome of outcomes) await reportOutcomes(send, outcome);
    const rows = (await outcomesOf(send.person)).map(({ type, at, detail }) => ({
      type,
      at,
      detail: { ...detail, address: undefined },
    }));
    const checks = [{ person: send.person }, { address: send.address }];
    return {
      rows: rows.sort((one, other) => one.type - other.type),
      suppressed: await Promise.all(checks.map(suppressionCheckOf)),
    };
  }

  it.each([
    [
      "at two times is at the earlier",
      reportsOf("delivered", [{ at: AT_MS }, { at: AT_MS - 1 }]),
      7,
      AT_MS - 1,
      undefined,
    ],
    [
      "of two categories is the milder",
      reportsOf("hard_bounced", [
        { category: 2, at: AT_MS, details: "550 no such user" },
        { category: 1, at: AT_MS + 1, details: "554 spam" },
      ]),
      8,
      AT_MS,
      { category: 1, details: "554 spam" },
    ],
    [
      "for ever at two times is at the earlier",
      reportsOf("hard_bounced", [
        { category: 2, at: AT_MS, details: "b" },
        { category: 2, at: AT_MS - 5, details: "a" },
        { category: 2, at: AT_MS - 3, details: "c" },
      ]),
      8,
      AT_MS - 5,
      { category: 2, details: "a" },
    ],
    ["as sent is at the earlier", reportsOf("sent", [{ at: AT_MS }, { at: AT_MS - 7 }]), 6, AT_MS - 7, undefined],
  ])("%s, in whatever order", async (_what, outcomes, type, at, detail) => {
    const expected = await endOf(outcomes, false);
    expect(expected.rows.find((row) => row.type === type)).toMatchObject({ at, ...(detail && { detail }) });
    for (const order of ordersOf(outcomes))
      for (const atOnce of [true, false]) expect(await endOf(order, atOnce)).toEqual(expected);
  });

  it("leaves what another bounce suppresses, and takes back what it did itself", async () => {
    const [send, other] = [newSend(), newSend()];
    const bounce = { type: "hard_bounced", category: 2, address: send.address };
    await reportOutcomes(send, { ...bounce, at: AT_MS });
    await reportOutcomes(other, { ...bounce, at: AT_MS + 1 });
    await reportOutcomes(send, { ...bounce, category: 1, at: AT_MS });
    const { reasons } = await suppressionCheckOf({ address: send.address });
    expect(reasons).toMatchObject([{ reason: "invalid", since: new Date(AT_MS + 1).toISOString() }]);
    await reportOutcomes(other, { ...bounce, category: 1, at: AT_MS + 1 });
    expect((await suppressionCheckOf({ address: send.address })).reasons).toEqual([]);
  });

  it("without a time changes nothing, and adds no row", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "delivered", at: AT_MS });
    const before = await outcomesOf(send.person);
    await reportOutcomes(send, { type: "delivered" });
    await reportOutcomes(send, { type: "delivered", at: 0 });
    expect(await outcomesOf(send.person)).toEqual(before);
  });
});
