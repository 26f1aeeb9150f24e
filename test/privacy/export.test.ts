/** The export of a person's data, page by page. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { settingsOf } from "../../src/config/settings.ts";
import { idAnswer } from "../../src/http/schemas.ts";
import { exportPage } from "../../src/privacy/export.ts";
import { exportAnswer } from "../../src/privacy/export-answer.ts";
import { logRows } from "../marketo/marketo.ts";
import { decorateFor, get, newSend, post, removeSuppression, reportOutcomes } from "../outcomes.ts";
import { ask, token } from "../worker.ts";
import { aggregate, emptyAll, erase, rowsOf } from "./people-world.ts";

beforeEach(emptyAll);

const settings = settingsOf(env);
if (!settings.ok) throw new Error(settings.reason.join(" "));
const { tokenKeys: keys } = settings.value;

type ExportPage = ReturnType<typeof exportAnswer>;

/** Without the statistics that the API brings up to date first. */
async function allOf(person: string): Promise<ExportPage[]> {
  const pages: ExportPage[] = [];
  for (let cursor: number | undefined = 0; cursor !== undefined; ) {
    const { next, ...page } = await exportPage(env, person, cursor);
    pages.push(exportAnswer({ ...page, next }, { keys, seesAddresses: true, nowMs: Date.now() }));
    cursor = next;
  }
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
    const ids = { email: idAnswer(email), campaign: idAnswer(campaign) };
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
      person: { id: person },
      addresses: [address, "old@mail.example"],
      suppressions: [
        { address: "old@mail.example", reason: "unsubscribed", cause: "form", since: TIME },
        { address, reason: "unsubscribed", cause: "form", since: TIME },
        { person: { id: person }, reason: "unsubscribed", cause: "form", since: TIME },
      ],
      messages: [
        {
          ...ids,
          person: { id: person, address },
          sentAt: new Date(AT).toISOString(),
          status: "delivered",
          clicks: 1,
          unsubscribed: true,
          outcomeAt: new Date(AT + 1_000).toISOString(),
          links: [{ id: "l", clicks: 1, botClicks: 0 }],
          recent: { clicks: [{ at: new Date(AT + 90_000).toISOString(), link: "l" }], loads: [] },
        },
      ],
      retries: [{ ...ids, send: send.send, firstAttemptAt: TIME, bounce: { category: 3 }, dueRetries: [] }],
    });
    const listed = (await get(`/v1/messages?person=${person}`)).body.data as readonly object[];
    expect(page?.messages.map(({ outcomeAt, links, recent, message, ...entry }) => entry)).toEqual(
      listed.map((entry) => ({ ...entry, message: undefined })),
    );
    expect(page?.events).toMatchObject([
      { type: "sent", at: new Date(AT).toISOString(), send: send.send, address: "old@mail.example", ...ids },
      { type: "soft_bounced", bounce: { category: 3, details: "452 4.2.2 mailbox full" } },
      { type: "clicked", link: { id: "l", url: "https://a.example/" }, visitor: { userAgent: "Mozilla/5.0 (iPhone)" } },
      { type: "unsubscribed", cause: "form", request: { formFields: {} }, recordedAt: TIME },
    ]);
    const fed = (await get(`/v1/events?person=${person}`)).body.data as readonly object[];
    expect(page?.events.map(({ recordedAt, ...event }) => event)).toEqual(fed);
    expect(await rowsOf("SELECT count(*) AS rows FROM events")).toEqual([{ rows: 5 }]);
    await expectCounted(person);
  });

  it("holds what readers of the feed do not see: reports that changed nothing, and each load of a pixel", async () => {
    const send = newSend();
    const { person } = send;
    await reportOutcomes(send, { type: "complained" }, { type: "unsubscribed" });
    const loads = [AT, AT + 5_000].map((at) => ({ at, campaign: "5", userAgent: "Mozilla/5.0 (iPhone)" }));
    await logRows({ person, type: 10, at: AT, campaign: "5", detail: JSON.stringify({ loads }) });
    const [page] = await allOf(person);
    expect(page?.events).toMatchObject([
      { type: "unsubscribed", cause: "complaint" },
      { type: "retracted", was: "unsubscribed", cause: "sender" },
      { type: "opened", loads: [{ isBot: false }, { at: new Date(AT + 5_000).toISOString(), campaign: { id: 5 } }] },
    ]);
    expect((await get(`/v1/people/export?person=${person}`)).status).toBe(200);
  });

  it("says of somebody who only subscribed that there is no message", async () => {
    await post("/v1/events", { events: [{ type: "unsubscribed", person: "only", email: 7, campaign: 5 }] });
    await post("/v1/events", { events: [{ type: "subscribed", person: "never" }] });
    await aggregate();
    expect(await allOf("never")).toMatchObject([{ messages: [], events: [{ type: "retracted", was: "subscribed" }] }]);
    await expectCounted("never");
  });

  it("holds removals of their address that name nobody", async () => {
    const { person, address } = newSend();
    await post("/v1/suppressions", { address, reason: "invalid" });
    await removeSuppression({ address, who: "lea", why: "Marie wrote" });
    expect((await allOf(person)).flatMap(({ events }) => events)).toEqual([]);
    await decorateFor({ person, address });
    const events = (await allOf(person)).flatMap((page) => page.events);
    expect(events).toMatchObject([{ type: "suppression_removed", address, why: "Marie wrote" }]);
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
          { address: send.address, reason: "unsubscribed", at: TIME },
          { person: { id: send.person }, reason: "unsubscribed", at: TIME },
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
    expect(await allOf(person)).toEqual([{ person: { id: person }, ...nothing }]);
    await decorateFor({ person, address });
    expect(await allOf(person)).toMatchObject([{ addresses: [address], suppressions: [{ address, cause: "erased" }] }]);
  });
});
