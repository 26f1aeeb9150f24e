import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { settingsOf } from "../../src/config/settings.ts";
import { runScheduledWork } from "../../src/scheduled.ts";
import { cleanHtml } from "../../src/sending/source/clean.ts";
import { deleteOldSources, keepSource } from "../../src/sending/source/keep.ts";
import { compile } from "../../src/waxseal.ts";
import { keys } from "../marketo/marketo.ts";
import { erase } from "../privacy/people-world.ts";
import { ask, environment } from "../worker.ts";
import { ATTACKS, dangersIn, picturesIn } from "./attacks.ts";

const DAY_MS = 86_400_000;
const KEY = { Authorization: "Bearer wxs_dev_test" };
const post = (path: string, body: unknown, around?: Env) =>
  ask(path, { method: "POST", body: JSON.stringify(body), headers: KEY }, around);
const sourceOf = async (email: string, query = "") =>
  await (await ask(`/v1/emails/${email}/source${query}`, { headers: KEY })).text();
const writesOf = () => vi.spyOn(env.EMAIL_SOURCES, "put");

afterEach(() => vi.restoreAllMocks());

describe("keepSource", () => {
  it("keeps the HTML that was decorated last, once, with the ids of its links", async () => {
    const decorate = async (html: string, more: object = {}) => {
      const body = { email: "kept", person: 7, campaign: 1, html, keepSource: true, ...more };
      return (await (await post("/v1/decorate", body)).json<{ links: { id: string }[] }>()).links;
    };
    const html = '<p>One <a href="https://shop.example/?a=1">Shop</a> <a href="https://shop.example/?a=1">Shop</a></p>';
    const put = writesOf();
    const [one, two] = await decorate(html);
    await decorate(html, { person: 8 });
    expect(put).toHaveBeenCalledTimes(1);
    expect(await sourceOf("kept")).toContain(
      `<p>One <a href="#waxseal-link-${one?.id}">Shop</a> <a href="#waxseal-link-${two?.id}">Shop</a></p>`,
    );
    await decorate("<p>Two</p>");
    await decorate("<p>Three</p>", { keepSource: undefined });
    expect(await sourceOf("kept")).toContain("<p>Two</p>");
    const answer = await ask("/v1/emails/kept/source?pictures=1", { headers: KEY });
    expect(answer.headers.get("Content-Security-Policy")).toMatch(
      /^sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:;/,
    );
    expect((await ask("/v1/emails/never/source", { headers: KEY })).status).toBe(404);
  });

  it("keeps the template of a batch, whose placeholders nobody's values have filled", async () => {
    const html = '<p>Dear {{name}}, <a href="https://a.example/?reader={{id}}">read</a> {{unsubscribe}}</p>';
    const recipients = [1, 2].map((person) => ({ person, variables: { name: `Name ${person}`, id: person } }));
    const put = writesOf();
    await (
      await post("/v1/decorate/batch", { email: "batch", campaign: 1, html, recipients, keepSource: true })
    ).text();
    expect(put).toHaveBeenCalledTimes(1);
    expect(await sourceOf("batch")).toMatch(
      /<p>Dear \{\{name\}\}, <a href="#waxseal-link-[0-9a-f]{8}">read<\/a> \{\{unsubscribe\}\}<\/p>/,
    );
  });

  it("keeps what the library describes, and HTML as it is", async () => {
    const html = '<a href="https://a.example/?r={{r}}">read</a>';
    const template = compile(html, { keys: keys, origin: "https://t.example", variables: true });
    const described = template.describe({ email: "lib", keepSource: true });
    const answer = await post("/v1/emails", described);
    expect(await answer.json()).toEqual({ email: { id: "lib" }, links: 1, isSourceKept: true });
    await post("/v1/emails", { email: "raw", html });
    const shown = await sourceOf("lib");
    expect(shown).toContain(`<a href="#waxseal-link-${template.links[0]?.id}">read</a>`);
    expect(await sourceOf("raw")).toBe(shown);
    const report = await ask("/v1/reports/links?email=raw", { headers: KEY });
    expect(await report.json()).toMatchObject({ data: [{ id: template.links[0]?.id }] });
  });

  it("answers the copy all the same when R2 is out of reach, and keeps the next one", async () => {
    const body = { email: "later", person: 7, campaign: 1, html: "<p>Later</p>", keepSource: true };
    const put = () => Promise.reject(new Error("R2 is down"));
    const broken = Object.assign(Object.create(env.EMAIL_SOURCES), { put });
    expect((await post("/v1/decorate", body, environment({ EMAIL_SOURCES: broken }))).status).toBe(200);
    expect((await post("/v1/emails", { email: 7, html: "x" }, environment({ EMAIL_SOURCES: broken }))).status).toBe(
      503,
    );
    await post("/v1/decorate", body);
    expect(await sourceOf("later")).toContain("Later");
  });

  it("writes copies that all differ twenty times an hour, and again in the next", async () => {
    const put = writesOf();
    const keep = (name: string, nowMs: number) =>
      keepSource(env, {
        email: "names",
        html: `Dear ${name}`,
        personal: { person: { id: name }, parameters: [] },
        nowMs,
      });
    for (let n = 0; n < 30; n++) await keep(`n${n}`, 1_000 + n);
    expect(put).toHaveBeenCalledTimes(20);
    expect(await sourceOf("names")).toContain("Dear n19");
    expect(await keep("n20", 3_600_000)).toBe("kept");
  });
});

