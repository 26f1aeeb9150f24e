import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { keys } from "../marketo/marketo.ts";
import { ask, environment, logOf, newMessage, ORIGIN, settledLogOf, token } from "../worker.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };
const mail = { email: { id: 7 }, person: { id: 1 }, campaign: { id: "autumn" }, html: "<p>Hello</p>" };
const post = (body: unknown, headers: Record<string, string> = KEY) =>
  ask("/v1/decorate", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers,
  });

describe("POST /v1/decorate", () => {
  it("decorates a mail whose pixel, link and headers then work", async () => {
    const message = newMessage();
    const html = '<p><a href="https://shop.example/?a=1&amp;b=2">Shop</a> <a href="{{unsubscribe}}">Stop</a></p>';
    const answer = await post({
      ...mail,
      person: { id: message.person, address: "marie@lavande.example" },
      html,
    });
    expect(answer.status).toBe(200);
    const decorated = await answer.json<{
      html: string;
      message: string;
      headers: Record<string, string>;
      links: { id: string; url: string }[];
      warnings: unknown[];
    }>();
    expect(Object.keys(decorated).sort()).toEqual(["headers", "html", "links", "message", "send", "warnings"]);
    expect(decorated.links).toMatchObject([{ url: "https://shop.example/?a=1&b=2" }]);
    expect(decorated.headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    expect(decorated.headers["X-Waxseal-Message"]).toBe(decorated.message);
    const click = /href="https:\/\/t\.example(\/c\/[^"]+)"/.exec(decorated.html)?.[1] ?? "";
    expect((await ask(click)).headers.get("Location")).toBe("https://shop.example/?a=1&b=2");
    const unsubscribe = /href="https:\/\/t\.example(\/u\/[^"]+)"/.exec(decorated.html)?.[1] ?? "";
    expect(decorated.headers["List-Unsubscribe"]?.replaceAll(" ", "")).toBe(`<https://t.example${unsubscribe}>`);
    expect(await (await ask(unsubscribe)).text()).toContain("@");
  });

  it("decorates another person's copy for this person: what she presses is hers", async () => {
    const [tester, anna] = [newMessage(), newMessage()];
    const html = '<body><a href="https://shop.example/">Shop</a> <a href="{{unsubscribe}}">Stop</a><b>…</b></body>';
    const copyFor = async ({ person }: Message, source: string) => {
      const answer = await post({ ...mail, person: { id: person }, html: source, text: "Stop: {{unsubscribe}}" });
      return await answer.json<{ html: string; warnings: { code: string }[] }>();
    };
    const first = await copyFor(tester, html);
    const second = await copyFor(anna, first.html.replace("…", first.html));
    expect(second.warnings.map(({ code }) => code)).toEqual(["copied"]);
    const pressed = [...second.html.matchAll(/(?:href|src)="https:\/\/t\.example(\/[cou]\/[^"]+)"/g)];
    expect(pressed.length).toBeGreaterThan(4);
    for (const [, path = ""] of pressed) {
      const isForm = path.startsWith("/u/");
      await ask(path, isForm ? { method: "POST", body: new URLSearchParams({ action: "unsubscribe" }) } : {});
    }
    const types = (await settledLogOf(anna.person)).map(({ type }) => type);
    expect(new Set(types)).toEqual(new Set([9, 10, 11]));
    expect(await settledLogOf(tester.person)).toEqual([]);
  });

  it("places the pixel at the top of the body when asked to", async () => {
    const html = "<body><p>Hello</p></body>";
    const placed = async (pixel?: string) =>
      (await (await post({ ...mail, html, pixel })).json<{ html: string }>()).html;
    expect(await placed("top")).toMatch(/^<body><img [^>]*><p>Hello<\/p><\/body>$/);
    expect(await placed("end")).toMatch(/^<body><p>Hello<\/p><img [^>]*><\/body>$/);
    expect(await placed()).toBe(await placed("end"));
  });

  it("points links at TRACKING_ORIGIN when that is set", async () => {
    const answer = await ask(
      "/v1/decorate",
      { method: "POST", body: JSON.stringify(mail), headers: KEY },
      environment({ TRACKING_ORIGIN: "https://links.lavande.example" }),
    );
    expect(await answer.text()).toContain("https://links.lavande.example/o/");
  });

  it("answers the send that it is given, or one of its own, which the message token names", async () => {
    const sends = [
      ["s-1", "s-1"],
      [17, "17"],
      [undefined, expect.stringMatching(/^[0-9a-f]{16}$/)],
    ];
    for (const [send, expected] of sends) {
      const decorated = await (await post({ ...mail, send })).json<{ send: string; message: string }>();
      expect(decorated.send).toEqual(expected);
      expect(verifyToken(keys, "message", decorated.message)).toMatchObject({ value: { send: decorated.send } });
    }
  });

  it("takes ids alone, adds parameters to links, and offers no unsubscription where there is no list", async () => {
    const body = {
      email: 7,
      person: "1",
      campaign: "autumn",
      html: '<a data-link-name="Shop" href="https://shop.example/?a=1#b">Shop</a>',
      utm: { source: "news", medium: "email" },
      unsubscribe: "none",
    };
    const answer = await post(body);
    expect(answer.status).toBe(200);
    const url = "https://shop.example/?a=1&utm_source=news&utm_medium=email#b";
    const { message, ...decorated } = await answer.json<{ message: string }>();
    expect(decorated).toMatchObject({ links: [{ name: "Shop", url }], headers: { "X-Waxseal-Message": message } });
    expect(decorated).not.toHaveProperty("headers.List-Unsubscribe");
  });

  describe("with TRACKING_ORIGINS", () => {
    const BRAND = "https://links.lavande.example";
    const brands = environment({
      TRACKING_ORIGIN: "https://t.group.example",
      TRACKING_ORIGINS: JSON.stringify({ [BRAND]: { name: "Maison Lavande <b>", color: "#5b4b8a" } }),
      SENDER_NAME: "The Group",
    });
    const decorateAt = (origin: string | undefined, around: Env) =>
      ask("/v1/decorate", { method: "POST", body: JSON.stringify({ ...mail, origin }), headers: KEY }, around);

    it.each([
      [undefined, "https://t.group.example"],
      ["https://t.group.example", "https://t.group.example"],
      [BRAND, BRAND],
    ])("points the links of a call with origin %s at %s", async (origin, expected) => {
      const answer = await decorateAt(origin, brands);
      expect(await answer.text()).toContain(`${expected}/o/`);
    });

    it("names the configured origins to a call with another one", async () => {
      const answer = await decorateAt("https://links.lavande.example/", brands);
      expect(answer.status).toBe(400);
      const { error } = await answer.json<{ error: { code: string; field: string; message: string } }>();
      expect(error).toMatchObject({ code: "invalid_field", field: "origin" });
      expect(error.message).toContain(`https://t.group.example, ${BRAND}`);
      expect((await decorateAt(ORIGIN, environment({}))).status).toBe(200);
    });

    it("refuses only calls with an origin when it is wrong", async () => {
      const wrong = environment({ TRACKING_ORIGINS: "https://a.example" });
      expect((await decorateAt(undefined, wrong)).status).toBe(200);
      const answer = await decorateAt(BRAND, wrong);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain("TRACKING_ORIGINS");
      const withoutDefault = environment({ ...brands, TRACKING_ORIGIN: "x" });
      expect((await decorateAt(BRAND, withoutDefault)).status).toBe(200);
      expect((await decorateAt(undefined, withoutDefault)).status).toBe(503);
    });

    it("shows each origin's brand on its pages, and the sender's elsewhere", async () => {
      const path = `/u/${token("unsubscribe", newMessage())}`;
      for (const [at, name, color] of [
        [`${BRAND}${path}`, "Maison Lavande &lt;b&gt;", "#5b4b8a"],
        [`${BRAND}/c/bad`, "Maison Lavande &lt;b&gt;", "#5b4b8a"],
        [`https://t.group.example${path}`, "The Group", "#7a1f2b"],
      ] as const) {
        const text = await (await worker.fetch(new Request(at), brands, createExecutionContext())).text();
        expect(text).toContain(`<bdi>${name}</bdi>`);
        expect(text).toContain(`content="${color}"`);
      }
    });
  });

  it("stores the names of links, without a recipient's query, and writes nothing when they come again", async () => {
    const email = `e-${newMessage().person}`;
    const named = (url: string) => ({ ...mail, email, html: `<a data-link-name="Account" href="${url}">a</a>` });
    for (const url of ["https://shop.example/1?uid=1#a", "https://shop.example/2"]) await post(named(url));
    const { results } = await env.DB.prepare("SELECT url, name FROM links WHERE email = ?").bind(email).all();
    expect(results).toEqual([{ url: "https://shop.example/1", name: "Account" }]);
    await post({ ...mail, email, html: '<a href="https://shop.example/3">b</a>' });
    const count = await env.DB.prepare("SELECT count(*) AS n FROM links WHERE email = ?").bind(email).first("n");
    expect(count).toBe(1);
  });

  it("stores names and address, and writes nothing when they are sent again", async () => {
    const { person } = newMessage();
    const body = {
      ...mail,
      email: { id: `e-${person}`, name: "Autumn letter" },
      person: { id: person, address: " Marie@Lavande.example".trim() },
    };
    await post(body);
    await post(body);
    const name = await env.DB.prepare("SELECT name FROM names WHERE kind = 'email' AND id = ?")
      .bind(`e-${person}`)
      .first();
    expect(name).toEqual({ name: "Autumn letter" });
    const address = await env.DB.prepare("SELECT address FROM people WHERE person = ?").bind(person).first();
    expect(address).toEqual({ address: "marie@lavande.example" });
  });

  it.each([
    ["not JSON", "{", 400, "invalid_json", undefined],
    ["a body that is no object", '"text"', 400, "invalid_field", undefined],
    ["no email", { ...mail, email: undefined }, 400, "missing_field", "email"],
    ["no person id", { ...mail, person: {} }, 400, "missing_field", "person.id"],
    ["an id of a wrong type", { ...mail, person: { id: true } }, 400, "invalid_field", "person.id"],
    ["a fraction as id", { ...mail, campaign: { id: 1.5 } }, 400, "invalid_field", "campaign.id"],
    ["an id with a space", { ...mail, email: { id: "a b" } }, 400, "invalid_field", "email.id"],
    ["an id of 65 characters", { ...mail, email: { id: "x".repeat(65) } }, 400, "invalid_field", "email.id"],
    ["an address without @", { ...mail, person: { id: 1, address: "marie" } }, 400, "invalid_field", "person.address"],
    ["an unknown field", { ...mail, htlm: "" }, 400, "unknown_field", "htlm"],
    ["an unknown field within", { ...mail, person: { id: 1, mail: "" } }, 400, "unknown_field", "person.mail"],
    ["html that is no text", { ...mail, html: 1 }, 400, "invalid_field", "html"],
    ["a tracking that is none of three", { ...mail, tracking: "some" }, 400, "invalid_field", "tracking"],
    ["a pixel that is neither at the top nor the end", { ...mail, pixel: "middle" }, 400, "invalid_field", "pixel"],
    ["an origin that is no text", { ...mail, origin: 1 }, 400, "invalid_field", "origin"],
    ["an unknown parameter", { ...mail, utm: { sources: "a" } }, 400, "unknown_field", "utm.sources"],
    ["an empty parameter", { ...mail, utm: { source: "" } }, 400, "invalid_field", "utm.source"],
    ["an unknown offer", { ...mail, unsubscribe: "no" }, 400, "invalid_field", "unsubscribe"],
    [
      "a placeholder in mail of no list",
      { ...mail, unsubscribe: "none", html: "{{unsubscribe}}" },
      400,
      "invalid_field",
      "unsubscribe",
    ],
    ["neither html nor text", { ...mail, html: undefined }, 400, "missing_field", "html"],
  ])("refuses %s with the field's path", async (_what, body, status, code, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    const { error } = await answer.json<{ error: { code: string; message: string; field?: string } }>();
    expect(error.code).toBe(code);
    expect(error.field).toBe(field);
    expect(error.message.length).toBeGreaterThan(10);
  });

  it("refuses a body over 1 MiB, whether Content-Length says so or not", async () => {
    const large = { ...mail, html: "x".repeat(1024 * 1024) };
    const declared = await post(large);
    expect(declared.status).toBe(413);
    const chunk = new TextEncoder().encode("x".repeat(64 * 1024));
    let chunks = 0;
    const body = new ReadableStream({
      pull: (controller) => (chunks++ < 160 ? controller.enqueue(chunk) : controller.close()),
    });
    const found = await ask("/v1/decorate", { method: "POST", body, headers: KEY });
    expect(found.status).toBe(413);
    expect(await found.json()).toMatchObject({ error: { code: "too_large" } });
  });

  it.each([
    ["no credentials", {}],
    ["a wrong key", { Authorization: "Bearer wxs_dev_tesT" }],
    ["an empty key", { Authorization: "Bearer " }],
    ["another scheme", { Authorization: "Basic wxs_dev_test" }],
  ])("refuses %s", async (_what, headers) => {
    const answer = await post(mail, headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
    expect(await answer.json()).toMatchObject({ error: { code: "unauthorized" } });
  });

  it("refuses other methods and paths in its own form", async () => {
    const wrongMethod = await ask("/v1/decorate", { headers: KEY });
    expect(wrongMethod.status).toBe(405);
    expect(wrongMethod.headers.get("Allow")).toBe("POST");
    const wrongPath = await ask("/v1/decorat", { method: "POST", headers: KEY });
    expect(await wrongPath.json()).toMatchObject({ error: { code: "not_found" } });
  });

  it("does not answer with a mail whose address it could not store", async () => {
    const batch = () => Promise.reject(new Error("D1_ERROR: overloaded"));
    const answer = await ask(
      "/v1/decorate",
      {
        method: "POST",
        headers: KEY,
        body: JSON.stringify({ ...mail, person: { id: 1, address: "a@b.example" } }),
      },
      environment({ DB: { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database }),
    );
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: "storage_unavailable" } });
  });

  it("logs nothing: decorating is not sending", async () => {
    const { person } = newMessage();
    await post({ ...mail, person: { id: person } });
    expect(await logOf(person)).toEqual([]);
  });
});
