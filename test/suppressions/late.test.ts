/** What is reported late counts by its time: the order of reports changes neither who is suppressed nor the log. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import {
  complains,
  decorateFor,
  newSend,
  ordersOf,
  outcomesOf,
  removeSuppression,
  reportOutcomes,
  suppressionCheckOf,
  type TestSend,
} from "../outcomes.ts";
import { MARKING } from "../reports/policy.ts";
import { ask, token } from "../worker.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BEGIN_MS = Date.now() - 10 * DAY_MS;
const WORDS = { who: "lea", why: "the mailbox is back" };
const FREE = { suppressed: false, reasons: [] };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Something that happens at an hour; what is reported late may come at any position. */
type Happening = readonly [what: "complains" | "complains again" | "leaves" | "comes back", hour: number];

const campaignOf = { complains: "a", "complains again": "b", leaves: "c", "comes back": "c" } as const;

async function happens(to: TestSend, [what, hour]: Happening): Promise<void> {
  const [atMs, send] = [BEGIN_MS + hour * HOUR_MS, { ...to, campaign: campaignOf[what] }];
  if (what !== "leaves" && what !== "comes back") return await complains(send, atMs);
  vi.spyOn(Date, "now").mockReturnValue(atMs);
  const action = what === "leaves" ? "unsubscribe" : "subscribe";
  const path = `/u/${token("unsubscribe", send)}`;
  const answer = await ask(path, { method: "POST", body: new URLSearchParams({ action }) });
  vi.restoreAllMocks();
  expect(answer.status).toBe(200);
}

/** What the log, the reports and the check say of somebody after these happenings. */
async function endOf(happenings: readonly Happening[], isCounted: "at the end" | "each time") {
  const send = { ...newSend(), email: `email-${crypto.randomUUID().slice(0, 8)}` };
  await decorateFor(send);
  for (const each of happenings) {
    await happens(send, each);
    if (isCounted === "each time") await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
  }
  await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
  const log = (await outcomesOf(send.person)).map(({ type, at, detail }) => [type, at - BEGIN_MS, detail?.cause]);
  const counts = await emailCounts(
    env.DB,
    { bots: "include", email: send.email },
    { by: "campaign", limit: 9 },
    Date.now(),
  );
  return {
    log: log.sort((one, other) => Number(one[1]) - Number(other[1])),
    report: counts.map(({ id, sent, unsubscribed, complained }) => ({ id, sent, unsubscribed, complained })),
    person: await suppressionCheckOf({ person: send.person }),
    address: await suppressionCheckOf({ address: send.address }),
  };
}

describe("a complaint that is reported after later decisions", () => {
  it.each<[string, readonly Happening[], boolean]>([
    [
      "before they subscribed again",
      [
        ["complains", 1],
        ["comes back", 2],
      ],
      false,
    ],
    [
      "after they subscribed again",
      [
        ["leaves", 1],
        ["comes back", 2],
        ["complains", 3],
      ],
      true,
    ],
    [
      "between two decisions",
      [
        ["leaves", 1],
        ["complains", 2],
        ["comes back", 3],
      ],
      false,
    ],
    [
      "before they unsubscribed",
      [
        ["complains", 1],
        ["leaves", 2],
        ["comes back", 3],
      ],
      false,
    ],
    [
      "before an opt-out that holds",
      [
        ["complains", 1],
        ["leaves", 2],
      ],
      true,
    ],
    [
      "with another one",
      [
        ["complains", 1],
        ["complains again", 2],
        ["comes back", 3],
      ],
      false,
    ],
    [
      "with another one after",
      [
        ["complains", 1],
        ["comes back", 2],
        ["complains again", 3],
      ],
      true,
    ],
  ])("ends as in order: %s", async (_when, inOrder, isSuppressed) => {
    const expected = await endOf(inOrder, "at the end");
    expect([expected.person.suppressed, expected.address.suppressed]).toEqual([isSuppressed, isSuppressed]);
    const isReported = ([what]: Happening) => what === "complains" || what === "complains again";
    const [reported, others] = [inOrder.filter(isReported), inOrder.filter((each) => !isReported(each))];
    const orders = [
      [...others, ...reported],
      [...others, ...reported.toReversed()],
      [...reported, ...others],
    ];
    for (const order of new Set(orders.map((each) => JSON.stringify(each))))
      expect(await endOf(JSON.parse(order), "each time")).toEqual(expected);
  });

  it("of somebody else with the address is theirs, and is the address's only when it is newer", async () => {
    const send = newSend();
    const other = { ...newSend(), address: send.address };
    await decorateFor(send);
    await decorateFor(other);
    await happens(send, ["leaves", 1]);
    await happens(send, ["comes back", 3]);
    await happens(other, ["complains", 2]);
    expect(await suppressionCheckOf({ person: other.person })).toMatchObject({ suppressed: true });
    expect(await suppressionCheckOf({ address: send.address })).toEqual(FREE);
    await happens(other, ["complains again", 4]);
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject({ suppressed: true });
  });

  it("leaves the address to whoever opted out later, when the complaint is reported again as earlier", async () => {
    const send = newSend();
    const other = { ...newSend(), address: send.address };
    for (const each of [send, other]) await decorateFor(each);
    await happens(send, ["leaves", 1]);
    await happens(send, ["complains", 8]);
    await happens(other, ["leaves", 5]);
    await happens(send, ["complains", 0]);
    await happens(send, ["comes back", 4]);
    expect(await suppressionCheckOf({ address: send.address })).toMatchObject({ suppressed: true });
  });

  it("leaves the address to the first opt-out of another person who has it", async () => {
    for (const hour of [3, 4]) {
      const send = newSend();
      const other = { ...newSend(), address: send.address };
      for (const each of [send, other]) await decorateFor(each);
      await happens(send, ["comes back", 1]);
      await happens(send, ["complains", 3]);
      await happens(other, ["complains", hour]);
      if (hour > 3) await happens(other, ["leaves", 5]);
      await happens(send, ["complains", 0]);
      const since = new Date(BEGIN_MS + hour * HOUR_MS).toISOString();
      expect(await suppressionCheckOf({ address: send.address })).toMatchObject({ reasons: [{ since }] });
      await happens(other, ["comes back", 8]);
      expect(await suppressionCheckOf({ address: send.address })).toEqual(FREE);
    }
  });
});

