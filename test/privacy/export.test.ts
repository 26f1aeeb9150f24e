/** The export of a person's data, page by page. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { type ExportPage, exportPage } from "../../src/privacy/export.ts";
import { logRows } from "../marketo/marketo.ts";
import { decorateFor, get, newSend, post, removeSuppression, reportOutcomes } from "../outcomes.ts";
import { ask, token } from "../worker.ts";
import { aggregate, emptyAll, erase, rowsOf } from "./people-world.ts";

beforeEach(emptyAll);

async function allOf(person: string): Promise<ExportPage[]> {
  const pages = [await exportPage(env, person, 0)];
  for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next)
    pages.push(await exportPage(env, person, next));
  return pages;
}

/** GET /v1/people/held counts what the pages hold. */
async function expectCounted(person: string): Promise<void> {
  const { body } = await get(`/v1/people/held?person=${person}`);
  const pages = await allOf(person);
  const events = Object.values(body.events as Record<string, number>).reduce((sum, count) => sum + count, 0);
  const count = (of: (page: ExportPage) => readonly unknown[] | undefined) =>
    new Set(pages.flatMap((page) => of(page) ?? []).map((each) => JSON.stringify(each))).size;
  expect({ ...body, addresses: new Set(body.addresses as string[]), events }).toEqual({
    people: [{ id: person }],
    more: false,
    staying: [],
    addresses: new Set(pages.flatMap(({ addresses }) => addresses)),
    messages: count((page) => page.messages),
    events: pages.reduce((sum, page) => sum + page.events.length, 0),
    retries: count((page) => page.retries),
    suppressions: count((page) => page.suppressions),
    lifts: count((page) => page.lifts),
  });
}

const AT = Date.now() - 20 * 24 * 60 * 60 * 1000;
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

describe("the export of a person", () => {
  it("holds their addresses, suppressions, messages, retries and events, and nobody else's", async () => {
    const send = newSend();
    const { person, address, email, campaign } = send;
    await decorateFor({ person, address });
    await decorateFor({ person: "somebody-else", address: "else@mail.example" });
    await reportOutcomes(send, { type: "sent", address: "old@mail.example", at: AT });
    await reportOutcomes(send, { type: "soft_bounced", details: "452 4.2.2 mailbox full", at: AT + 1_000 });
    await logRows({ person: "somebody-else" });
    await logRows({
      person,
      type: 11,
      at: AT + 90_000,
      link_id: "l",
      link: "https://a.example/",
      user_agent: "Mozilla/5.0 (iPhone)",
    });
    await ask(`/u/${token("unsubscribe", { person, email, campaign })}`, { method: "POST" });
    await aggregate();
    const [page, ...others] = await allOf(person);
    expect(others).toEqual([]);
    expect(page).toMatchObject({
      person,
      addresses: [address, "old@mail.example"],
      suppressions: [
        { subject: "address:old@mail.example", reason: "unsubscribed", cause: "form", since: TIME },
        { subject: `address:${address}`, reason: "unsubscribed", cause: "form", since: TIME },
        { subject: `person:${person}`, reason: "unsubscribed", cause: "form", since: TIME },
      ],
      messages: [
        {
          email,
          campaign,
          since: new Date(AT).toISOString(),
          flags: ["sent", "softBounced", "unsubscribed", "clickedByPerson", "softBouncedLast"],
          outcomeAt: new Date(AT + 1_000).toISOString(),
          clicks: { l: { people: 1, bots: 0 } },
        },
      ],
      retries: [{ email, campaign, send: send.send, bounce: { category: 3 }, handedOut: [] }],
    });
    expect(page?.events).toMatchObject([
      {
        event: "Sent",
        at: new Date(AT).toISOString(),
        send: send.send,
        detail: { address: "old@mail.example" },
      },
      { event: "Soft Bounced", detail: { category: 3, details: "452 4.2.2 mailbox full" } },
      { event: "Clicked", link: "https://a.example/", linkId: "l", userAgent: "Mozilla/5.0 (iPhone)" },
      { event: "Unsubscribed", detail: { cause: "form" } },
    ]);
    expect(await rowsOf("SELECT count(*) AS rows FROM events")).toEqual([{ rows: 5 }]);
    await expectCounted(person);
  });

  it("holds removals of their address that name nobody", async () => {
    const { person, address } = newSend();
    await post("/v1/suppressions", { address, reason: "invalid" });
    await removeSuppression({ address, who: "lea", why: "Marie wrote" });
    expect((await allOf(person)).flatMap(({ events }) => events)).toEqual([]);
    await decorateFor({ person, address });
    const events = (await allOf(person)).flatMap((page) => page.events);
    expect(events).toMatchObject([{ event: "Suppression removed", detail: { address, why: "Marie wrote" } }]);
    await expectCounted(person);
  });

  it("says when they subscribed again, and lists no suppression that they have lifted", async () => {
    const send = newSend();
    await decorateFor(send);
    for (const action of ["unsubscribe", "subscribe"])
      await ask(`/u/${token("unsubscribe", send)}`, { method: "POST", body: new URLSearchParams({ action }) });
    expect(await allOf(send.person)).toMatchObject([
      {
        suppressions: [],
        lifts: [
          { subject: `address:${send.address}`, reason: "unsubscribed", at: TIME },
          { subject: `person:${send.person}`, reason: "unsubscribed", at: TIME },
        ],
      },
    ]);
    await expectCounted(send.person);
  });

  it("comes in pages with each event once, however far apart the events are", async () => {
    await logRows(...Array.from({ length: 1_201 }, (_, index) => ({ person: "many", at: index })));
    await logRows({ person: "other" });
    await env.DB.prepare("UPDATE events SET seq = 123456 WHERE person = 'other'").run();
    await logRows({ person: "many", at: 9_999 });
    const searched = await allOf("many");
    expect(searched.map(({ events }) => events.length)).toEqual([500, 500, 201, 0, 1]);
    await aggregate();
    const pages = await allOf("many");
    expect(pages.map(({ events }) => events.length)).toEqual([500, 500, 202]);
    const seqsIn = (some: readonly ExportPage[]) => some.flatMap(({ events }) => events.map(({ seq }) => seq));
    expect(new Set(seqsIn(searched)).size).toBe(1_202);
    expect(seqsIn(pages)).toEqual(seqsIn(searched));
  });

  it("is empty for an erased person, except that their address is suppressed", async () => {
    const send = newSend();
    const { person, address } = send;
    await reportOutcomes(send, { type: "hard_bounced", category: 2, details: "550 5.1.1 no such user" });
    await erase({ person });
    const nothing = { messages: [], retries: [], events: [], addresses: [], suppressions: [] };
    expect(await allOf(person)).toEqual([{ person, ...nothing }]);
    await decorateFor({ person, address });
    expect(await allOf(person)).toMatchObject([
      { addresses: [address], suppressions: [{ subject: `address:${address}`, cause: "erased" }] },
    ]);
  });
});
