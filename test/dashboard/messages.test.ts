/** The pages of messages and of people: what they say is what /v1 answers. */
import { env } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addClient } from "../../src/access/clients.ts";
import { logRows, type Row } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { emptyAll, rowsOf } from "../privacy/people-world.ts";
import { ask, environment, PHONE, token } from "../worker.ts";
import { signedIn, submit, withSession } from "./browser.ts";

const AT = Date.parse("2026-11-20T09:00:00Z");
const MINUTE = 60_000;
const HOSTILE = `<script>alert("1")</script>&amp;`;

let session = "";
beforeAll(async () => {
  session = await signedIn();
});

interface Shown {
  readonly status: number;
  readonly location: string | null;
  readonly html: string;
  /** As it is read: without tags, white space as one space. */
  readonly text: string;
}

async function show(
  path: string,
  headers = withSession(session) as Record<string, string>,
  around = env,
): Promise<Shown> {
  const answer = await ask(`/app${path}`, { headers }, around);
  const html = await answer.text();
  const [, main = html] = html.split("</header><main");
  const text = main
    .replaceAll("<wbr/>", "")
    .replace(/<[^>]*>/g, " ")
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  const words = text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replace(/\s+/g, " ");
  return { status: answer.status, location: answer.headers.get("Location"), html, text: words };
}

async function readerSession(): Promise<Record<string, string>> {
  const { id: client, secret } = await addClient(env.DB, { name: "reader", scopes: ["read"], createdAtMs: 0 });
  return withSession(await signedIn({ client, secret }));
}

const sent = (person: string, email: string, minute: number, more: Row = {}): Row => ({
  person,
  email,
  type: 6,
  at: AT + minute * MINUTE,
  ...more,
});

beforeEach(async () => {
  await emptyAll();
  await env.DB.prepare(
    `INSERT INTO names (kind, id, name, folded)
    VALUES ('email', '7', ?1, lower(?1)), ('campaign', 'x', 'Launch', 'launch')`,
  )
    .bind(HOSTILE)
    .run();
  await env.DB.prepare("INSERT INTO people (person, address) VALUES ('a', 'marie@one.example')").run();
});

