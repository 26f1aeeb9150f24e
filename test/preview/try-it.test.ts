/** "Try it" on a developer's machine: signing in, the page, and its emails. */
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { addDashboard } from "../../src/dashboard/index.ts";
import { OwnTag } from "../../src/dashboard/own-mail.tsx";
import type { Visit } from "../../src/dashboard/visit.ts";
import { sampleHistory } from "../../src/dev/sample/history.ts";
import { MAILINGS } from "../../src/dev/sample/mailings.ts";
import { newReaderId, readerOf, SAMPLE_CAMPAIGN, SAMPLE_EMAIL, SAMPLE_HISTORY } from "../../src/preview/index.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { sessionOf, sessionOfClient, signedIn, submit, withSession } from "../dashboard/browser.ts";
import { attributeOf, elementsOf, pageOf, ShownPage, shownPage, textOf } from "../dashboard/page.ts";
import { logRows, newClient } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { MARKING } from "../reports/policy.ts";
import { ask, environment, logOf, ORIGIN, PHONE } from "../worker.ts";

/** Of events that a report marks. */
const AT = Date.UTC(2026, 10, 20);
const FeedPage = v.array(v.object({ id: v.string(), type: v.string(), visitor: v.object({ isBot: v.boolean() }) }));

const emailFor = (person: string, more: Record<string, string> = {}) =>
  ask(`/preview/email?${new URLSearchParams({ person, ...more })}`);
const paste = (fields: Record<string, string>) => submit("/preview/email", { person: newReaderId(), ...fields });
const pathIn = (html: string, kind: "o" | "c") => new RegExp(`"https://t[.]example(/${kind}/[^"]+)"`).exec(html)?.[1];
/** A page of whoever reads it, and their id. */
async function newPage() {
  const token = await signedIn();
  const answer = await ask("/app/try", { headers: withSession(token) });
  const path = answer.headers.get("Location") ?? "";
  return { token, path, reader: path.split("=")[1] ?? "" };
}

