/** The click map: the frame of an email, and the table of its links. */
import { beforeAll, describe, expect, it } from "vitest";
import { emailFrame, frameLinks, type LinkCount } from "../../src/dashboard/email-frame.ts";
import { cleanHtml } from "../../src/sending/source/clean.ts";
import { ATTACKS, dangersIn } from "../sending/attacks.ts";
import { ask } from "../worker.ts";
import { signedIn, withSession } from "./browser.ts";

const clean = (html: string) => {
  const cleaned = cleanHtml(html, { pictures: false, personal: { person: {}, parameters: [] } });
  if (!cleaned.ok) throw new Error(cleaned.reason);
  return cleaned.value;
};
const link = (id: string, inside = "x") => `<a href="#waxseal-link-${id}">${inside}</a>`;
const count = (id: string, people: number, more: Partial<LinkCount> = {}): LinkCount => ({
  id,
  url: `https://shop.example/${id}?a=1&b=<2>`,
  clicks: people * 2,
  people,
  peopleShare: people / 10,
  ...more,
});
const bodyOf = (html: string) => html.slice(html.indexOf("<body"), html.indexOf("<aside"));

describe("the frame of an email", () => {
  it("has a badge in each link, however often the link occurs, and a note for each", () => {
    const html = clean(`<p>${link("a")} ${link("b", "<img alt='Hats'>")} ${link("a", "again")}</p>`);
    const frame = emailFrame(html, [count("a", 10), count("b", 1, { name: "Hats & <b>caps</b>" })]);
    const badge = (heat: number, label: string, text: string) =>
      `<span class="waxseal-badge waxseal-heat-${heat}" role="img" aria-label="${label}">${text}</span>`;
    const all = badge(5, "Link 1: 10 people, 100% of those who clicked", "100% · 10");
    const few = badge(1, "Link 2: 1 person, 10.0% of those who clicked", "10.0% · 1");
    expect(bodyOf(frame)).toContain(
      `<p><a href="#waxseal-note-a" id="waxseal-link-a">${all}x</a> ` +
        `<a href="#waxseal-note-b" id="waxseal-link-b">${few}<img alt="Hats"></a> ` +
        `<a href="#waxseal-note-a">${all}again</a></p>`,
    );
    const [, , noteOfB = ""] = frame.split("<aside");
    expect(noteOfB).toContain("2. Hats &amp; &lt;b&gt;caps&lt;/b&gt;");
    expect(noteOfB).toContain("https://shop.example/b?a=1&amp;b=&lt;2&gt;");
    expect(noteOfB).toContain("1 person, 10.0% of those who clicked · 2 clicks");
    expect(frameLinks(html, [])).toMatchObject([
      { id: "a", number: 1, text: "x" },
      { id: "b", number: 2, text: "Hats" },
    ]);
  });

  it("puts the badge of an area beside its picture, where the area is", () => {
    const map = (coords: string) => `<map name=m><area shape=poly coords="${coords}" href="#waxseal-link-a"></map>`;
    const frame = bodyOf(emailFrame(clean(`<img usemap="#m" src=x>${map("90,20 40,60 95,70")}`), [count("a", 1)]));
    expect(frame).toMatch(
      /<a class="waxseal-spot" href="#waxseal-note-a" style="margin:20px 0 0 40px!important" id="waxseal-link-a"><span/,
    );
    expect(frame).toMatch(/<area [^>]*alt="Link 1: 1 person, [^>]*tabindex="-1"/);
    expect(frame.indexOf("waxseal-spot")).toBeLessThan(frame.indexOf("<img"));
  });

  it("lists links that no element shows", () => {
    const vml = '<!--[if mso]><v:rect href="#waxseal-link-a"></v:rect><![endif]-->';
    const frame = emailFrame(clean(`${vml}<p>${link("b")}</p><svg><a href="#waxseal-link-c">x</a></svg>`), [
      count("a", 1),
    ]);
    expect(frame).toMatch(
      /<li>Links that only some[^<]*<\/li><li><a [^>]*id="waxseal-link-a">.*https:\/\/shop.example\/a/,
    );
    expect(frame).toMatch(/id="waxseal-link-c">.*Link 3<\/a>/);
  });

  it.each(ATTACKS)("has nothing of its own in it that %s could use", (_what, html) => {
    const frame = emailFrame(clean(`${html}<p>${link("0a1b2c3d")}</p>`), [count("0a1b2c3d", 1)]);
    expect(dangersIn(frame.replace("<title>Links of the email</title>", ""))).toEqual([]);
    expect(frame).toContain('id="waxseal-link-0a1b2c3d"');
  });
});

describe("the click map of an email", () => {
  let session = "";
  const get = (path: string) => ask(path, { headers: withSession(session) });
  const email = "click-map";
  let id = "";
  beforeAll(async () => {
    session = await signedIn();
    const html =
      '<p>Dear Marie, <a href="https://shop.example/hats">Hats</a> <a href="https://shop.example/">All</a></p>';
    const answer = await ask("/v1/decorate", {
      method: "POST",
      headers: { Authorization: "Bearer wxs_dev_test" },
      body: JSON.stringify({ email, person: 7, campaign: 1, html, keepSource: true }),
    });
    const copy = await answer.json<{ html: string; links: { id: string }[] }>();
    id = copy.links[0]?.id ?? "";
    const [, path = ""] = /href="https:\/\/t\.example(\/c\/[^"]+)"/.exec(copy.html) ?? [];
    expect((await ask(path)).status).toBe(302);
  });

  it("is a frame without scripts, and a table whose rows lead to it", async () => {
    await expect.poll(async () => await (await get(`/app/emails/${email}/clicks`)).text()).toContain("100%");
    const page = await (await get(`/app/emails/${email}/clicks`)).text();
    expect(page).toContain(`sandbox="" title="The email, with a badge at each link" src="/app/emails/${email}/source"`);
    expect(page).toContain(
      `<a href="/app/emails/${email}/source#waxseal-link-${id}" target="click-map" dir="auto">1. Hats</a>`,
    );
    const frame = await get(`/app/emails/${email}/source?pictures=1`);
    expect(frame.headers.get("Content-Security-Policy")).toBe(
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; " +
        "base-uri 'none'; frame-ancestors 'self'",
    );
    expect(await frame.text()).toContain("1 person, 100% of those who clicked");
  });

  it("says how to keep the HTML where none is kept", async () => {
    expect(await (await get("/app/emails/unknown/clicks")).text()).toContain("keepSource");
    expect((await get("/app/emails/unknown/source")).status).toBe(404);
  });
});