describe("/app/messages", () => {
  it("lists what /v1 lists, each with its status in words", async () => {
    await logRows(
      sent("a", "7", 1, { campaign: "x" }),
      { person: "b", email: "7", type: 8, at: AT + 2 * MINUTE },
      { person: "a", email: "8", type: 11, link_id: "l", at: AT + 3 * MINUTE, user_agent: PHONE },
    );
    const { html, text } = await show("/messages");
    const { data } = (await get("/v1/messages")).body as { data: { person: { id: string } }[] };
    expect(data.map(({ person }) => person.id)).toEqual(["a", "b", "a"]);
    expect(text).toMatch(/marie@one\.example Yours Email 8 Campaign 42 Delivered 1 click 20 Nov 2026, 09:03/);
    expect(text).toContain(`Person b Yours ${HOSTILE} Campaign 42 Hard bounced None 20 Nov 2026, 09:02`);
    expect(text).toContain(`marie@one.example Yours ${HOSTILE} Launch`);
    expect(html).not.toContain("<script>");
    expect(html).toContain('title="20 Nov 2026, 09:03:00 UTC"');
    const inParis = await show("/messages?find=marie@one.example&email=8&zone=Europe/Paris");
    expect(inParis.text).toMatch(/Delivered 1 click 20 Nov 2026, 10:03/);
    expect(inParis.text).not.toContain("Person b");
    expect(inParis.html).toContain('value="marie@one.example"');
  });

  it("finds a person by their id, and leads from a token to its message", async () => {
    const person = "a".repeat(30);
    await logRows(sent(person, "7", 1), sent("b", "7", 2));
    expect((await show(`/messages?find=${person}`)).text).toContain(`Person ${person}`);
    expect((await show("/messages?person=b")).text).not.toContain(`Person ${person}`);
    const message = token("message", { email: "7", campaign: "42", person: "b", send: "s" });
    for (const pasted of [message, `X-Waxseal-Message: ${message}`, `https://t.example/x?u=${message}`]) {
      const { status, location } = await show(`/messages?find=${encodeURIComponent(pasted)}`);
      expect(status).toBe(303);
      expect((await show((location ?? "").slice("/app".length))).text).toContain("Person b");
    }
    const unknown = token("open", { email: "7", campaign: "42", person: "c" });
    expect((await show(`/messages?find=${unknown}`)).text).toContain("Nothing has happened to this message yet");
  });

  it.each([
    ["find=Marie+Dupont", "find", "Must be an address like"],
    ["find=https://t.example/c/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "find", "There is no genuine token"],
    ["email=a+b", "email", "Must be an integer"],
    ["campaign=%2F", "campaign", "Must be an integer"],
    ["status=opened", "status", "Must be one of delivered"],
  ])("says beside the field why %s is refused", async (query, field, reason) => {
    const { html } = await show(`/messages?${query}`);
    expect(html).toMatch(new RegExp(`id="problem-${field}">[^<]*${reason}`));
    expect(html).toMatch(new RegExp(`id="field-${field}"[^>]*aria-invalid="true"`));
  });

  it("says what to do where there is nothing, and leads on where there may be more", async () => {
    expect((await show("/messages")).text).toContain("No message is in the log yet");
    await logRows(sent("a", "7", 1));
    expect((await show("/messages?email=9")).text).toMatch(/No message matches.*show all messages/);
    const old = await show("/messages?from=2001-01-01&to=2001-01-02");
    expect(old.text).toMatch(/No message of this period matches.*Show all time/);
    expect(old.html).toContain('<input type="hidden" name="from" value="2001-01-01"/>');
    await env.DB.prepare("UPDATE sqlite_sequence SET seq = 25000 WHERE name = 'events'").run();
    await logRows(sent("b", "7", 2));
    const short = await show("/messages?status=no_response");
    expect(short.text).toMatch(/Person b.*found 1\. Older messages may follow on the next page/);
    const [, next = ""] = /<a rel="next" href="\/app([^"]*)"/.exec(short.html) ?? [];
    const empty = await show(next.replaceAll("&amp;", "&"));
    expect(empty.text).toMatch(/Nothing in this part of the log.*First page Next page/);
  });
});

