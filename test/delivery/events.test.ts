import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { sendKey } from "../../src/events/send-key.ts";
import { brokenDatabase, faultyDatabase, inTurn } from "../faults/broken.ts";
import { runs } from "../fuzz.ts";
import { newSend, outcomesOf, post, reportOutcomes, suppressionCheckOf, typesOf } from "../outcomes.ts";
import { ask, environment, token } from "../worker.ts";

async function rejection(event: unknown) {
  const { status, body } = await post("/v1/events", { events: [event] });
  expect(status).toBe(422);
  expect(body.error).toMatchObject({ code: "nothing_accepted" });
  expect(body.accepted).toBe(0);
  const [rejected] = body.rejected as {
    index: number;
    error: { code: string; message: string; field: string };
  }[];
  expect(rejected?.index).toBe(0);
  return rejected?.error;
}

describe("POST /v1/events", () => {
  it("accepts the message token instead of the four ids", async () => {
    const { address: _, ...send } = newSend();
    await reportOutcomes({}, { type: "delivered", message: token("message", send) });
    await reportOutcomes(send, { type: "delivered" });
    expect(await outcomesOf(send.person)).toMatchObject([
      { type: 6, send: send.send },
      { type: 7, send: send.send },
    ]);
  });

  it("keeps the names that emails and campaigns come with", async () => {
    const { email, campaign, ...send } = newSend();
    const named = { email: { id: email, name: "News" }, campaign: { id: campaign, name: "Autumn" } };
    await reportOutcomes({}, { type: "sent", ...send, ...named }, { type: "delivered", email, campaign, ...send });
    const names = env.DB.prepare("SELECT name FROM names WHERE id IN (?1, ?2) ORDER BY kind");
    expect((await names.bind(email, campaign).all()).results).toEqual([{ name: "Autumn" }, { name: "News" }]);
  });

  it("accepts a send without an id: all sendings of the message are one", async () => {
    const { send: _, ...message } = newSend();
    await reportOutcomes(message, { type: "sent" }, { type: "sent" });
    expect(await outcomesOf(message.person)).toMatchObject([{ type: 6, send: null }]);
  });

  it("accepts a thousand at a time, each once", async () => {
    const { person } = newSend();
    const events = Array.from({ length: 1_000 }, (_, send) => ({
      ...{ email: 7, campaign: 42, person, send },
      ...{ type: send % 2 === 0 ? "sent" : "delivered", details: undefined },
    }));
    for (const _ of ["first", "again"])
      expect((await post("/v1/events", { events })).body).toEqual({ accepted: 1_000, rejected: [] });
    expect(await outcomesOf(person)).toHaveLength(1_500);
  });

  it("takes a soft bounce because of the sender for throttled", async () => {
    const send = newSend();
    const details = "421 4.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP.";
    await reportOutcomes(send, { type: "soft_bounced", details });
    expect((await outcomesOf(send.person))[1]?.detail?.category).toBe(3);
  });

  it("accepts details of any length and keeps a thousand characters, without half a surrogate pair", async () => {
    const send = newSend();
    const details = `${"x".repeat(999)}😀`;
    await reportOutcomes(send, { type: "soft_bounced", category: 3, details });
    expect((await outcomesOf(send.person))[1]?.detail?.details).toBe(`${"x".repeat(999)}\ufffd`);
  });

  it("stores more details in total than one text of D1 holds", async () => {
    const { person } = newSend();
    const events = Array.from({ length: 900 }, (_, send) => ({
      ...{ email: 7, campaign: 42, person, send },
      ...{ type: "hard_bounced", category: 1, details: "x".repeat(1_000) },
    }));
    expect((await post("/v1/events", { events })).body).toEqual({ accepted: 900, rejected: [] });
    expect(await outcomesOf(person)).toHaveLength(1_800);
  });

  it("rejects wrong events with their index and their field, and accepts the others", async () => {
    const send = newSend();
    const right = { ...send, type: "sent" };
    const { body } = await post("/v1/events", { events: [{ ...send, type: "opened" }, right, 7] });
    expect(body).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, error: { code: "invalid_field", field: "events.0.type" } },
        { index: 2, error: { code: "invalid_field", field: "events.2" } },
      ],
    });
    expect(await typesOf(send.person)).toEqual(["sent"]);
  });

  it.each([
    ["events.0.type", "missing_field", { type: undefined }],
    ["events.0.person", "missing_field", { person: undefined }],
    ["events.0.campaign", "missing_field", { campaign: undefined }],
    ["events.0.email", "missing_field", { email: undefined }],
    ["events.0.email", "invalid_field", { email: "a b" }],
    [
      "events.0.person",
      "missing_field",
      { type: "unsubscribed", email: undefined, person: undefined, campaign: undefined, send: undefined },
    ],
    ["events.0.send", "invalid_field", { send: "" }],
    ["events.0.address", "invalid_field", { address: "nobody" }],
    ["events.0.at", "invalid_field", { at: "yesterday" }],
    ["events.0.at", "invalid_field", { at: "2026-11-20T09:30:00" }],
    ["events.0.at", "invalid_field", { at: "2026-13-40T09:30:00Z" }],
    ["events.0.at", "invalid_field", { at: "2026-02-30T09:30:00Z" }],
    ["events.0.at", "invalid_field", { at: 1.5 }],
    ["events.0.category", "invalid_field", { category: 5 }],
    ["events.0.category", "invalid_field", { category: 3 }],
    ["events.0.category", "invalid_field", { type: "soft_bounced", category: 2 }],
    ["events.0.category", "invalid_field", { type: "sent", category: 2 }],
    ["events.0.details", "invalid_field", { type: "delivered", details: "250 OK" }],
    ["events.0.subcategory", "invalid_field", { subcategory: "a\nb" }],
    ["events.0.status", "invalid_field", { status: "550" }],
    ["events.0.reason", "unknown_field", { reason: "?" }],
    ["events.0.message", "invalid_field", { message: "AAAA" }],
  ])("rejects a wrong %s (%s): %o", async (field, code, change) => {
    const send = newSend();
    const { message, ...error } = (await rejection({ ...send, type: "hard_bounced", ...change })) ?? {};
    expect(error).toEqual({ code, field });
    expect(message).toContain(field);
    expect(await outcomesOf(send.person)).toEqual([]);
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: false });
  });

  it("rejects a forged message token, and one for another use", async () => {
    const send = newSend();
    const genuine = token("message", send);
    for (const message of [`${genuine.slice(0, -1)}${genuine.endsWith("A") ? "B" : "A"}`, token("unsubscribe", send)])
      expect(await rejection({ message, type: "hard_bounced", category: 2 })).toMatchObject({
        code: "invalid_field",
        field: "events.0.message",
      });
    expect(await outcomesOf(send.person)).toEqual([]);
  });

  it.each([
    ["events", "missing_field", {}],
    ["events", "invalid_field", { events: {} }],
    ["events", "invalid_field", { events: [] }],
    ["events", "invalid_field", { events: Array(1_001).fill({}) }],
    ["more", "unknown_field", { events: [{}], more: 1 }],
  ])("refuses a body whose %s is wrong (%s)", async (field, code, body) => {
    expect(await post("/v1/events", body)).toMatchObject({ status: 400, body: { error: { code, field } } });
  });

  it("needs a key", async () => {
    const answer = await ask("/v1/events", { method: "POST", body: "{}" });
    expect(answer.status).toBe(401);
  });

  it("answers 503 while D1 is down, records nothing, and accepts the same events later", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const send = newSend();
    const { d1, mend } = brokenDatabase();
    const around = environment({ DB: d1 });
    const events = ["sent", "soft_bounced", "hard_bounced"].map((type) => ({ ...send, type }));
    const refused = await post("/v1/events", { events }, around);
    expect(refused).toMatchObject({ status: 503, body: { error: { code: "storage_unavailable" } } });
    expect(await outcomesOf(send.person)).toEqual([]);
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: false });
    mend();
    expect((await post("/v1/events", { events }, around)).body).toMatchObject({ accepted: 3 });
    expect(await typesOf(send.person)).toEqual(["sent", "softBounced", "hardBounced"]);
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: true });
    vi.restoreAllMocks();
  });

  it("records once what D1 committed although the connection was lost", async () => {
    const send = newSend();
    const DB = faultyDatabase(inTurn([undefined, "commits and loses the connection", undefined]));
    const events = ["sent", "delivered"].map((type) => ({ ...send, type }));
    expect((await post("/v1/events", { events }, environment({ DB }))).body).toMatchObject({ accepted: 2 });
    expect(await typesOf(send.person)).toEqual(["sent", "delivered"]);
  });

  it("ends with the same log whatever the order, the grouping and the repeats", async () => {
    const outcome = fc.record({
      type: fc.constantFrom("sent", "delivered", "hard_bounced", "soft_bounced"),
      send: fc.constantFrom("a", "b"),
      at: fc.constantFrom(Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(outcome, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
        async (groups) => {
          const { send: _, ...message } = newSend();
          for (const group of groups) await reportOutcomes(message, ...group);
          for (const group of groups.toReversed()) await reportOutcomes(message, ...group);
          const expected = new Set(
            groups
              .flat()
              .flatMap(({ type, send, at }) => [
                `sent ${send} `,
                `${type} ${send} ${type === "soft_bounced" ? at : ""}`,
              ]),
          );
          expect(await outcomesOf(message.person)).toHaveLength(expected.size);
        },
      ),
      runs(25),
    );
  });
});

describe("a soft bounce reported without a time", () => {
  it("is one event for each attempt of the schedule", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "soft_bounced" });
    await reportOutcomes(send, { type: "soft_bounced" });
    expect(await typesOf(send.person)).toEqual(["sent", "softBounced"]);
    // The second attempt: the first retry was recorded.
    const retry = env.DB.prepare("INSERT INTO retries (id, key, slot, due_at) VALUES (?1 || '-0', ?1, 0, ?2)");
    await retry.bind(sendKey(send), Date.now()).run();
    await reportOutcomes(send, { type: "soft_bounced" });
    await reportOutcomes(send, { type: "soft_bounced" });
    expect(await typesOf(send.person)).toEqual(["sent", "softBounced", "softBounced"]);
  });

  it("is one event although its schedule begins at a later hour, because the send left long ago", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "sent", at: Date.now() - 5 * 3_600_000 });
    await reportOutcomes(send, { type: "soft_bounced" });
    await reportOutcomes(send, { type: "soft_bounced" });
    expect(await typesOf(send.person)).toEqual(["sent", "softBounced"]);
  });
});
