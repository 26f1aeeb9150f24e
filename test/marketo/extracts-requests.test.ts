/** Requests for an extract: each wrong one is rejected with its code and the name of its field, and creates no job. */
import { runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { runs } from "../fuzz.ts";
import { ask } from "../worker.ts";
import {
  codeOf,
  create,
  DAY,
  EXTRACTS_PATH,
  extractsObject,
  HEADER,
  only,
  withoutExtracts,
} from "./extract/extract-world.ts";
import { call, newClient } from "./marketo.ts";

let token = "";

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
});

const between = (startAt: unknown, endAt: unknown) => ({ filter: { createdAt: { startAt, endAt } } });
const filtered = (more: object) => ({ filter: { createdAt: DAY, ...more } });
const asked = (more: object) => ({ ...filtered({}), ...more });
const JAN = (day: number) => `2026-01-${String(day).padStart(2, "0")}T00:00:00Z`;

async function jobs(): Promise<number> {
  return await runInDurableObject(
    extractsObject(),
    (_, { storage }) => storage.sql.exec<{ count: number }>("SELECT count(*) AS count FROM jobs").one().count,
  );
}

/** The only job, as its object stores it. */
async function storedJob(): Promise<string> {
  return await runInDurableObject(
    extractsObject(),
    (_, { storage }) => storage.sql.exec<{ job: string }>("SELECT job FROM jobs").one().job,
  );
}