describe("on a developer's machine", () => {
  it("the address of the Worker signs in, once, and leads to the page", async () => {
    const answer = await ask("/");
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/app/try"]);
    const token = sessionOf(answer) ?? "";
    const again = await ask("/", { headers: withSession(token) });
    expect([again.status, sessionOf(again)]).toEqual([303, undefined]);
    const page = await ask("/app/try", { headers: withSession(token) });
    expect([page.status, page.headers.get("Location")]).toEqual([303, expect.stringMatching(/\?reader=\d{1,9}$/)]);
  });

  it("is a page for those who may see its key, and is in their navigation", async () => {
    const { path, reader, token } = await newPage();
    const shown = await shownPage(path, token);
    expect(shown.text("h1")).toBe("Try it");
    expect(shown.links.get("Try it")).toBe("/app/try");
    expect(shown.html).toContain("Authorization: Bearer wxs_dev_test");
    expect(shown.html).toContain(readerOf(reader)?.address);
    const { client } = await newClient("send");
    const reading = await sessionOfClient(client, ["send"]);
    const refused = await shownPage(path, reading);
    expect([refused.status, refused.html.includes("wxs_dev_test"), refused.links.has("Try it")]).toEqual([
      403,
      false,
      false,
    ]);
  });

  it("is somebody new on each visit, and somebody again at their address", async () => {
    const { path, token } = await newPage();
    expect((await newPage()).path).not.toBe(path);
    expect((await ask(path, { headers: withSession(token) })).status).toBe(200);
    for (const reader of ["", "<b>", "1234567890"])
      expect((await ask(`/app/try?reader=${reader}`, { headers: withSession(token) })).status).toBe(303);
  });

  it("shows what happened to the reader, and the newest message on top as the developer's own", async () => {
    const { path, reader, token } = await newPage();
    const html = await (await emailFor(reader, { images: "1" })).text();
    await ask(pathIn(html, "o") ?? "");
    await ask(pathIn(html, "c") ?? "");
    await expect.poll(async () => (await logOf(reader)).map(({ type }) => type)).toEqual([10, 11]);
    const page = await pageOf(await ask(path, { headers: withSession(token) }));
    const events = elementsOf(page, "p").filter((each) => attributeOf(each, "class") === "event-what");
    expect(events.map(textOf)).toEqual([
      expect.stringContaining("A person clicked"),
      expect.stringContaining("A person opened"),
    ]);
    const steps = elementsOf(page, "span").filter((each) => attributeOf(each, "class") === "step-count");
    expect(steps.map(textOf)).toEqual(["1 events", "1 events", "0 events", "0 events"]);
    for (const [at, caption] of [
      ["/app/messages", "Messages, newest first"],
      ["/app", "Latest campaigns"],
    ] as const) {
      const [first] = (await shownPage(at, token)).table(caption);
      expect([at, Object.values(first ?? {})[0]]).toEqual([at, expect.stringContaining("Yours")]);
    }
  });

  it("replaces the line of an event that a report marks anew: one open and three clicks stay that", async () => {
    const { path, reader, token } = await newPage();
    const message = { email: SAMPLE_EMAIL.id, campaign: SAMPLE_CAMPAIGN.id, person: reader };
    const links = ["a", "b", "c"].map((link) => ({ type: 11, link_id: link, link: `https://example.com/${link}` }));
    await logRows(...[{ type: 10 }, ...links].map((row) => ({ ...row, ...message, at: AT, user_agent: PHONE })));
    const followed = new Map<unknown, string>();
    const follow = async (cursor: string) => {
      const { body } = await get(`/v1/events?type=opened,clicked&person=${reader}&bots=include${cursor}`);
      for (const { id, type, visitor } of v.parse(FeedPage, body.data)) followed.set(id, `${type} ${visitor.isBot}`);
      return `&cursor=${body.next}`;
    };
    const shown = async () => {
      const page = await pageOf(await ask(path, { headers: withSession(token) }));
      const steps = elementsOf(page, "span").filter((each) => attributeOf(each, "class") === "step-count");
      const events = elementsOf(page, "p").filter((each) => attributeOf(each, "class") === "event-what");
      const visits = events.map(textOf).filter((text) => /opened|clicked/.test(text));
      return [...steps.slice(0, 2).map(textOf), visits.length, visits.filter((text) => /person/.test(text)).length];
    };
    const cursor = await follow("");
    expect(await shown()).toEqual(["1 events", "3 events", 4, 4]);
    expect([...followed.values()]).toEqual(["opened false", ...Array(3).fill("clicked false")]);
    await logRows({ type: 7, ...message, at: AT });
    await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
    await follow(cursor);
    expect(await shown()).toEqual(["1 events", "3 events", 4, 0]);
    expect([...followed.values()]).toEqual(["opened true", ...Array(3).fill("clicked true")]);
  });

  it("calls the mailings of the sample history by their ids, and all of its messages older than 12 hours", () => {
    const ids = (by: "email" | "campaign") => [...new Set(MAILINGS.map((mailing) => String(mailing[by].id)))].sort();
    expect({ email: ids("email"), campaign: ids("campaign") }).toEqual(SAMPLE_HISTORY);
    for (const now of ["2026-11-29T00:00:01Z", "2026-11-29T07:59:59Z", "2026-11-29T23:59:59Z"]) {
      const nowMs = Date.parse(now);
      const sends = sampleHistory(nowMs).reports.filter(({ type }) => type === "sent");
      expect(Math.max(...sends.map(({ at }) => Date.parse(at)))).toBeLessThan(nowMs - 12 * 3_600_000);
    }
  });

  it("goes on calling yours what you sent the day before", () => {
    const visit = { nowMs: Date.parse("2026-11-29T12:00:00Z"), developersKey: "wxs_dev_test" } as Visit;
    const sentAt = "2026-11-27T12:00:00Z";
    const isMarked = (id: string) => OwnTag({ visit, by: "email", id, sentAt }) !== null;
    expect([isMarked("1042"), isMarked("2005")]).toEqual([true, false]);
  });

  it.each([
    ["the sample email", {}, "1042"],
    ["the email that was pasted", { html: "<p>Mine" }, "1043"],
  ])("unsubscribes from %s as a mail client does, by its own header, and says so", async (_name, fields, email) => {
    const person = newReaderId();
    for (let time = 0; time < 2; time++) {
      const answer = await submit("/preview/unsubscribe", { person, ...fields });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining("has unsubscribed")]);
    }
    expect(await logOf(person)).toMatchObject([{ type: 9, detail: expect.stringContaining("one_click") }]);
    const { results } = await env.DB.prepare("SELECT email FROM events WHERE person = ?").bind(person).all();
    expect(results).toEqual([{ email }]);
  });

  it("says that nobody is unsubscribed where the answer refuses", async () => {
    const batch = () => Promise.reject(new Error("D1_ERROR: overloaded"));
    const DB = { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database;
    const around = environment({ DB });
    const answer = await submit("/preview/unsubscribe", { person: newReaderId() }, {}, around);
    expect([answer.status, await answer.text()]).toEqual([502, expect.stringContaining("is not unsubscribed")]);
  });

  it("says above the frame which email is in it", async () => {
    const { path, token } = await newPage();
    const sample = await shownPage(path, token);
    expect(sample.all("h2").map(textOf)).toContain("The last harvest is in");
    const own = await shownPage(sample.links.get("Paste an email of your own") ?? "", token);
    expect(own.all("h2").map(textOf)).toContain("An email of your own");
    expect(own.html).not.toMatch(/Maison Lavande/);
  });

  it("waits with the answer of whether there is something new, and says it as it comes", async () => {
    const { path, reader, token } = await newPage();
    const html = await (await ask(path, { headers: withSession(token) })).text();
    const [, follow = ""] = /data-live="([^"]+)"/.exec(html) ?? [];
    const coming = ask(follow.replaceAll("&amp;", "&"), { headers: withSession(token) });
    await ask(pathIn(await (await emailFor(reader)).text(), "c") ?? "");
    expect(await (await coming).json()).toMatchObject({ hasNewEvents: true, more: true });
  });
});

