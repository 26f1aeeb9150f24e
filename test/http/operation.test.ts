/** What all operations of /v1 have in common: checked input, request ids, cursors, limits that are named. */
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import { maskAnswers } from "../../src/access/mask-answers.ts";
import { API } from "../../src/app.ts";
import { encryptCursor, readCursor } from "../../src/http/cursor.ts";
import { ApiError, errorAnswer } from "../../src/http/errors.ts";
import { type MaskPlan, maskPlan } from "../../src/http/masked-answer.ts";
import { openApiDocument } from "../../src/http/openapi.ts";
import { operation } from "../../src/http/operation.ts";
import {
  fields,
  IdParameter,
  idAnswer,
  limitParameter,
  NamedIdField,
  PersonId,
  TimeParameter,
} from "../../src/http/schemas.ts";
import { makeTokenKey, parseTokenKeys } from "../../src/tokens/keys.ts";
import { DESCRIBED_WEBHOOKS } from "../../src/webhooks/described.ts";
import { ask, environment } from "../worker.ts";

const echo = operation({
  summary: "Echo",
  params: fields({ id: IdParameter }),
  query: fields({ limit: limitParameter(500), since: TimeParameter }),
  body: fields({ email: NamedIdField, person: PersonId }),
  answers: { 200: { description: "What was checked" } },
  handle: async (context, input) => context.json(input),
});

const app = new Hono<{ Bindings: Env }>().post("/v1/echo/:id", echo.handler);
app.onError(errorAnswer);

const call = async (path: string, body: unknown) => {
  const answer = await app.request(path, { method: "POST", body: JSON.stringify(body) });
  return await answer.json<{ error?: { code: string; field: string } }>();
};

const PATH = "/v1/echo/42?since=2026-11-20";

describe("an operation", () => {
  it("hands over the path, the query and the body, each in one form", async () => {
    expect(await call(PATH, { email: 1042, person: { id: "p:7", address: "marie@example.com" } })).toEqual({
      params: { id: "42" },
      query: { limit: 100, since: Date.UTC(2026, 10, 20) },
      body: { email: { id: "1042" }, person: { id: "p:7", address: "marie@example.com" } },
    });
    const named = { email: { id: 1042, name: "November news" }, person: 7 };
    expect(await call(PATH, named)).toMatchObject({
      body: { email: { id: "1042", name: "November news" }, person: { id: "7" } },
    });
  });

  it.each([
    ["/v1/echo/a%20b?since=2026-11-20", {}, "invalid_field", "id"],
    [`${PATH}&limit=0`, {}, "invalid_field", "limit"],
    [`${PATH}&limit=501`, {}, "invalid_field", "limit"],
    [`${PATH}&limit=1e2`, {}, "invalid_field", "limit"],
    [`${PATH}&to=1`, {}, "unknown_field", "to"],
    [`${PATH}&since=2026-11-21`, {}, "invalid_field", "since"],
    ["/v1/echo/42?since=2026-02-30", {}, "invalid_field", "since"],
    ["/v1/echo/42", {}, "missing_field", "since"],
    [PATH, { person: 7 }, "missing_field", "email"],
    [PATH, { email: "a b", person: 7 }, "invalid_field", "email"],
    [PATH, { email: [7], person: 7 }, "invalid_field", "email"],
    [PATH, { email: { id: "a b" }, person: 7 }, "invalid_field", "email.id"],
    [PATH, { email: {}, person: 7 }, "missing_field", "email.id"],
    [PATH, { email: { id: 7, nme: "x" }, person: 7 }, "unknown_field", "email.nme"],
    [PATH, { email: 7, person: { id: 7, address: "marie" } }, "invalid_field", "person.address"],
    [PATH, { email: 1.5, person: 7 }, "invalid_field", "email"],
  ])("names the first wrong field: %s %j", async (path, body, code, field) => {
    expect(await call(path, body)).toMatchObject({ error: { code, field } });
  });
});

