import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { verpToken } from "../../src/delivery/carried-token.ts";
import { addressForm } from "../../src/tokens/address-form.ts";
import { brokenDatabase } from "../faults/broken.ts";
import {
  complains,
  decorateFor,
  get,
  newSend,
  outcomesOf,
  post,
  reportOutcomes,
  suppressionCheckOf,
  type TestSend,
  typesOf,
} from "../outcomes.ts";
import { ask, environment, token } from "../worker.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const INVALID = { suppressed: true, reasons: [{ reason: "invalid" }] };
const FREE = { suppressed: false, reasons: [] };

const bouncesForEver = (send: Partial<TestSend>) => reportOutcomes(send, { type: "hard_bounced", category: 2 });
const unsubscribes = (send: TestSend) => ask(`/u/${token("unsubscribe", send)}`, { method: "POST" });
const subscribes = (send: TestSend) =>
  ask(`/u/${token("unsubscribe", send)}`, {
    method: "POST",
    body: new URLSearchParams({ action: "subscribe" }),
  });

describe("GET /v1/suppressions/check", () => {
  it("answers not suppressed, without reasons, for an unknown recipient", async () => {
    expect(await suppressionCheckOf(newSend())).toEqual(FREE);
  });

  it("finds a person by their address and an address by its person", async () => {
    const send = newSend();
    await bouncesForEver(send);
    expect(await suppressionCheckOf({ person: send.person })).toMatchObject(INVALID);
    expect(await suppressionCheckOf({ address: ` ${send.address.toUpperCase()} `.trim() })).toMatchObject(INVALID);
  });

  it("answers each reason once, with its time and its cause", async () => {
    const send = newSend();
    await decorateFor(send);
    await unsubscribes(send);
    await bouncesForEver(send);
    await reportOutcomes({ ...send, send: "other" }, { type: "hard_bounced", category: 1 });
    const { reasons } = await suppressionCheckOf(send);
    expect(reasons.map(({ reason }) => reason)).toEqual(["blocked", "invalid", "unsubscribed"]);
    expect(reasons.map(({ until }) => until !== undefined)).toEqual([true, false, false]);
  });

  it.each([
    ["address", "missing_field", ""],
    ["address", "invalid_field", "?address=nobody"],
    ["person", "invalid_field", "?person=a%20b"],
    ["address", "invalid_field", "?address=a@b.example&address=c@d.example"],
    ["email", "unknown_field", "?email=7"],
  ])("refuses a wrong %s (%s): %s", async (field, code, query) => {
    expect(await get(`/v1/suppressions/check${query}`)).toMatchObject({
      status: 400,
      body: { error: { code, field } },
    });
  });

  it("is 503 while D1 is down: it does not guess", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const around = environment({ DB: brokenDatabase().d1 });
    const { status } = await get("/v1/suppressions/check?person=1", around);
    const { body } = await post("/v1/suppressions/check", { recipients: [{ person: 1 }] }, around);
    expect([status, body.error]).toMatchObject([503, { code: "storage_unavailable" }]);
    vi.restoreAllMocks();
  });
});

describe("POST /v1/suppressions/check", () => {
  it("answers each of many in their order", async () => {
    const [bad, good] = [newSend(), newSend()];
    await bouncesForEver(bad);
    const recipients = [{ person: good.person }, { address: bad.address }, { person: { id: bad.person } }];
    const { body } = await post("/v1/suppressions/check", { recipients });
    expect(body.results).toMatchObject([
      { person: { id: good.person }, ...FREE },
      { address: bad.address, ...INVALID },
      { person: { id: bad.person }, ...INVALID },
    ]);
  });

  it.each([
    ["recipients", "missing_field", {}],
    ["recipients", "invalid_field", { recipients: [] }],
    ["recipients", "invalid_field", { recipients: Array(1_001).fill({ person: 1 }) }],
    ["recipients.0.address", "missing_field", { recipients: [{}] }],
    ["recipients.0.address", "invalid_field", { recipients: [{ address: 7 }] }],
    ["recipients.0.id", "unknown_field", { recipients: [{ id: 7 }] }],
  ])("refuses a body whose %s is wrong (%s)", async (field, code, body) => {
    expect(await post("/v1/suppressions/check", body)).toMatchObject({
      status: 400,
      body: { error: { code, field } },
    });
  });
});