describe("an email of the page", () => {
  it("holds its images back until they are asked for, and may run and load nothing else", async () => {
    const answer = await emailFor("7");
    const html = await answer.text();
    expect(html).toContain('<base target="_blank">');
    expect(html).toMatch(/<img [^>]*alt="The field/);
    expect(html).not.toMatch(/<img [^>]*src=/);
    expect(answer.headers.get("Content-Security-Policy")).toContain("img-src 'none'");
    const csp = (await emailFor("7", { images: "1" })).headers.get("Content-Security-Policy")?.split("; ");
    expect(csp).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        `img-src ${ORIGIN} data:`,
        "sandbox allow-popups allow-popups-to-escape-sandbox",
      ]),
    );
    expect(csp?.join()).not.toContain("script-src");
  });

  it("may be one's own, which opens links outside and runs nothing", async () => {
    const answer = await paste({ html: "<!doctype html><p><a href='https://example.com/a'>A</a><script>x()</script>" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Security-Policy")).not.toContain("script-src");
    const html = await answer.text();
    expect(html).toMatch(/^<!doctype html><base target="_blank"><p>/);
    expect((await ask(pathIn(html.replaceAll("'", '"'), "c") ?? "")).status).toBe(302);
    const elsewhere = await paste({ html: "<p><a href='https://example.com/a'>A</a>", origin: "https://b.example" });
    expect(await elsewhere.text()).toContain("https://b.example/c/");
  });

  it.each([
    ["origin", { origin: "https://t.example/x" }],
    ["origin", { origin: "https://t.example; script-src *" }],
    ["origin", { origin: 'https://"><script>' }],
    ["person", { person: "" }],
    ["person", { person: "<b>" }],
  ])("with a wrong %s is refused: %j", async (field, wrong) => {
    for (const answer of [await emailFor("7", wrong), await paste({ html: "<p>x</p>", ...wrong })]) {
      expect(answer.status).toBe(400);
      expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
      expect(await answer.text()).toContain(field);
    }
  });

  it("is refused as a body that is no form, or too long a one", async () => {
    expect((await ask("/preview/email", { method: "POST", body: "{}" })).status).toBe(415);
    expect((await paste({ html: "x".repeat(2_200_000) })).status).toBe(413);
  });

  it("is there while the database is not", async () => {
    const batch = () => Promise.reject(new Error("D1_ERROR: overloaded"));
    const DB = { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database;
    expect((await ask("/preview/email?person=7", {}, environment({ DB }))).status).toBe(200);
  });
});

it("and the machine's key are on no page of a Worker built without it, whatever ENVIRONMENT says", async () => {
  const built = new Hono<{ Bindings: Env }>();
  addDashboard(built);
  const shown = async (path: string, headers: HeadersInit = {}) => {
    const answer = await built.fetch(new Request(ORIGIN + path, { headers }), env, createExecutionContext());
    return new ShownPage(answer.status, await answer.text());
  };
  const page = await shown("/app/exports", withSession(await signedIn()));
  expect([page.text("h1"), page.links.has("Health"), page.links.has("Try it")]).toEqual(["Exports", true, false]);
  const signIn = await shown("/app/sign-in");
  expect([signIn.text("h1"), signIn.html.includes("wxs_dev_test")]).toEqual(["Sign in", false]);
});

describe("in production", () => {
  const API_KEYS = "wxs_0123456789abcdefghijklmnopqrstuv";
  const TOKEN_KEYS = "1:Iuy4o_jRCJUShlqBSxFi2VKCvqFAWyAYMPVb8bnas4c";
  const production = environment({ ENVIRONMENT: "production", TOKEN_KEYS, API_KEYS });

  it.each(["/", "/preview/email?person=7", "/preview/visits"])("%s is not there", async (path) => {
    const answer = await ask(path, {}, production);
    expect([answer.status, await answer.text()]).toEqual([404, "There is nothing here.\n"]);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  it("the page is not there, nor in the navigation, nor does anything wait", async () => {
    const session = withSession(sessionOf(await submit("/app/sign-in", { key: API_KEYS }, {}, production)) ?? "");
    const page = await ask("/app/try?reader=7", { headers: session }, production);
    const html = await page.text();
    expect([page.status, html.includes("Try it"), html.includes(API_KEYS)]).toEqual([404, false, false]);
    expect((await submit("/preview/unsubscribe", { person: "7" }, {}, production)).status).toBe(404);
    const live = await ask("/app/live?cursor=end&held=1", { headers: session }, production);
    expect(await live.json()).toMatchObject({ hasNewEvents: false, more: false });
  });
});