describe("/app/messages/…", () => {
  const ROWS: readonly Row[] = [
    { type: 6, at: AT, send: "s1", detail: JSON.stringify({ address: "marie@one.example" }) },
    {
      type: 27,
      at: AT + MINUTE,
      send: "s1",
      detail: JSON.stringify({ category: 3, status: "4.2.2", details: "452 <b>full</b>" }),
    },
    { type: 7, at: AT + 2 * MINUTE, send: "s1" },
    { type: 10, at: AT + 3 * MINUTE, is_bot: 1, bot_pattern: "Match with user agent: curl" },
    { type: 11, at: AT + 4 * MINUTE, link_id: "l1", link: "https://shop.example/?a=1&b=2", user_agent: PHONE },
    { type: 11, at: AT + 5 * MINUTE, link_id: "l2", link: "javascript:alert(1)", user_agent: PHONE },
    { type: 9, at: AT + 6 * MINUTE, detail: JSON.stringify({ cause: "one_click" }) },
  ];

  it("tells each event in order as /v1 tells it, with its evidence", async () => {
    await logRows(...ROWS.map((row) => ({ ...row, person: "a" })));
    const { html, text } = await show("/messages/7/42/a");
    const { body } = await get("/v1/messages/7/42/a");
    const told = (body.data as { summary: string; why?: string }[]).flatMap(({ summary, why }) => [summary, why ?? ""]);
    let from = 0;
    for (const words of [String(body.statusReason), ...told]) {
      const at = text.indexOf(words, from);
      expect(at, `${words} in ${text}`).toBeGreaterThanOrEqual(from);
      from = at;
    }
    expect(text).toContain("The mail server said 452 <b>full</b>");
    expect(html).toContain('href="https://shop.example/?a=1&amp;b=2"');
    expect(html).not.toContain('href="javascript');
    expect(html).toMatch(/class="event-icon bot".*<span class="tag">Bot<\/span>/s);
    expect(text).toContain("iPhone");
    expect(text).toMatch(/marie@one\.example/);
    for (const link of [
      "/app/emails/7",
      "/app/campaigns/42",
      "/app/people/a",
      "/app/suppressions?kind=person&amp;recipient=a",
    ])
      expect(html).toContain(`href="${link}"`);
    const message = token("message", { email: "7", campaign: "42", person: "a", send: "s1" });
    expect((await show(`/messages/${message}`)).text.replace(/^[^>]*/, "")).toBe(text.replace(/^[^>]*/, ""));
  });

  it("is not found when nothing is known of it", async () => {
    for (const path of ["7/42/nobody", "nonsense"])
      expect(await show(`/messages/${path}`)).toMatchObject({ status: 404 });
    expect(await show("/messages/7/42/a%20b")).toMatchObject({ status: 400 });
  });

  it("shows a viewer with read alone no whole address, and leads to messages all the same", async () => {
    await logRows(...ROWS.map((row) => ({ ...row, person: "a" })), sent("a", "8", 9), sent("b", "8", 9));
    const reader = await readerSession();
    const list = await show("/messages?email=7", reader);
    const [, path = ""] = /<th scope="row"><a href="\/app([^"]+)"/.exec(list.html) ?? [];
    const message = await show(path, reader);
    const [, theirs = ""] = /href="\/app(\/messages\?message=[^"]+)"/.exec(message.html) ?? [];
    const others = await show(theirs, reader);
    for (const { status, html, text } of [list, message, others]) {
      expect([status, html.includes("marie@"), text.includes("m…@o….example")]).toEqual([200, false, true]);
    }
    expect(message.html).not.toMatch(/\/app\/(?:people|suppressions)/);
    expect(others.text).toMatch(/All messages to one person.*Email 8 .*<script>/s);
    expect(others.text).not.toContain("Person b");
  });

  it("follows the log from where it ended before the page was read", async () => {
    await logRows(...ROWS.map((row) => ({ ...row, person: "a" })));
    const { html } = await show("/messages/7/42/a");
    const [, follow = ""] = /data-live="\/app([^"]*)"/.exec(html) ?? [];
    const ask = async (path: string) => JSON.parse((await show(path)).html) as { hasNewEvents: boolean; next: string };
    const first = await ask(follow.replaceAll("&amp;", "&"));
    expect(first).toMatchObject({ hasNewEvents: false, more: false });
    await logRows(sent("b", "7", 7));
    const second = await ask(first.next.slice("/app".length));
    expect(second.hasNewEvents).toBe(false);
    await logRows({ ...ROWS[3], person: "a" });
    expect((await ask(second.next.slice("/app".length))).hasNewEvents).toBe(true);
    expect((await show(second.next.slice("/app".length), {})).status).toBe(401);
    expect((await show("/live?cursor=abc")).status).toBe(400);
  });
});

