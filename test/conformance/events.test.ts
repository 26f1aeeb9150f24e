/** The table of the seven events, cell by cell: the four that mail servers and providers report. */
import { describe, expect, it } from "vitest";
import { decorateFor, newSend, outcomesOf, reportOutcomes, suppressionCheckOf, typesOf } from "../outcomes.ts";
import { ask, settledLogOf, token } from "../worker.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const AT_MS = Date.now() - 8 * DAY_MS;
const AT = new Date(AT_MS).toISOString();

async function only(person: string) {
  const [event, ...others] = await outcomesOf(person);
  if (event === undefined || others.length > 0) throw new Error(`${others.length + 1} events`);
  return event;
}

/** The only event beside a Sent. */
async function onlyOutcome(person: string) {
  const [sent, event, ...others] = await outcomesOf(person);
  if (sent?.type !== 6 || event === undefined || others.length > 0) throw new Error("not a Sent and one outcome");
  return event;
}

describe("Sent", () => {
  it("is type 6, has the time it happened, and carries address and send id", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "sent", at: AT });
    expect(await only(send.person)).toMatchObject({
      type: 6,
      at: AT_MS,
      send: send.send,
      detail: { address: send.address },
    });
  });

  it("is logged each time an email leaves: the same message sent twice is two", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "sent" }, { type: "sent", send: "again" });
    expect((await outcomesOf(send.person)).map((event) => event.send)).toEqual([send.send, "again"]);
  });

  it("is logged, and stays, of an email that bounces", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "sent" }, { type: "hard_bounced", category: 2 });
    expect(await typesOf(send.person)).toEqual(["sent", "hardBounced"]);
  });

  it("is one per send, however often and with whatever time it is reported", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "sent", at: AT }, { type: "sent" });
    await reportOutcomes(send, { type: "sent", at: AT_MS + 1_000 });
    expect(await only(send.person)).toMatchObject({ type: 6, at: AT_MS });
  });
});

describe("Delivered", () => {
  it("is type 7 and carries nothing but its send", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "delivered", at: AT });
    expect(await onlyOutcome(send.person)).toMatchObject({ type: 7, at: AT_MS, send: send.send, detail: null });
  });

  it("is logged when the mail server accepts, and then the Sent that nobody reported, too", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "delivered" }, { type: "sent" });
    expect(await typesOf(send.person)).toEqual(["sent", "delivered"]);
  });

  it("is one per send", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "delivered" }, { type: "delivered", at: AT });
    await reportOutcomes(send, { type: "delivered" });
    expect(await typesOf(send.person)).toEqual(["sent", "delivered"]);
    await reportOutcomes(send, { type: "delivered", send: "another" });
    expect(await typesOf(send.person)).toEqual(["sent", "delivered", "sent", "delivered"]);
  });
});

describe("Hard Bounced", () => {
  it("is type 8 and carries address, category, subcategory and details", async () => {
    const send = newSend();
    const words = { category: 2, subcategory: "2001", details: "550 no such user", status: "5.1.1" };
    await reportOutcomes(send, { type: "hard_bounced", ...words });
    expect(await onlyOutcome(send.person)).toMatchObject({ type: 8, detail: { ...words, address: send.address } });
  });

  it("is logged on a permanent refusal: what the server said decides when no category is given", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "hard_bounced", status: "5.1.1", details: "550 5.1.1 User unknown" });
    expect((await onlyOutcome(send.person)).detail).toMatchObject({ category: 2 });
    const blocked = newSend();
    await reportOutcomes(blocked, { type: "hard_bounced" });
    expect((await onlyOutcome(blocked.person)).detail).toMatchObject({ category: 1 });
  });

  it("is one per send", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 2 }, { type: "hard_bounced", category: 2, at: AT });
    await reportOutcomes(send, { type: "hard_bounced", category: 1 });
    expect(await typesOf(send.person)).toEqual(["sent", "hardBounced"]);
  });

  it("is logged after Delivered as well", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "delivered" });
    await reportOutcomes(send, { type: "hard_bounced", category: 2 });
    expect(await typesOf(send.person)).toEqual(["sent", "delivered", "hardBounced"]);
  });

  it("of category 1 suspends the person from every campaign for 24 hours", async () => {
    const send = newSend();
    const atMs = Date.now() - DAY_MS + 60_000;
    await reportOutcomes(send, { type: "hard_bounced", category: 1, at: atMs, details: "554 spam" });
    expect(await suppressionCheckOf({ person: send.person })).toEqual({
      suppressed: true,
      reasons: [
        {
          reason: "blocked",
          since: new Date(atMs).toISOString(),
          until: new Date(atMs + DAY_MS).toISOString(),
          cause: "554 spam",
        },
      ],
    });
    expect((await decorateFor(send)).status).toBe(409);
    const yesterday = newSend();
    await reportOutcomes(yesterday, { type: "hard_bounced", category: 1, at: Date.now() - DAY_MS - 1 });
    expect(await suppressionCheckOf({ person: yesterday.person })).toEqual({ suppressed: false, reasons: [] });
    expect((await decorateFor(yesterday)).status).toBe(200);
  });

  it("of category 2 ends mailing from every campaign for ever", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 2, at: AT });
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject({
      suppressed: true,
      reasons: [{ reason: "invalid", since: AT }],
    });
    expect((await decorateFor(send)).status).toBe(409);
  });
});

describe("Soft Bounced", () => {
  it("is type 27 and carries address, category, subcategory and details", async () => {
    const send = newSend();
    const words = { category: 3, subcategory: "full", details: "452 mailbox full", status: "4.2.2" };
    await reportOutcomes(send, { type: "soft_bounced", ...words });
    expect(await onlyOutcome(send.person)).toMatchObject({ type: 27, detail: { ...words, address: send.address } });
  });

  it("is logged on a full mailbox, a general fault, an unclear answer", async () => {
    const answers = [
      [3, "452 4.2.2 Mailbox full"],
      [4, "451 4.4.3 Temporary DNS failure"],
      [9, undefined],
    ] as const;
    for (const [category, details] of answers) {
      const send = newSend();
      await reportOutcomes(send, { type: "soft_bounced", details });
      expect((await onlyOutcome(send.person)).detail).toMatchObject({ category });
    }
  });

  it("is one per attempt: reported twice for one attempt it is one, for two attempts two", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "soft_bounced", at: AT });
    await reportOutcomes(send, { type: "soft_bounced", at: AT });
    await reportOutcomes(send, { type: "soft_bounced", at: AT_MS + 3_600_000 });
    expect(await typesOf(send.person)).toEqual(["sent", "softBounced", "softBounced"]);
  });

  it("does not suppress the person for other sends", async () => {
    const send = newSend();
    for (const category of [3, 4, 9])
      await reportOutcomes(send, { type: "soft_bounced", category, at: AT_MS + category });
    expect(await suppressionCheckOf(send)).toEqual({ suppressed: false, reasons: [] });
    expect((await decorateFor(send)).status).toBe(200);
  });
});

describe("Opened and Clicked", () => {
  it("are logged after a bounce all the same", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 2 });
    await ask(`/o/${token("open", send)}`);
    expect((await settledLogOf(send.person)).map(({ type }) => type)).toEqual([6, 8, 10]);
  });
});