describe("a request", () => {
  it.each<[string, unknown, string, RegExp]>([
    ["that is no JSON", "{", "609", /JSON/],
    ["that is empty", "", "609", /JSON/],
    ["that is null", "null", "1002", /body/],
    ["that is an array", "[]", "1001", /body/],
    ["that is a text", '"CSV"', "1001", /body/],
    ["of another format", asked({ format: "XLS" }), "1001", /XLS.*format.*CSV/],
    ["of a format in small letters", asked({ format: "csv" }), "1001", /format/],
    ["of a format that is a property of objects", asked({ format: "toString" }), "1001", /format/],
    ["whose format is a number", asked({ format: 7 }), "1001", /format/],
    ["without a filter", {}, "1002", /filter/],
    ["whose filter is null", { filter: null }, "1002", /filter/],
    ["whose filter is an array", { filter: [] }, "1001", /filter/],
    ["without createdAt", { filter: {} }, "1002", /filter\.createdAt/],
    ["whose createdAt is a text", { filter: { createdAt: JAN(1) } }, "1001", /filter\.createdAt/],
    ["without startAt", between(undefined, JAN(2)), "1002", /startAt/],
    ["without endAt", between(JAN(1), null), "1002", /endAt/],
    ["whose startAt is blank", between(" ", JAN(2)), "701", /startAt/],
    ["whose startAt is a number", between(1, JAN(2)), "1001", /startAt/],
    ["whose endAt is no date", between(JAN(1), "tomorrow"), "704", /endAt.*tomorrow/],
    ["whose endAt is a day that never was", between(JAN(1), "2026-02-30T00:00:00Z"), "704", /endAt/],
    ["whose startAt has no zone but a half one", between("2026-01-01T00:00:00+1", JAN(2)), "704", /startAt/],
    ["that ends before it starts", between(JAN(2), JAN(1)), "1003", /endAt/],
    ["of 31 days and a second", between(JAN(1), "2026-02-01T00:00:01Z"), "1003", /31 days/],
    ["with an unknown filter", filtered({ updatedAt: DAY }), "1035", /updatedAt/],
    ["with ids of primary attributes", filtered({ primaryAttributeValueIds: [1] }), "1035", /ValueIds/],
    ["with values of primary attributes", filtered({ primaryAttributeValues: ["x"] }), "1035", /Values/],
    ["whose types are no array", filtered({ activityTypeIds: 6 }), "1001", /activityTypeIds/],
    ["whose types are none", filtered({ activityTypeIds: [] }), "701", /activityTypeIds/],
    ["with a type that is no number", filtered({ activityTypeIds: [6, null] }), "1001", /null.*activityTypeIds/],
    ["with a type that is negative", filtered({ activityTypeIds: [-6] }), "1001", /-6.*activityTypeIds/],
    ["with a type that is a fraction", filtered({ activityTypeIds: [6.5] }), "1001", /6\.5.*activityTypeIds/],
    ["with a type in words", filtered({ activityTypeIds: ["Open Email"] }), "1001", /activityTypeIds/],
    ["whose fields are a text", asked({ fields: "leadId" }), "1001", /fields/],
    ["with a field that the file cannot have", asked({ fields: ["leadId", "email"] }), "1003", /email.*fields/],
    ["with a field twice", asked({ fields: ["leadId", "leadId"] }), "1003", /leadId/],
    ["whose headers are an array", asked({ columnHeaderNames: ["x"] }), "1001", /columnHeaderNames/],
    ["with a header of no column", asked({ columnHeaderNames: { email: "x" } }), "1003", /email/],
    [
      "with a header of a column that was not asked for",
      asked({ fields: ["leadId"], columnHeaderNames: { campaignId: "x" } }),
      "1003",
      /campaignId/,
    ],
    ["with an empty header", asked({ columnHeaderNames: { leadId: "" } }), "1001", /leadId/],
    ["with a header of two lines", asked({ columnHeaderNames: { leadId: "a\nb" } }), "1001", /leadId/],
    ["with a header of 256 characters", asked({ columnHeaderNames: { leadId: "a".repeat(256) } }), "1001", /leadId/],
    ["with a header that is a number", asked({ columnHeaderNames: { leadId: 7 } }), "1001", /leadId/],
  ])("%s is refused", async (_, request, code, message) => {
    const answer = await create(token, request);
    expect(answer).toEqual({
      requestId: expect.any(String),
      success: false,
      errors: [{ code, message: expect.stringMatching(message) }],
    });
    expect(await jobs()).toBe(0);
  });

  it.each<[string, object]>([
    ["of 31 days", between(JAN(1), "2026-02-01T00:00:00Z")],
    ["of an instant", between(JAN(1), JAN(1))],
    ["with dates in zones", between("2026-01-01T00:00:00-08:00", "2026-01-02T00:00:00+0100")],
    ["with dates alone", between("2026-01-01", "2026-01-02")],
    ["whose fields are none, which are all", asked({ fields: [] })],
    ["with fields that are no filter's, which is ignored", asked({ window_start_date: JAN(1), activityTypeIds: [6] })],
    ["with types as texts", filtered({ activityTypeIds: ["6", "11"] })],
    ["with types that this log does not hold", filtered({ activityTypeIds: [1, 2, 12, 13, 104] })],
    [
      "with nulls for what is not wanted",
      {
        ...filtered({ activityTypeIds: null, primaryAttributeValues: null }),
        fields: null,
        format: null,
        columnHeaderNames: null,
      },
    ],
  ])("%s is accepted", async (_, request) => {
    expect(only(await create(token, request))).toMatchObject({ status: "Created", format: "CSV" });
  });

  it("with another Content-Type than JSON is refused with 612", async () => {
    for (const type of ["application/x-www-form-urlencoded", "text/plain", ""]) {
      const init = { method: "POST", body: JSON.stringify(filtered({})), headers: { "Content-Type": type } };
      expect(codeOf(await call(token, `${EXTRACTS_PATH}/create.json`, init))).toBe("612");
    }
    expect(await jobs()).toBe(0);
  });

  it("of more than 1 MB is refused with status 413", async () => {
    const answer = await ask(`${EXTRACTS_PATH}/create.json`, {
      method: "POST",
      body: JSON.stringify(asked({ format: "x".repeat(1024 * 1024) })),
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    });
    expect(answer.status).toBe(413);
    expect(await jobs()).toBe(0);
  });

  it("of more than 64 KiB is refused with 1003", async () => {
    const types = Array.from({ length: 520_000 }, () => 6);
    const answer = await create(token, filtered({ activityTypeIds: types }));
    expect(codeOf(answer)).toBe("1003");
    expect(await jobs()).toBe(0);
  });

  it("that names types over and over holds each once", async () => {
    const types = Array.from({ length: 20_000 }, (_, n) => (n % 2 === 0 ? 11 : 6));
    only(await create(token, filtered({ activityTypeIds: types })));
    expect(JSON.parse(await storedJob())).toMatchObject({ request: { types: [11, 6] } });
  });

  it("makes a job of less than 10 KB, whatever its headers", async () => {
    const columnHeaderNames = Object.fromEntries(HEADER.split(",").map((field) => [field, "€".repeat(255)]));
    only(await create(token, asked({ columnHeaderNames })));
    expect(new TextEncoder().encode(await storedJob()).length).toBeLessThan(10_000);
  });

  it("is quoted in an error only by its beginning", async () => {
    const answer = await create(token, asked({ format: "x".repeat(10_000) }));
    expect(JSON.stringify(answer).length).toBeLessThan(400);
  });

  it("whose wrong field is nested deep is refused like any other", async () => {
    const nested = "[".repeat(30_000) + "]".repeat(30_000);
    const answer = await create(token, `{"format":${nested},"filter":{"createdAt":${JSON.stringify(DAY)}}}`);
    expect(codeOf(answer)).toBe("1001");
  });

  it("of any JSON is answered with a job or a code, never with a failure", async () => {
    const part = fc.oneof(fc.jsonValue(), fc.constant(DAY), fc.constantFrom("CSV", null, [6], ["leadId"]));
    const request = fc.oneof(
      fc.jsonValue(),
      fc.record({ format: part, fields: part, columnHeaderNames: part, filter: part }, { requiredKeys: ["filter"] }),
      fc.record({
        filter: fc.record({ createdAt: part, activityTypeIds: part }, { requiredKeys: ["createdAt"] }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const other = await newClient();
        const { success, errors } = await create(other.token, JSON.stringify(asked));
        if (!success) expect(errors?.[0]?.code).toMatch(/^(701|704|1001|1002|1003|1035)$/);
      }),
      runs(60),
    );
  });
});