describe("a kept source", () => {
  const at = (nowMs: number, email: string, id?: string) =>
    keepSource(env, { email, html: "<p>Dear Marie Dupont</p>", personal: { person: { id }, parameters: [] }, nowMs });
  const isKept = async (email: string) => (await ask(`/v1/emails/${email}/source`, { headers: KEY })).status === 200;

  it("goes with the person whose copy it is", async () => {
    await at(Date.now(), "hers", "marie-1");
    await at(Date.now(), "his", "jean-1");
    await erase({ person: "marie-1" });
    expect([await isKept("hers"), await isKept("his")]).toEqual([false, true]);
    await at(Date.now(), "hers", "marie-1");
    expect(await isKept("hers")).toBe(true);
  });

  it("goes after the days of retention, and comes again", async () => {
    const now = Date.now();
    const emails = Array.from({ length: 130 }, (_, index) => `old-${index}`);
    await Promise.all(emails.map((email) => at(now - 91 * DAY_MS, email)));
    await at(now - 89 * DAY_MS, "young");
    const settings = settingsOf(environment({ RETENTION_DAYS: "90" }));
    if (!settings.ok) throw new Error(settings.reason.join(" "));
    await runScheduledWork(env, settings.value);
    expect([await isKept("old-0"), await isKept("old-129"), await isKept("young")]).toEqual([false, false, true]);
    expect(await at(now, "old-0")).toBe("kept");
    expect(await isKept("old-0")).toBe(true);
  });

  it.each(["put", "delete"] as const)("is written again after somebody else's %s came between", async (between) => {
    const email = `race-${between}`;
    const other = `<p>other</p>`;
    const whileWriting = async () => {
      if (between === "delete") await deleteOldSources(env, Date.now() + DAY_MS);
      else await keepSource(env, { email, html: other, personal: { person: {}, parameters: [] }, nowMs: Date.now() });
    };
    const put = env.EMAIL_SOURCES.put.bind(env.EMAIL_SOURCES);
    vi.spyOn(env.EMAIL_SOURCES, "put").mockImplementationOnce(async (...written: Parameters<typeof put>) => {
      await whileWriting();
      return await put(...written);
    });
    await at(Date.now(), email);
    expect(await at(Date.now(), email)).toBe("kept");
    expect(await at(Date.now(), email)).toBe("unchanged");
    expect(await sourceOf(email)).toContain("Dear Marie Dupont");
  });
});

