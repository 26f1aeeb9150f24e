import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Message } from "../../src/tokens/claims.ts";
import { ask, environment, logOf, newMessage, settledLogOf } from "../worker.ts";

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
    expect(Object.keys(decorated).sort()).toEqual(["headers", "html", "links", "message", "warnings"]);
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
