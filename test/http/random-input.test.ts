/** Random requests: never a 5xx, never a redirect, never a stored row. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../fuzz.ts";
import { ask, environment } from "../worker.ts";
import { NOTHING, storedBy } from "./stored.ts";

const KEY = "Bearer wxs_dev_test";

/** Where no address signs in. */
const PRODUCTION = environment({
  ENVIRONMENT: "production",
  TOKEN_KEYS: "1:Iuy4o_jRCJUShlqBSxFi2VKCvqFAWyAYMPVb8bnas4c",
  API_KEYS: "wxs_0123456789abcdefghijklmnopqrstuv",
});
const PRODUCTION_KEY = "Bearer wxs_0123456789abcdefghijklmnopqrstuv";

const prefixes = fc.constantFrom(
  "/",
  "/o/",
  "/c/",
  "/u/",
  "/o",
  "/v1/",
  "/v1/decorate",
  "/v1/events",
  "/v1/suppressions/check",
  "/v1/suppressions",
  "/v1/retries",
  "/v1/webhooks/",
  "/v1/webhooks/ses",
  "/v1/dead-letters/replay",
  "/healthz",
  "/preview",
);

const base64urlLetters = fc.string({
  unit: fc.constantFrom(..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
  maxLength: 400,
});
const encodedBytes = fc
  .uint8Array({ maxLength: 60 })
  .map((bytes) => [...bytes].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
const anything = fc.string({ unit: "binary", maxLength: 80 });
/** Texts with halves of surrogate pairs as well. */
const units = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));

const requests = fc.record({
  path: fc
    .tuple(prefixes, fc.oneof(base64urlLetters, encodedBytes, anything), fc.oneof(fc.constant(""), anything))
    .map(([prefix, middle, end]) => prefix + middle + end),
  method: fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"),
  body: fc.oneof(
    fc.uint8Array({ maxLength: 2_000 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
  ),
  contentType: fc.constantFrom(
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "x",
    "",
  ),
  userAgent: fc.string({ maxLength: 40 }),
  authorization: fc.constantFrom(PRODUCTION_KEY, "", "Basic x"),
});

/** Header values as a client can send them. */
const sendable = (text: string) => text.replaceAll(/[^\x20-\x7e]/g, "").trim();

describe("random bytes as path, headers and body", () => {
  it("are answered without a 5xx and without a redirect, and store nothing", async () => {
    const stored = await storedBy(async () => {
      await fc.assert(
        fc.asyncProperty(requests, async ({ path, method, body, contentType, userAgent, authorization }) => {
          const init = {
            method,
            headers: {
              "Content-Type": contentType,
              "User-Agent": sendable(userAgent),
              Authorization: authorization,
            },
            ...(method === "GET" || method === "HEAD" ? {} : { body }),
          };
          const answer = await ask(path, init, PRODUCTION);
          expect(answer.status).toBeLessThan(500);
          expect(answer.headers.get("Location")).toBeNull();
          expect(answer.headers.get("Set-Cookie")).toBeNull();
        }),
        runs(3_000),
      );
    });
    expect(stored).toEqual(NOTHING);
  });
});

const ids = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.string({ maxLength: 70 }),
  units,
  fc.constant(null),
  fc.constant("7"),
);
const texts = fc.oneof(units, fc.string({ maxLength: 40 }), fc.constant(undefined), fc.integer());
const markup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "<a href=",
        '"',
        "'",
        ">",
        "<",
        "</a>",
        "https://",
        "http://x.example/",
        "//x.example",
        "&amp;",
        "&#xd800;",
        "&#0;",
      ),
      fc.constantFrom(
        "<base href='",
        "<!--",
        "-->",
        "<!--[if mso]>",
        "<![endif]-->",
        "{{unsubscribe}}",
        "<style>",
        "</body>",
        "\0",
        "\ud800",
        "%00",
      ),
      units,
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

const bodies = fc.record(
  {
    email: fc.record({ id: ids, name: texts }, { requiredKeys: [] }),
    person: fc.record({ id: ids, address: texts }, { requiredKeys: [] }),
    campaign: fc.record({ id: ids }, { requiredKeys: [] }),
    html: markup,
    text: markup,
    tracking: fc.constantFrom("full", "anonymous", "none"),
    more: fc.jsonValue(),
  },
  { requiredKeys: ["email", "person", "campaign"] },
);

const goodParts = { email: { id: 7 }, person: { id: 1 }, campaign: { id: 42 } };

describe("random emails", () => {
  it.each([
    ["fields and all", bodies],
    [
      "from a sender who does the rest right",
      fc.record({ html: markup, text: markup }).map((parts) => ({ ...goodParts, ...parts })),
    ],
  ])("(%s) are decorated or rejected with a reason, never a 5xx", async (_what, arbitrary: fc.Arbitrary<object>) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (mail) => {
        const answer = await ask("/v1/decorate", {
          method: "POST",
          body: JSON.stringify(mail),
          headers: { Authorization: KEY },
        });
        expect([200, 400]).toContain(answer.status);
        const body = await answer.json<{ error?: { code: string }; headers?: object }>();
        if (answer.status === 400) expect(body.error?.code).toMatch(/^(invalid|missing|unknown)_field$/);
        else expect(Object.keys(body.headers ?? {})).toContain("List-Unsubscribe");
      }),
      runs(300),
    );
  });
});