describe("what is personal", () => {
  it.each([
    ["the recipient's address", "<p>Sent to Marie@Example.com.</p>", /<p>Sent to …\.?<\/p>/],
    ["any address", '<img alt="ask paul@b.example" width="9">', /alt="ask …"/],
    ["a long id", "<p>You are customer-123456, not xcustomer-123456x</p>", /<p>You are …, not xcustomer-123456x<\/p>/],
    ["a link that opts out", '<a data-no-track href="https://a.example/?u=customer-123456">x</a>', /<a>x<\/a>/],
    ["mailto", '<a href="mailto:paul@b.example">x</a>', /<a>x<\/a>/],
    [
      "personal parameters in words",
      "<p>https://a.example/?x=1&amp;uid=7f3a&amp;y=2</p>",
      /\?x=1&amp;uid=…&amp;y=2<\/p>/,
    ],
    [
      "personal parameters of pictures",
      '<img src="https://a.example/i.png?uid=7&amp;w=2">',
      /src="https:\/\/a.example\/i.png\?w=2"/,
    ],
    ["the address in a picture's path", '<img src="https://a.example/marie%40example.com.png">', /<img>/],
    ["a picture for good screens", '<img src="https://a.example/a@2x.png">', /src="https:\/\/a.example\/a@2x.png"/],
    ["another tracker's pixel", '<p><img src="https://a.example/o.gif" width="1" height="1"></p>', /<p><\/p>/],
    ["what comments say", "<p>a<!-- Marie Dupont -->b</p>", /<p>ab<\/p>/],
    ["what style sheets say", "<style>/* marie@example.com */p{color:red}</style>", /<style> p\{color:red\}<\/style>/],
    ["an address in two elements", "<p><b>marie</b>@example.com</p>", /<b>marie<\/b>…example\.com/],
    ["one that may wrap", "<p>marie@<wbr>example.com</p>", /marie…/],
    ["one in three", "<p>marie<i>@</i>example.com</p>", /marie<i>…<\/i>example\.com/],
    ["one with a wide at sign", "<p>marie＠example.com x</p>", /<p>… x<\/p>/],
    ["one with unseen characters", "<p>marie\u200b@\u2060example.com x</p>", /<p>… x<\/p>/],
    ["one with a quoted name", '<p>"marie d"@example.com x</p>', /<p>… x<\/p>/],
    ["one in a style", `<p style="content:'marie@example.com'">a</p>`, />a<\/p>/],
    ["one as a class", '<p class="marie@example.com">a</p>', /<p class="…">a<\/p>/],
    ["a token that no key verifies", `<p>https://t.example/c/${"A".repeat(40)} x</p>`, /<p>… x<\/p>/],
  ])("goes: %s", async (what, html, expected) => {
    const person = { id: "customer-123456", address: "marie@example.com" };
    const around = environment({ PERSONAL_PARAMETERS: "uid" });
    const email = what.replaceAll(/[^a-z]/g, "-");
    await post("/v1/decorate", { email, person, campaign: 1, html, keepSource: true }, around);
    const shown = await sourceOf(email, "?pictures=1");
    expect(shown).toMatch(expected);
    const object = await env.EMAIL_SOURCES.get(`${email}.html`);
    expect(await object?.text()).not.toMatch(
      /marie@|marie\u200b?＠|marie d"|(?<!x)customer-123456|\/[cou]\/[\w-]{24}/i,
    );
  });
});

describe("an email that tries to break out", () => {
  const clean = (html: string, pictures: boolean) => {
    const cleaned = cleanHtml(html, { pictures, personal: { person: {}, parameters: [] } });
    if (!cleaned.ok) throw new Error(cleaned.reason);
    return cleaned.value;
  };
  it.each(ATTACKS)("has nothing left of %s", (what, attack) => {
    const html = `<p>Before</p>${attack}<p>After <a href="#waxseal-link-0a1b2c3d">link</a></p>`;
    const shown = clean(html, false);
    expect(dangersIn(shown)).toEqual([]);
    expect(picturesIn(shown)).toEqual([]);
    expect(shown).toContain('href="#waxseal-link-0a1b2c3d"');
    expect(clean(shown, false), what).toBe(shown);
    const withPictures = clean(html, true);
    expect(dangersIn(withPictures)).toEqual([]);
    expect(
      picturesIn(withPictures).filter((address) => !/^(?:"|&quot;)?https:\/\/attacker\.example\/\w/.test(address)),
    ).toEqual([]);
  });

  it.each([
    ["elements too deep in each other", "<div>".repeat(2_000)],
    ["too many elements", "<b></b>".repeat(100_001)],
    ["elements that the parser makes anew", `<p>${numbered("<b id=", 400)}${"<p>x".repeat(400)}`],
  ])("is refused for %s", async (_what, html) => {
    expect(cleanHtml(html, { pictures: true, personal: { person: {}, parameters: [] } }).ok).toBe(false);
    expect((await post("/v1/emails", { email: 7, html })).status).toBe(400);
  });
});

function numbered(tag: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${tag}${index}>`).join("");
}