describe("a lift", () => {
  it("is remembered for as long as times before it are believed, and then deleted by the next one", async () => {
    const send = newSend();
    const remembered = async () =>
      (await env.DB.prepare("SELECT at FROM lifts WHERE person = ?").bind(send.person).all()).results.length;
    await happens(send, ["comes back", 0]);
    await happens(newSend(), ["comes back", 31 * 24]);
    expect(await remembered()).toBe(1);
    await happens(newSend(), ["comes back", 32 * 24 + 1]);
    expect(await remembered()).toBe(0);
  });
});

describe("a bounce for ever that is reported after a removal", () => {
  const bounces = (send: Partial<TestSend>, at: number) =>
    reportOutcomes(send, { type: "hard_bounced", category: 2, at, details: `bounce ${at}` });

  it("suppresses nothing when it happened before, and the address when it happened after; it is logged", async () => {
    const send = newSend();
    await bounces(send, BEGIN_MS);
    await removeSuppression({ address: send.address, ...WORDS });
    await bounces({ ...send, send: "before" }, BEGIN_MS + HOUR_MS);
    expect(await suppressionCheckOf(send)).toEqual(FREE);
    const afterMs = Date.now() + 60_000;
    await bounces({ ...send, send: "after" }, afterMs);
    const since = new Date(afterMs).toISOString();
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: true, reasons: [{ reason: "invalid", since }] });
    expect((await outcomesOf(send.person)).filter(({ type }) => type === 8)).toHaveLength(3);
    // A removal lifts what is not newer than it.
    expect((await removeSuppression({ address: send.address, ...WORDS, why: "again" })).status).toBe(404);
    expect(await suppressionCheckOf(send)).toMatchObject({ suppressed: true });
  });

  it("suppresses nothing either when a person was removed of whom no address was known", async () => {
    const { address, ...send } = newSend();
    await bounces(send, BEGIN_MS + HOUR_MS);
    await removeSuppression({ person: send.person, ...WORDS });
    await bounces({ ...send, send: "before" }, BEGIN_MS);
    expect(await suppressionCheckOf({ person: send.person })).toEqual(FREE);
    await bounces({ ...send, send: "addressed", address }, BEGIN_MS);
    expect(await suppressionCheckOf({ address })).toEqual(FREE);
  });

  it("has the same first time and cause in whatever order two are reported", async () => {
    const answers = [];
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const send = newSend();
      for (const hour of order) await bounces({ ...send, send: `s${hour}` }, BEGIN_MS + hour * HOUR_MS);
      answers.push(await suppressionCheckOf({ address: send.address }));
    }
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe("a hard bounce that names no address", () => {
  const orders = (named: "sent" | "delivered", category: number) => {
    const events = [{ type: "hard_bounced", category }, { type: named }, { type: "sent" }];
    return ordersOf(named === "sent" ? events.slice(0, 2) : events);
  };

  it.each([
    ["sent", 1],
    ["sent", 2],
    ["delivered", 2],
  ] as const)("is of the address that a %s names, whichever comes first (category %i)", async (named, category) => {
    for (const order of orders(named, category)) {
      const { address, ...send } = newSend();
      for (const event of order)
        await reportOutcomes(send, { ...event, at: BEGIN_MS, ...(event.type === named ? { address } : {}) });
      const expected = category === 2 ? [{ reason: "invalid", cause: "bounce of category 2" }] : [];
      expect((await suppressionCheckOf({ address })).reasons).toMatchObject(expected);
      expect((await suppressionCheckOf({ person: send.person })).reasons).toMatchObject(expected);
      // The person has another address now.
      const { status } = await decorateFor({ person: send.person, address: `new-${address}` });
      expect(status).toBe(200);
    }
  });

  it("blocks for a day the address that is named later", async () => {
    const { address, ...send } = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 1 });
    await reportOutcomes(send, { type: "sent", address });
    expect((await suppressionCheckOf({ address })).reasons).toMatchObject([{ reason: "blocked" }]);
    expect((await suppressionCheckOf({ person: send.person })).reasons).toMatchObject([{ reason: "blocked" }]);
  });

  it("frees the person's known address when the mail went to another", async () => {
    const { address: known, ...send } = newSend();
    const { address } = newSend();
    await decorateFor({ person: send.person, address: known });
    await reportOutcomes(send, { type: "hard_bounced", category: 2 });
    expect((await suppressionCheckOf({ address: known })).suppressed).toBe(true);
    await reportOutcomes(send, { type: "sent", address });
    await reportOutcomes(send, { type: "sent", address });
    expect((await suppressionCheckOf({ address: known })).suppressed).toBe(false);
    expect((await suppressionCheckOf({ address })).reasons).toMatchObject([{ reason: "invalid" }]);
  });

  it("suppresses nothing that was removed meanwhile", async () => {
    const { address, ...send } = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 2, at: BEGIN_MS });
    await removeSuppression({ person: send.person, ...WORDS });
    await reportOutcomes(send, { type: "sent", at: BEGIN_MS, address });
    expect(await suppressionCheckOf({ address })).toEqual(FREE);
    expect(await suppressionCheckOf({ person: send.person })).toEqual(FREE);
  });
});
