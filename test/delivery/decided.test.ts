/** What people decided by a reply, by a call, in another system (POST /v1/events), or at a provider. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Scope } from "../../src/access/scope.ts";
import { newClient } from "../marketo/marketo.ts";
import { get, newSend, ordersOf, outcomesOf, post, reportOutcomes, suppressionCheckOf, typesOf } from "../outcomes.ts";
import { ask, token } from "../worker.ts";
import { knowing } from "./signed-webhooks.ts";
import { mailgun } from "./speakers/mailgun.ts";
import { mandrill } from "./speakers/mandrill.ts";
import { postmark } from "./speakers/postmark.ts";
import { resend } from "./speakers/resend.ts";
import { sendgrid } from "./speakers/sendgrid.ts";
import { amazon, ses } from "./speakers/ses.ts";
import { sparkpost } from "./speakers/sparkpost.ts";
import type { Speaker } from "./speakers/speaker.ts";

describe("what a person decided, reported by the sender", () => {
  const NOON_MS = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
  const decide = (type: string, minutes: number) => ({ type, at: NOON_MS + minutes * 60_000 });

  it.each([
    ["complained", "complaint"],
    ["unsubscribed", "sender"],
  ])("as %s unsubscribes the person and the address, once, until they subscribe again", async (type, cause) => {
    const send = newSend();
    await reportOutcomes(send, decide(type, 0), decide(type, 0), decide("unsubscribed", 1));
    const { person, address } = send;
    for (const named of [{ person }, { address }])
      expect(await suppressionCheckOf(named)).toMatchObject({ reasons: [{ reason: "unsubscribed", cause }] });
    expect(await outcomesOf(person)).toMatchObject([{ type: 9, at: NOON_MS, detail: { cause } }]);
    await reportOutcomes(send, decide("subscribed", 2), decide("subscribed", 2));
    for (const named of [{ person }, { address }])
      expect(await suppressionCheckOf(named)).toEqual({ suppressed: false, reasons: [] });
    expect(await typesOf(person)).toEqual(["unsubscribed", "subscribed"]);
    expect((await outcomesOf(person))[1]?.detail).toEqual({ by: "sender" });
  });

  it("ends the same in whatever order it is reported", async () => {
    const decisions = [decide("unsubscribed", 0), decide("subscribed", 1), decide("unsubscribed", 2)];
    const later = decide("subscribed", 3);
    for (const order of ordersOf([...decisions, later])) {
      const send = newSend();
      for (const decision of order) await reportOutcomes(send, decision);
      const log = (await outcomesOf(send.person)).map(({ type, at }) => ({ type, at }));
      expect(log.sort((one, other) => one.at - other.at)).toEqual(
        [...decisions, later].map(({ type, at }) => ({ type: type === "subscribed" ? 100_001 : 9, at })),
      );
      expect(await suppressionCheckOf(send)).toEqual({ suppressed: false, reasons: [] });
      await reportOutcomes(send, ...decisions);
      expect(await suppressionCheckOf(send)).toEqual({ suppressed: false, reasons: [] });
    }
  });

  it.each([
    [["subscribed", "unsubscribed"], true],
    [["unsubscribed", "subscribed"], false],
    [["unsubscribed", "subscribed", "unsubscribed"], true],
    [["complained", "subscribed", "unsubscribed", "subscribed"], false],
  ])("without a time comes in the order of the request: %j", async (types, isSuppressed) => {
    const send = newSend();
    await reportOutcomes(send, ...types.map((type) => ({ type })));
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: isSuppressed });
    const effective = types[0] === "subscribed" ? types.slice(1) : types;
    expect(await typesOf(send.person)).toEqual(effective.map((type) => type.replace("complained", "unsubscribed")));
  });

  it("needs no mail that it is about, and then counts for none in reports", async () => {
    const { person, address } = newSend();
    await reportOutcomes({}, { type: "unsubscribed", person: { id: person, address } });
    expect(await suppressionCheckOf({ address })).toMatchObject({ suppressed: true });
    const row = env.DB.prepare("SELECT email, campaign FROM events WHERE person = ?1").bind(person);
    expect(await row.first()).toEqual({ email: "", campaign: "" });
    const { body } = await get("/v1/reports/emails?limit=1000");
    const reported = body.data as readonly { email: { id: unknown } }[];
    expect(reported.map(({ email }) => email.id)).not.toContain("");
    await reportOutcomes({}, { type: "subscribed", person });
    expect(await suppressionCheckOf({ person, address })).toMatchObject({ suppressed: false });
  });

  it.each([
    ["campaign", "missing_field", { type: "unsubscribed", email: 7, person: 1 }],
    ["email", "missing_field", { type: "unsubscribed", campaign: 7, person: 1 }],
    ["email", "missing_field", { type: "subscribed", send: "s", person: 1 }],
    ["email", "missing_field", { type: "complained", person: 1 }],
    ["person", "missing_field", { type: "unsubscribed", address: "marie@mail.example" }],
    ["address", "invalid_field", { type: "unsubscribed", person: { id: 1, address: "a@b.c" }, address: "d@b.c" }],
    ["status", "invalid_field", { type: "unsubscribed", person: 1, status: "5.1.1" }],
  ])("is rejected when its %s is wrong (%s): %o", async (field, code, event) => {
    const { status, body } = await post("/v1/events", { events: [event] });
    expect([status, body]).toMatchObject([422, { rejected: [{ error: { code, field: `events.0.${field}` } }] }]);
  });

  it("undoes an opt-out only by a key or by a client with the scope admin", async () => {
    const send = newSend();
    const asClient = async (scope: Scope, events: readonly object[]) => {
      const { token: bearer } = await newClient(scope);
      const headers = { Authorization: `Bearer ${bearer}` };
      const answer = await ask("/v1/events", { method: "POST", headers, body: JSON.stringify({ events }) });
      return await answer.json();
    };
    const events = [decide("unsubscribed", 0), decide("subscribed", 1)].map((event) => ({ ...send, ...event }));
    expect(await asClient("send", events)).toMatchObject({
      accepted: 1,
      rejected: [{ index: 1, error: { code: "forbidden", field: "events.1.type" } }],
    });
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: true });
    expect(await asClient("admin", events)).toEqual({ accepted: 2, rejected: [] });
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: false });
  });

  it("is taken a thousand at a time", async () => {
    const person = () => newSend().person;
    const events = Array.from({ length: 1_000 }, () => ({ type: "unsubscribed", person: person() }));
    expect((await post("/v1/events", { events })).body).toEqual({ accepted: 1_000, rejected: [] });
    for (const { person } of [events[0], events[999]].flatMap((event) => event ?? []))
      expect(await suppressionCheckOf({ person })).toMatchObject({ suppressed: true });
  });
});

describe("what a person decided at a provider", () => {
  // SES's signature is checked with Amazon's certificate.
  beforeEach(() => {
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(amazon.certificatePem));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  async function say({ name, sign }: Speaker, body: object): Promise<unknown> {
    const webhook = sign(JSON.stringify(body), Date.now());
    const answer = await ask(`/v1/webhooks/${name}`, { method: "POST", ...webhook }, knowing());
    return await answer.json();
  }

  const AT = new Date(Date.now() - 60_000).toISOString();
  const SECONDS = Math.floor(Date.parse(AT) / 1_000);
  const sesMail = (waxseal: string, address: string) => ({
    ...{ messageId: "1", timestamp: AT, destination: [address], tags: { waxseal: [waxseal] } },
  });

  it.each<[string, Speaker, (waxseal: string, address: string) => object]>([
    [
      "SES Subscription",
      ses,
      (waxseal, address) => ({
        ...{ eventType: "Subscription", mail: sesMail(waxseal, address) },
        subscription: { timestamp: AT, source: "UnsubscribeHeader", newTopicPreferences: { unsubscribeAll: true } },
      }),
    ],
    ...["unsubscribe", "group_unsubscribe"].map(
      (event): [string, Speaker, (waxseal: string, email: string) => object] => [
        `SendGrid ${event}`,
        sendgrid,
        (waxseal, email) => [{ event, email, waxseal, timestamp: SECONDS, sg_event_id: "one" }],
      ],
    ),
    [
      "Mailgun unsubscribed",
      mailgun,
      (waxseal, recipient) => ({
        "event-data": {
          event: "unsubscribed",
          id: "one",
          timestamp: SECONDS,
          recipient,
          "user-variables": { waxseal },
        },
      }),
    ],
    [
      "Postmark SubscriptionChange",
      postmark,
      (waxseal, Recipient) => ({
        ...{ RecordType: "SubscriptionChange", MessageID: "1", Recipient, Metadata: { waxseal }, ChangedAt: AT },
        ...{ SuppressSending: true, SuppressionReason: "ManualSuppression", Origin: "Recipient" },
      }),
    ],
    [
      "SparkPost list_unsubscribe",
      sparkpost,
      (waxseal, rcpt_to) => [
        {
          msys: {
            unsubscribe_event: {
              ...{ type: "list_unsubscribe", event_id: "1", rcpt_to, rcpt_meta: { waxseal }, timestamp: `${SECONDS}` },
            },
          },
        },
      ],
    ],
  ])("(%s) suppresses the person and the address, and is logged once with its cause", async (_, speaker, bodyOf) => {
    const { person, address, email, campaign, send } = newSend();
    const body = bodyOf(token("message", { email, person, campaign, send }), address);
    for (const time of ["first", "again"]) {
      expect(await say(speaker, body), time).toEqual({ recorded: 1, ignored: 0 });
    }
    for (const named of [{ person }, { address }])
      expect(await suppressionCheckOf(named)).toMatchObject({ reasons: [{ cause: "provider" }] });
    expect(await outcomesOf(person)).toMatchObject([
      { type: 9, at: expect.any(Number), detail: { cause: "provider" } },
    ]);
  });

  it.each<[string, string, Speaker, (address: string) => object]>([
    [
      "Postmark",
      "provider",
      postmark,
      (Recipient) => ({
        ...{ RecordType: "SubscriptionChange", MessageID: null, Recipient, Metadata: {}, ChangedAt: AT },
        ...{ SuppressSending: true, SuppressionReason: "ManualSuppression", Origin: "Customer" },
      }),
    ],
    [
      "Resend",
      "complaint",
      resend,
      (email) => ({ type: "suppression.added", created_at: AT, data: { id: "e169", email, origin: "complaint" } }),
    ],
    [
      "Mandrill",
      "provider",
      mandrill,
      (email) => [{ type: "denylist", action: "add", ts: SECONDS, reject: { email, reason: "unsub" } }],
    ],
  ])("by hand or long ago, which %s reports by the address alone (%s), suppresses the address", async (...one) => {
    const [, cause, speaker, bodyOf] = one;
    const { address } = newSend();
    for (const time of ["first", "again"])
      expect(await say(speaker, bodyOf(address)), time).toEqual({ recorded: 1, ignored: 0 });
    expect(await suppressionCheckOf({ address })).toMatchObject({ reasons: [{ reason: "unsubscribed", cause }] });
  });

  it("about an address and no mail suppresses the address, and whoever has it, until it is subscribed", async () => {
    const send = newSend();
    const { person, address } = send;
    await reportOutcomes(send, { type: "delivered" });
    const told = async (created_at: string) => {
      const data = { id: "e169aa45", email: address.toUpperCase(), unsubscribed: true };
      const answer = await say(resend, { type: "contact.updated", created_at, data });
      expect(answer).toEqual({ recorded: 1, ignored: 0 });
    };
    const early = new Date(Date.now() - 540_000).toISOString();
    await told(early);
    const optedOut = { reasons: [{ reason: "unsubscribed", cause: "provider" }] };
    for (const named of [{ address }, { person, address }])
      expect(await suppressionCheckOf(named)).toMatchObject(optedOut);
    // Whoever asks to be mailed again is, however often that is reported anew; another opt-out counts.
    const headers = { Authorization: "Bearer wxs_dev_test" };
    const body = JSON.stringify({ address, reason: "unsubscribed", who: "A. Admin", why: "asked by phone" });
    expect((await ask("/v1/suppressions", { method: "DELETE", headers, body })).status).toBe(200);
    await told(early);
    expect(await suppressionCheckOf({ address })).toMatchObject({ reasons: [] });
    await told(new Date().toISOString());
    expect(await suppressionCheckOf({ address })).toMatchObject(optedOut);
    expect(await typesOf(person)).not.toContain("unsubscribed");
  });
});