describe("an answer to who sees no whole addresses", () => {
  /** The paths of texts that are left as they are, times and words of the schema aside. */
  const signedIn = (plan: MaskPlan, path = ""): string[] => {
    if (plan === "signed") return [path];
    if (typeof plan !== "object") return [];
    if ("items" in plan) return signedIn(plan.items, `${path}[]`);
    return [...plan.fields].flatMap(([name, field]) => signedIn(field, `${path}.${name}`));
  };

  it("has no text that is not masked but cursors and tokens", () => {
    const schemas = Object.values(API)
      .flatMap((routes) => Object.values(routes))
      .filter(({ scope }) => scope === "read")
      .flatMap(({ operation: { answers } }) => Object.values(answers).flatMap(({ schema }) => schema ?? []));
    expect(schemas.length).toBeGreaterThan(8);
    const signed = new Set(schemas.flatMap((schema) => signedIn(maskPlan(schema))));
    const kept = [".data[].event.message", ".data[].message", ".feedCursor", ".message.message", ".next"];
    expect([...signed].toSorted()).toEqual(kept);
    const unmasked = Object.entries(API).filter(([, { GET }]) => GET?.operation.answers[200]?.hasNoAddresses);
    expect(unmasked.map(([path]) => path)).toEqual(["/v1/emails/:email/source"]);
  });

  const answered = async (body: BodyInit, type: string) => {
    const undescribed = operation({
      summary: "Answer",
      answers: { 200: { description: "Nothing is said about it" } },
      handle: () => new Response(body, { headers: { "Content-Type": type } }),
    });
    const masked = new Hono<{ Bindings: Env }>().get("/v1/x", maskAnswers(undescribed), undescribed.handler);
    masked.onError(errorAnswer);
    const answer = await masked.request("/v1/x");
    return [answer.status, await answer.text()];
  };
  const MARIE = "marie@example.com";

  it("is masked where the operation says nothing of its form, too, and refused where it cannot be masked", async () => {
    const json = JSON.stringify({ a: [{ [MARIE]: MARIE, n: -1, ok: true, none: null }] });
    const maskedJson = '{"a":[{"m…@e…e.com":"m…@e…e.com","n":-1,"ok":true,"none":null}]}';
    expect(await answered(json, "application/json")).toEqual([200, maskedJson]);
    const csv = '\uFEFFAny,Words,n\r\n"a,b@x.org","to ""marie@example.com"",\r\nor=",-1\r\n=%3Dc@x.org,,2\r\n';
    const maskedCsv = 'Any,Words,n\r\na…@….org,"to ""m…@e…e.com"",\r\nor=",-1\r\n\'=…@….org,,2\r\n';
    expect(await answered(csv, "text/csv; charset=utf-8")).toEqual([200, maskedCsv]);
    expect(await answered(MARIE, "text/plain")).toEqual([500, expect.not.stringContaining(MARIE)]);
  });
});

describe("an id in an answer", () => {
  it("is a number when it is the text of an integer, and a text otherwise", () => {
    const ids = ["1042", "-7", "07", "1e3", "p:7", "9007199254740993"];
    expect(ids.map((id) => idAnswer(id).id)).toEqual([1042, -7, "07", "1e3", "p:7", "9007199254740993"]);
    expect(idAnswer("7", "News")).toEqual({ id: 7, name: "News" });
  });
});

describe("a cursor", () => {
  const newKeys = () => {
    const keys = parseTokenKeys(makeTokenKey({ id: 1, development: false }));
    if (!keys.ok) throw new Error(keys.reason);
    return keys.value;
  };
  const keys = newKeys();

  it("gives its position back", () => {
    expect(readCursor(keys, "events", encryptCursor(keys, "events", "17"))).toBe("17");
    expect(readCursor(keys, "events", undefined)).toBeUndefined();
  });

  it("shows nothing of its position, which may be a person's id or address: URLs are logged", () => {
    const position = JSON.stringify([1_796_000_000_000, "address:marie@example.com", 0, "x".repeat(5_000)]);
    const cursor = encryptCursor(keys, "suppressions", position);
    expect(readCursor(keys, "suppressions", cursor)).toBe(position);
    expect(Buffer.from(cursor, "base64url").toString("latin1")).not.toMatch(/marie|example|address|x{4}/);
  });

  it("of another list or key, cut or changed, is refused by the name of its field", () => {
    const cursor = encryptCursor(keys, "events", "17");
    const others = [
      encryptCursor(keys, "messages", "17"),
      encryptCursor(newKeys(), "events", "17"),
      cursor.slice(0, -1),
      `B${cursor.slice(1)}`,
      "17",
      "",
    ];
    for (const other of others) {
      const read = () => readCursor(keys, "events", other);
      expect(read).toThrow(ApiError);
      expect(read).toThrow(/^cursor must be/);
    }
  });
});

