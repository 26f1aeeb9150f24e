/** Wrong bodies on /v1: an error that names the field and the reason, and nothing stored. */
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { failureIn } from "../../src/http/body.ts";
import { ask } from "../worker.ts";
import { NOTHING, storedBy } from "./stored.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };
const mail = { email: { id: 7 }, person: { id: 1 }, campaign: { id: 42 }, html: "<p>Hello</p>" };
const MAIL = JSON.stringify(mail);

const post = (body: BodyInit, path = "/v1/decorate", headers: Record<string, string> = {}) =>
  ask(path, { method: "POST", body, headers: { ...KEY, ...headers } });

interface ApiErrorBody {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

async function errorOf(answer: Response): Promise<ApiErrorBody> {
  expect(answer.headers.get("Content-Type")).toMatch(/^application\/json/);
  const { error } = await answer.json<{ error: ApiErrorBody }>();
  expect(error.message).not.toMatch(/\n|\.[jt]s\b|D1_|SQLITE|but received/);
  expect(error.message.length).toBeLessThan(300);
  return error;
}

/** An email as JSON text, with some fields replaced. */
const with_ = (part: string, replacement: string) => MAIL.replace(part, replacement);

const utf16 = (text: string) => new Uint8Array([...text].flatMap((letter) => [letter.charCodeAt(0), 0]));

describe("a body that is not JSON", () => {
  const bodies: [string, BodyInit][] = [
    ["nothing", ""],
    ["a brace", "{"],
    ["a form", "email=7"],
    ["a trailing comma", with_("}", "},")],
    ["single quotes", MAIL.replaceAll('"', "'")],
    ["a comment", `/* */${MAIL}`],
    ["NaN", with_("7", "NaN")],
    ["a hexadecimal number", with_("7", "0x7")],
    ["a number with a leading zero", with_("7", "007")],
    ["a raw NUL in a text", with_("Hello", "Hel\0lo")],
    ["a raw line break in a text", with_("Hello", "Hel\nlo")],
    ["two documents", MAIL + MAIL],
    ["brackets nested 100,000 deep and never closed", "[".repeat(100_000)],
    ["objects nested 50,000 deep and never closed", '{"a":'.repeat(50_000)],
    ["UTF-16", utf16(MAIL)],
    ["Latin-1", new Uint8Array([...with_("Hello", "H\xe9llo")].map((letter) => letter.charCodeAt(0)))],
    ["half of a character in UTF-8", new Uint8Array([...new TextEncoder().encode(MAIL), 0xe2, 0x82])],
    ["a surrogate spelled in UTF-8", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["an overlong spelling in UTF-8", new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ["zeros", new Uint8Array(10_000)],
  ];

  it.each(bodies)("is refused: %s", async (_what, body) => {
    for (const path of ["/v1/decorate", "/v1/dead-letters/replay"]) {
      const answer = await post(body, path);
      expect(answer.status).toBe(400);
      expect(await errorOf(answer)).toMatchObject({ code: "invalid_json" });
    }
  });

  it("is refused in plain words", async () => {
    const wrong = [
      [{ utm: { source: 5 } }, "utm.source: must be a text"],
      [{ email: { id: 7, name: "" } }, "email.name: must have at least 1 character"],
      [{ email: { id: 7, name: "x".repeat(256) } }, "email.name: must have at most 255 characters"],
      [{ html: {} }, "html: must be a text"],
      [{ evenIfSuppressed: "yes" }, "evenIfSuppressed: must be true or false"],
      [{ utm: [] }, "utm: must be an object"],
    ] as const;
    for (const [fields, message] of wrong)
      expect((await errorOf(await post(JSON.stringify({ ...mail, ...fields })))).message).toBe(message);
    const ids = JSON.stringify({ ids: ["1"] });
    expect((await errorOf(await post(ids, "/v1/dead-letters/replay"))).message).toBe("ids.0: must be a number");
    const event = { type: "soft_bounced", email: 7, person: 1, campaign: 42, details: "452" };
    const events = [1.5, true].map((subcategory) => ({ ...event, subcategory }));
    const answer = await post(JSON.stringify({ events }), "/v1/events");
    const { rejected } = await answer.json<{ rejected: { error: ApiErrorBody }[] }>();
    expect(rejected.map(({ error }) => error.message)).toEqual([
      "events.0.subcategory: must be an integer or a text",
      "events.1.subcategory: must be a number or a text",
    ]);
  });

  it("stores nothing", async () => {
    const stored = await storedBy(async () => {
      for (const [, body] of bodies) await post(body);
    });
    expect(stored).toEqual(NOTHING);
  });
});

describe("a body with a wrong field", () => {
  const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  const bodies: [string, string, string, string | undefined][] = [
    ["null for all", "null", "invalid_field", undefined],
    ["an array for all", "[]", "invalid_field", undefined],
    ["a text for all", '"mail"', "invalid_field", undefined],
    ["an array for the email", with_('{"id":7}', "[7]"), "invalid_field", "email"],
    ["null for the person", with_('{"id":1}', "null"), "invalid_field", "person"],
    ["brackets nested 100,000 deep", deep("[", "]", 100_000), "invalid_field", undefined],
    ["deep brackets for html", with_('"<p>Hello</p>"', deep("[", "]", 100_000)), "invalid_field", "html"],
    [
      "objects nested deep for an id",
      with_("7", deep('{"id":', "}", 50_000).replace("}", "1}")),
      "invalid_field",
      "email.id",
    ],
    ["an unknown field", with_("{", '{"html5":"",'), "unknown_field", "html5"],
    ["a field named __proto__", with_("{", '{"__proto__":{"html":"x"},'), "unknown_field", "__proto__"],
    ["a field named constructor", with_("{", '{"constructor":{},'), "unknown_field", "constructor"],
    ["a field named toString", with_('{"id":7', '{"toString":1,"id":7'), "unknown_field", "email.toString"],
    ["an id only in __proto__", with_('{"id":7}', '{"__proto__":{"id":7}}'), "missing_field", "email.id"],
    ["an id of 1e400", with_("7", "1e400"), "invalid_field", "email.id"],
    ["an id of -1e400", with_("7", "-1e400"), "invalid_field", "email.id"],
    ["an id of 1e-400 in a text", with_("7", '"1e-400 "'), "invalid_field", "email.id"],
    ["an id of 2^53", with_("7", "9007199254740992"), "invalid_field", "email.id"],
    ["an id of a half", with_("7", "0.5"), "invalid_field", "email.id"],
    ["an id of 100,000 digits", with_("7", "9".repeat(100_000)), "invalid_field", "email.id"],
    ["a text of 100,000 digits as id", with_("7", `"${"9".repeat(100_000)}"`), "invalid_field", "email.id"],
    ["an id with a NUL", with_("7", '"7\\u0000"'), "invalid_field", "email.id"],
    ["an id with half a surrogate pair", with_("7", '"\\ud800"'), "invalid_field", "email.id"],
    ["an id with a line break at its end", with_("7", '"7\\n"'), "invalid_field", "email.id"],
    ["an empty id", with_("7", '""'), "invalid_field", "email.id"],
    ["null as id", with_("7", "null"), "invalid_field", "email.id"],
    ["an id in a list", with_("7", "[7]"), "invalid_field", "email.id"],
    ["true as id", with_("7", "true"), "invalid_field", "email.id"],
    ["null as html", with_('"<p>Hello</p>"', "null"), "invalid_field", "html"],
    ["a number as html", with_('"<p>Hello</p>"', "5"), "invalid_field", "html"],
    ["a list as text", with_("{", '{"text":["a"],'), "invalid_field", "text"],
    ["tracking in capitals", with_("{", '{"tracking":"FULL",'), "invalid_field", "tracking"],
    ["an empty name", with_('{"id":7', '{"name":"","id":7'), "invalid_field", "email.name"],
    [
      "a name of 256 characters",
      with_('{"id":7', `{"name":"${"x".repeat(256)}","id":7`),
      "invalid_field",
      "email.name",
    ],
    ["a name with a NUL", with_('{"id":7', '{"name":"a\\u0000b","id":7'), "invalid_field", "email.name"],
    ["a name with a line break", with_('{"id":7', '{"name":"a\\r\\nb","id":7'), "invalid_field", "email.name"],
    ["a name with half a surrogate pair", with_('{"id":7', '{"name":"a\\ud800","id":7'), "invalid_field", "email.name"],
    [
      "an address with a NUL",
      with_('{"id":1', '{"address":"a\\u0000@b.example","id":1'),
      "invalid_field",
      "person.address",
    ],
    [
      "an address with half a surrogate pair",
      with_('{"id":1', '{"address":"\\udc00@b.example","id":1'),
      "invalid_field",
      "person.address",
    ],
    [
      "an address with a line break",
      with_('{"id":1', '{"address":"a@b.example\\n","id":1'),
      "invalid_field",
      "person.address",
    ],
    [
      "two addresses",
      with_('{"id":1', '{"address":"a@b.example,c@d.example","id":1'),
      "invalid_field",
      "person.address",
    ],
    [
      "an address of 255 characters",
      with_('{"id":1', `{"address":"${"a".repeat(250)}@b.eu","id":1`),
      "invalid_field",
      "person.address",
    ],
  ];

  it.each(bodies)("is refused by the field's name: %s", async (_what, body, code, field) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    const error = await errorOf(answer);
    expect([error.code, error.field]).toEqual([code, field]);
  });

  it("stores nothing", async () => {
    const stored = await storedBy(async () => {
      for (const [, body] of bodies) await post(body);
    });
    expect(stored).toEqual(NOTHING);
  });

  it.each<[string, string, string]>([
    ["ids that are no list", '{"ids":1}', "ids"],
    ["an id that is a text", '{"ids":["1"]}', "ids.0"],
    ["an id of 1e400", '{"ids":[1,1e400]}', "ids.1"],
    ["a fraction", '{"ids":[0.5]}', "ids.0"],
    ["1,001 ids", JSON.stringify({ ids: Array(1_001).fill(1) }), "ids"],
    ["another field", '{"id":1}', "id"],
  ])("of a replay is refused by the field's name, and replays nothing: %s", async (_what, body, field) => {
    const answer = await post(body, "/v1/dead-letters/replay");
    expect(answer.status).toBe(400);
    expect(await errorOf(answer)).toMatchObject({ field });
  });

  it("counts with the last value of a field that is there twice, as in JSON", async () => {
    const answer = await post(with_("{", '{"tracking":"bad","tracking":"none",'));
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain("/o/");
  });
});

describe("an odd email", () => {
  const decorated = async (html: string) => {
    const answer = await post(JSON.stringify({ ...mail, html }));
    expect(answer.status).toBe(200);
    return await answer.json<{ html: string; links: { url: string }[]; warnings: { code: string }[] }>();
  };

  it.each([
    ["a tag", "<p>Hello <a href='https://shop.example/'"],
    ["a quote", '<a href="https://shop.example/>Shop</a>'],
    ["a comment", "<p>Hello <!-- never ends <a href='https://shop.example/'>"],
    ["a conditional comment", "<!--[if mso]><a href='https://shop.example/'>"],
    ["a style", "<style>a { color: red"],
    ["a script", "<script>let a = '"],
    ["a textarea", "<textarea><a href='https://shop.example/'>"],
    ["100,000 tags", "<div>".repeat(100_000)],
    ["100,000 comments", "<!--".repeat(100_000)],
    ["100,000 attributes", `<a ${"x ".repeat(100_000)}`],
    ["100,000 angle brackets", "<".repeat(100_000)],
  ])("is decorated as far as it can be when it never closes %s", async (_what, html) => {
    const { html: signed } = await decorated(html);
    expect(signed.length).toBeGreaterThanOrEqual(html.length);
  });

  it("keeps a link of 16 KB as it is and names it in the warnings", async () => {
    const url = `https://shop.example/?${"a".repeat(16_384)}`;
    const { html, links, warnings } = await decorated(`<a href="${url}">Shop</a>`);
    expect(html).toContain(url);
    expect(links).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(["too_long"]);
  });

  it("keeps a link with a NUL or half a surrogate pair as it is, and fails at neither", async () => {
    for (const url of ["https://shop.example/\0", "https://shop.example/\ud800", "https://shop.example/&#0;&#xd800;"])
      expect((await decorated(`<a href="${url}">Shop</a>`)).html).toContain("Shop</a>");
  });

  it("gets three thousand decorated links, each with its own destination", async () => {
    const urls = Array.from({ length: 3_000 }, (_, n) => `https://shop.example/${n}`);
    const { html, links } = await decorated(urls.map((url) => `<a href="${url}">x</a>`).join(""));
    expect(links.map(({ url }) => url)).toEqual(urls);
    const paths = [...html.matchAll(/href="https:\/\/t\.example(\/c\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(paths).toHaveLength(3_000);
    for (const at of [0, 1_499, 2_999]) expect((await ask(paths[at] ?? "")).headers.get("Location")).toBe(urls[at]);
  });

  it("gets the same link decorated three thousand times, each with its own id", async () => {
    const { links } = await decorated('<a href="https://shop.example/">x</a>'.repeat(3_000));
    expect(new Set(links.map((link) => JSON.stringify(link))).size).toBe(3_000);
  });
});

const Kind = v.variant("type", [v.object({ type: v.literal("sent") }), v.object({ type: v.literal("delivered") })]);

it.each([
  [Kind, { type: "opened" }, 'at.type: must be "sent" or "delivered"'],
  [v.variant("type", [v.object({ type: v.literal("sent") })]), { type: 5 }, 'at.type: must be "sent"'],
  [Kind, {}, "at.type is missing."],
  [Kind, "sent", "at: must be an object"],
  [v.pipe(v.string(), v.nonEmpty()), "", "at: must not be empty"],
  [v.pipe(v.string(), v.regex(/^\d+$/)), "x", "at: is not written as it must be"],
  [v.picklist(["a", "b"]), "c", 'at: must be "a" or "b"'],
])("a field whose schema has no words of its own is answered in plain words (%#)", (schema, value, message) => {
  expect(failureIn(schema, value, "at").message).toBe(message);
});