describe("/app/people", () => {
  const ADDRESS = "marie@one.example";
  const erasures = () => rowsOf<{ id: string }>("SELECT id FROM erasures");
  const send = async (path: string, fields: Record<string, string>) => {
    const answer = await submit(path, { action: "erase", ...fields }, withSession(session));
    return { status: answer.status, location: answer.headers.get("Location") ?? "", html: await answer.text() };
  };
  const field = (html: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";

  it("leads from an id to the person, and lists who has an address", async () => {
    expect((await show("/people?find=a.b")).location).toBe("/app/people/a.b");
    await env.DB.prepare("INSERT INTO other_addresses (person, address) VALUES ('b', ?1)").bind(ADDRESS).run();
    const { html, text } = await show(`/people?find=${ADDRESS.toUpperCase()}`);
    expect(html).toMatch(/href="\/app\/people\/a".*href="\/app\/people\/b"/s);
    expect(text).toContain("What identifies them goes from 2 people, 1 address, 0 messages and 0 events.");
    expect((await show("/people?find=a+b")).html).toMatch(/id="problem-find">Must be an address/);
    expect((await show("/people?find=nobody@one.example")).text).toContain("Nobody with this address is known");
  });

  it("shows what is held, hands all of it out, and erases nobody who is not typed", async () => {
    await logRows(sent("a", "7", 1), { person: "a", type: 10, email: "7", user_agent: PHONE });
    const { html, text } = await show("/people/a");
    expect(text).toMatch(/Address marie@one\.example Messages 1 Sends 1 Opens 1/);
    expect(text).toContain("goes from 1 person, 1 address, 1 message and 2 events");
    const file = await ask("/app/people/a/export", { headers: withSession(session) });
    expect(file.headers.get("Cache-Control")).toBe("no-store");
    expect(file.headers.get("Content-Disposition")).toBe('attachment; filename="person-a.ndjson"');
    expect(JSON.parse(await file.text())).toEqual((await get("/v1/people/export?person=a")).body);
    const key = field(html, "key");
    const refused = await send("/app/people/a", { key, confirmed: "b" });
    expect(refused.status).toBe(400);
    expect(refused.html).toMatch(/id="problem-confirmed">This is not a: nothing was erased/);
    expect([field(refused.html, "key"), await erasures()]).toEqual([key, []]);
  });

  it("erases once, however often the form is sent, and shows how far it is", async () => {
    await logRows(sent("a", "7", 1));
    const { html } = await show("/people/a");
    const fields = { key: field(html, "key"), confirmed: " A " };
    const [first, second] = [await send("/app/people/a", fields), await send("/app/people/a", fields)];
    expect([first.status, second.location]).toEqual([303, first.location]);
    expect(await erasures()).toHaveLength(1);
    const progress = first.location.slice("/app".length);
    await env.DB.prepare("UPDATE erasures SET done_at = NULL, person = 'b', pseudonym = '~erased-1'").run();
    const stopped = environment({ OUTBOX: undefined as unknown as typeof env.OUTBOX });
    const going = await show(progress, undefined, stopped);
    expect([
      going.text.includes("It is stored, and goes on by itself"),
      going.html.includes('data-live-every="3"'),
    ]).toEqual([true, true]);
    const done = await show(progress);
    expect(done.text).toMatch(/It is done.*Events changed 1/);
    expect(done.html).not.toContain("data-live-every");
    expect((await show("/people/a")).text).toContain("Nothing is held about this person");
    expect(await rowsOf("SELECT person FROM events WHERE person = 'a'")).toEqual([]);
  });

  it("erases everybody with an address that is typed", async () => {
    await logRows(sent("a", "7", 1));
    const { html } = await show(`/people?find=${ADDRESS}`);
    const fields = { named: field(html, "named"), key: field(html, "key"), confirmed: ADDRESS };
    expect((await send("/app/people", fields)).status).toBe(303);
    expect(await rowsOf("SELECT person FROM people")).toEqual([]);
  });

  it("is seen by nobody without the scope, and erases nothing by GET or for another site", async () => {
    await logRows(sent("a", "7", 1));
    const { html } = await show("/people/a");
    const fields = { key: field(html, "key"), confirmed: "a" };
    await show(`/people/a?${new URLSearchParams({ action: "erase", ...fields })}`);
    const foreign = { ...withSession(session), Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
    expect((await submit("/app/people/a", { action: "erase", ...fields }, foreign)).status).toBe(403);
    expect(await erasures()).toEqual([]);
    const reader = await readerSession();
    for (const path of ["/people", "/people/a", "/people/a/export", "/people/erasures/x"])
      expect((await show(path, reader)).status, path).toBe(403);
  });
});