describe("GET /v1/openapi.json", () => {
  it("is the document of this Worker's operations, without a key", async () => {
    const answer = await ask("/v1/openapi.json");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual(openApiDocument({ paths: API, webhooks: DESCRIBED_WEBHOOKS }));
    const head = await ask("/v1/openapi.json", { method: "HEAD" });
    for (const { headers } of [answer, head]) {
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": "application/json",
        etag: expect.stringContaining('"'),
        "strict-transport-security": "max-age=31536000",
        "x-content-type-options": "nosniff",
      });
    }
  });

  it("is an error in the API's form where a deploy lacks it", async () => {
    const ASSETS = { fetch: async () => new Response(null, { status: 404 }) } as unknown as Fetcher;
    const answer = await ask("/v1/openapi.json", {}, environment({ ASSETS }));
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: "not_found" } }]);
  });
});

describe("GET /v1/docs", () => {
  it("shows the document without a key, by files of this Worker alone", async () => {
    const page = await ask("/v1/docs");
    expect([page.status, page.headers.get("Content-Type")]).toEqual([200, "text/html; charset=utf-8"]);
    const policy = page.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|http/);
    const html = await page.text();
    expect(html).not.toMatch(/https?:|<script(?! src)|<style|style=/);
    const files = [...html.matchAll(/(?:src|href)="(docs\/[^"]+)"/g)].map(([, file = ""]) => file);
    expect(files).toHaveLength(4);
    for (const file of files) {
      const answer = await ask(`/v1/${file}`);
      expect([file, answer.status, answer.headers.get("Content-Security-Policy")]).toEqual([file, 200, policy]);
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
    const [file = ""] = files;
    const ETag = (await ask(`/v1/${file}`)).headers.get("ETag") ?? "";
    expect((await ask(`/v1/${file}`, { headers: { "If-None-Match": ETag } })).status).toBe(304);
  });

  it("serves nothing else, and takes GET and HEAD", async () => {
    for (const path of ["/v1/docs/nothing.js", "/v1/docs/..%2f..%2fwrangler.toml", "/v1/docs/", "/v1/docs.html"]) {
      const answer = await ask(path, { headers: { Authorization: "Bearer wxs_dev_test" } });
      const { error } = await answer.json<{ error: { code: string } }>();
      expect([path, answer.status, error.code]).toEqual([path, 404, "not_found"]);
    }
    expect((await ask("/v1/docs", { method: "HEAD" })).status).toBe(200);
    const post = await ask("/v1/docs", { method: "POST", body: "{}" });
    expect([post.status, post.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("an answer of /v1", () => {
  it("has a request id, the caller's where there is one, and an error names it", async () => {
    const unknown = await ask("/v1/nothing", { headers: { Authorization: "Bearer wxs_dev_test" } });
    const { error } = await unknown.json<{ error: { requestId: string } }>();
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(unknown.headers.get("X-Request-Id")).toBe(error.requestId);
    const named = await ask("/v1/retries", { headers: { "X-Request-Id": "run-42" } });
    expect(named.headers.get("X-Request-Id")).toBe("run-42");
  });

  it("names the limit of calls", async () => {
    const answer = await ask("/v1/retries", { headers: { Authorization: "Bearer wxs_dev_test" } });
    expect(answer.headers.get("RateLimit-Policy")).toBe('"calls";q=60000;w=60');
  });
});