describe("an invalid address", () => {
  it("is invalid for everybody who has it, and no longer for a person who has another", async () => {
    const send = newSend();
    await bouncesForEver(send);
    const other = newSend();
    expect((await decorateFor({ person: other.person, address: send.address })).status).toBe(409);
    expect((await decorateFor({ person: send.person, address: other.address })).status).toBe(200);
    expect(await suppressionCheckOf({ person: send.person })).toEqual(FREE);
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject(INVALID);
  });

  it("is not the address that the person has by now, when the bounce is of the one before", async () => {
    const send = newSend();
    await decorateFor({ person: send.person, address: "now@mail.example" });
    await bouncesForEver(send);
    expect(await suppressionCheckOf({ person: send.person })).toEqual(FREE);
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject(INVALID);
  });

  it("is the one that is known of the person, when the bounce names none", async () => {
    const { address, ...send } = newSend();
    await decorateFor({ person: send.person, address });
    await bouncesForEver(send);
    expect(await suppressionCheckOf({ address })).toMatchObject(INVALID);
  });

  it("is the one that was mailed, when the bounce names none and the person has another by now", async () => {
    const { address, ...send } = newSend();
    await reportOutcomes(send, { type: "sent", address });
    await decorateFor({ person: send.person, address: newSend().address });
    await bouncesForEver(send);
    expect(await suppressionCheckOf({ address })).toMatchObject(INVALID);
    expect(await suppressionCheckOf({ person: send.person })).toEqual(FREE);
  });

  it("that is unknown suppresses the person, and passes to their first address", async () => {
    const { address, ...send } = newSend();
    await bouncesForEver(send);
    expect(await suppressionCheckOf({ person: send.person })).toMatchObject(INVALID);
    expect((await decorateFor({ person: send.person, address })).status).toBe(409);
    expect(await suppressionCheckOf({ address })).toMatchObject(INVALID);
  });
});

describe("a hard bounce of category 1", () => {
  it("suppresses the person with any address, and the address with any person", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 1 });
    const blocked = { suppressed: true, reasons: [{ reason: "blocked" }] };
    expect(await suppressionCheckOf({ person: send.person, address: "other@mail.example" })).toMatchObject(blocked);
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject(blocked);
  });

  it("that comes late does not cut short a later one", async () => {
    const send = newSend();
    const nowMs = Date.now();
    await reportOutcomes(send, { type: "hard_bounced", category: 1, at: nowMs - 1_000 });
    await reportOutcomes({ ...send, send: "before" }, { type: "hard_bounced", category: 1, at: nowMs - DAY_MS / 2 });
    const { reasons } = await suppressionCheckOf(send);
    expect(reasons.map(({ until }) => until)).toEqual([new Date(nowMs - 1_000 + DAY_MS).toISOString()]);
  });
});

describe("a complaint", () => {
  it("unsubscribes by address, with its cause, once", async () => {
    const send = newSend();
    await complains(send);
    await complains(send);
    expect(await outcomesOf(send.person)).toMatchObject([{ type: 9, detail: { cause: "complaint" } }]);
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject({
      suppressed: true,
      reasons: [{ reason: "unsubscribed", cause: "complaint" }],
    });
    expect((await decorateFor({ person: newSend().person, address: send.address })).status).toBe(409);
  });

  it("of somebody who has unsubscribed adds nothing", async () => {
    const send = newSend();
    await unsubscribes(send);
    await complains(send);
    expect(await typesOf(send.person)).toEqual(["unsubscribed"]);
  });

  it("reported again does not undo that they subscribed again since", async () => {
    const send = newSend();
    await complains(send);
    await subscribes(send);
    await complains(send);
    expect(await typesOf(send.person)).toEqual(["unsubscribed", "subscribed"]);
    expect(await suppressionCheckOf({ person: send.person })).toEqual(FREE);
  });
});

describe("an unsubscription", () => {
  it("outlives the person's record: the address stays unsubscribed for a new person id", async () => {
    const send = newSend();
    await decorateFor(send);
    await unsubscribes(send);
    await env.DB.prepare("DELETE FROM people WHERE person = ?").bind(send.person).run();
    const answer = await decorateFor({ person: newSend().person, address: send.address });
    expect(answer).toMatchObject({ status: 409, body: { error: { code: "suppressed" } } });
  });
});

describe("POST /v1/decorate", () => {
  it("refuses a suppressed person, and says why and until when", async () => {
    const send = newSend();
    await bouncesForEver({ ...send });
    const { status, body } = await decorateFor(send);
    expect(status).toBe(409);
    expect(body.error).toMatchObject({ code: "suppressed", field: "person" });
    expect((body.error as { message: string }).message).toMatch(/invalid since 20\d\d-/);
  });

  it("decorates all the same with evenIfSuppressed", async () => {
    const send = newSend();
    await bouncesForEver(send);
    const answer = await post("/v1/decorate", {
      email: { id: 7 },
      campaign: { id: 42 },
      person: { id: send.person },
      text: "Your receipt",
      evenIfSuppressed: true,
    });
    expect(answer).toMatchObject({ status: 200, body: { text: "Your receipt" } });
  });

  it("gives the envelope sender of the copy when there is a bounce address, in letters without case", async () => {
    const around = environment({ BOUNCE_ADDRESS: "bounces@mail.example.com" });
    const body = { email: { id: 7 }, campaign: { id: 42 }, person: { id: 123_456 }, text: "Hello" };
    const { body: copy } = await post("/v1/decorate", body, around);
    const returnPath = String(copy.returnPath);
    expect(returnPath).toMatch(/^bounces\+[a-z2-7]+@mail\.example\.com$/);
    expect(verpToken(returnPath.toUpperCase())).toBe(addressForm(String(copy.message)).toUpperCase());
    const longer = { ...body, person: { id: crypto.randomUUID() } };
    expect((await post("/v1/decorate", longer, around)).body).not.toHaveProperty("returnPath");
    expect((await post("/v1/decorate", body)).body).not.toHaveProperty("returnPath");
  });
});
