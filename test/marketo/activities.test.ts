/** `/rest/v1/activities…`: what a client that reads the log gets. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ask } from "../worker.ts";
import { call, type Envelope, emptyLog, logInTime, newClient } from "./marketo.ts";

const AT = Date.UTC(2026, 0, 16, 23, 32, 19, 123);
const ALL_TYPES = "6,7,8,9,10,11,27";

let token = "";

beforeEach(async () => {
  await emptyLog();
  token = (await newClient()).token;
});

async function pagingToken(since = "2026-01-01", bearer = token): Promise<string> {
  const { nextPageToken } = await call(bearer, `/rest/v1/activities/pagingtoken.json?sinceDatetime=${since}`);
  if (nextPageToken === undefined) throw new Error("no paging token");
  return nextPageToken;
}

async function read(parameters: string, since?: string): Promise<Envelope> {
  const page = await pagingToken(since);
  return await call(token, `/rest/v1/activities.json?nextPageToken=${page}&${parameters}`);
}

const ids = ({ result }: Envelope) => result?.map(({ marketoGUID }) => marketoGUID);
const code = ({ errors }: Envelope) => errors?.map(({ code }) => code).join();

describe("GET /rest/v1/activities/types.json", () => {
  it("lists Marketo's seven types that the log has, then its own", async () => {
    const { success, result } = await call(token, "/rest/v1/activities/types.json");
    expect(success).toBe(true);
    expect(result?.map(({ id, name }) => `${id} ${name}`)).toEqual([
      "6 Send Email",
      "7 Email Delivered",
      "8 Email Bounced",
      "9 Unsubscribe Email",
      "10 Open Email",
      "11 Click Email",
      "27 Email Bounced Soft",
      "100001 Subscribe Email",
      "100002 Remove Suppression",
      "100003 Retry Email",
    ]);
  });

  it("describes a type with its primary attribute and its other attributes", async () => {
    const { result } = await call(token, "/rest/v1/activities/types.json");
    expect(result?.find(({ id }) => id === 27)).toEqual({
      id: 27,
      name: "Email Bounced Soft",
      description: "Marketo Email is bounced soft for a lead",
      primaryAttribute: { name: "Mailing ID", dataType: "integer" },
      attributes: [
        { name: "Campaign Run ID", dataType: "integer" },
        { name: "Category", dataType: "string" },
        { name: "Choice Number", dataType: "integer" },
        { name: "Details", dataType: "string" },
        { name: "Email", dataType: "string" },
        { name: "Has Predictive", dataType: "boolean" },
        { name: "Occurred At", dataType: "datetime" },
        { name: "Pseudonym", dataType: "string" },
        { name: "Step ID", dataType: "integer" },
        { name: "Subcategory", dataType: "string" },
        { name: "Test Variant", dataType: "integer" },
      ],
    });
  });
});

describe("GET /rest/v1/activities/pagingtoken.json", () => {
  it.each([
    "2026-01-16",
    "2026-01-16T23:32:19Z",
    "2026-01-16T23:32:19.123Z",
    "2026-01-16T23:32:19",
    "2026-01-16T23:32Z",
    "2026-01-16T23:32:19%2B02:00",
    "2026-01-16T23:32:19+02:00",
    "2026-01-16T23:32:19-0800",
  ])("accepts %s", async (since) => {
    const answer = await call(token, `/rest/v1/activities/pagingtoken.json?sinceDatetime=${since}`);
    expect(answer).toEqual({
      requestId: expect.stringMatching(/^[0-9a-f]+#[0-9a-f]+$/),
      success: true,
      nextPageToken: expect.stringMatching(/^[A-Za-z0-9_-]+$/),
    });
  });

  it.each([
    "16/01/2026",
    "2026-02-30",
    "2026-13-01",
    "2026-01-16T25:00:00Z",
    "2026-01-16 23:32:19",
    "1768606339",
    "yesterday",
    "2026-1-6",
    "+012026-01-16",
  ])("refuses %s with 704, and describes the form of a date", async (since) => {
    const answer = await call(token, `/rest/v1/activities/pagingtoken.json?sinceDatetime=${since}`);
    expect(code(answer)).toBe("704");
    expect(answer.errors?.[0]?.message).toContain("sinceDatetime");
    expect(answer.success).toBe(false);
  });

  it("answers 1002 without a time, and 701 for an empty one", async () => {
    expect(code(await call(token, "/rest/v1/activities/pagingtoken.json"))).toBe("1002");
    expect(code(await call(token, "/rest/v1/activities/pagingtoken.json?sinceDatetime="))).toBe("701");
  });
});

describe("GET /rest/v1/activities.json", () => {
  it("answers an activity in Marketo's form", async () => {
    await env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('email', '7', 'Spring', 'spring')").run();
    const [id] = await logInTime({
      type: 11,
      at: AT,
      link: "https://a.example/",
      link_id: "1234",
      user_agent: "M",
    });
    const answer = await read("activityTypeIds=11");
    expect(answer).toEqual({
      requestId: expect.any(String),
      success: true,
      result: [
        {
          id: expect.any(Number),
          marketoGUID: id,
          leadId: 1,
          activityDate: "2026-01-16T23:32:19Z",
          activityTypeId: 11,
          campaignId: 42,
          primaryAttributeValueId: 7,
          primaryAttributeValue: "Spring",
          attributes: [
            { name: "Bot Activity Pattern", value: "N/A" },
            { name: "Device", value: "unknown" },
            { name: "Is Bot Activity", value: false },
            { name: "Link", value: "https://a.example/" },
            { name: "Link ID", value: "1234" },
            { name: "Platform", value: "unknown" },
            { name: "User Agent", value: "M" },
          ],
        },
      ],
      nextPageToken: expect.any(String),
      moreResult: false,
    });
  });

  it("always answers a next page's token and whether there is more, for an empty log, too", async () => {
    expect(await read("activityTypeIds=6")).toEqual({
      requestId: expect.any(String),
      success: true,
      result: [],
      nextPageToken: expect.any(String),
      moreResult: false,
    });
  });

  it("accepts several types, separated by commas or repeated", async () => {
    const [sent, , opened, clicked] = await logInTime({}, { type: 7 }, { type: 10 }, { type: 11 });
    expect(ids(await read("activityTypeIds=6,10"))).toEqual([sent, opened]);
    expect(ids(await read("activityTypeIds=6&activityTypeIds=11"))).toEqual([sent, clicked]);
  });

  it("leaves out what was recorded before the requested time", async () => {
    const [, later] = await logInTime({ at: AT - 1 }, { at: AT });
    expect(ids(await read("activityTypeIds=6", "2026-01-16T23:32:19.123Z"))).toEqual([later]);
  });

  it("filters by people", async () => {
    const [first, , third, pseudonym] = await logInTime(
      { person: "1" },
      { person: "2" },
      { person: "p-3" },
      { person: "~erased-4" },
    );
    expect(ids(await read("activityTypeIds=6&leadIds=1,p-3"))).toEqual([first, third]);
    expect(ids(await read("activityTypeIds=6&leadIds=~erased-4"))).toEqual([pseudonym]);
    expect(ids(await read("activityTypeIds=6&leadIds=1&leadIds=p-3"))).toEqual([first, third]);
  });

  it("filters by emails, with one type", async () => {
    const [, second] = await logInTime({ email: "7" }, { email: "8" });
    expect(ids(await read("activityTypeIds=6&assetIds=8"))).toEqual([second]);
    expect(code(await read("activityTypeIds=6,7&assetIds=8"))).toBe("1003");
  });

  it("answers as many activities as the request's batchSize", async () => {
    const all = await logInTime({}, {}, {});
    const first = await read("activityTypeIds=6&batchSize=2");
    expect(ids(first)).toEqual(all.slice(0, 2));
    expect(first.moreResult).toBe(true);
    const path = `/rest/v1/activities.json?activityTypeIds=6&batchSize=2&nextPageToken=${first.nextPageToken}`;
    const second = await call(token, path);
    expect(ids(second)).toEqual(all.slice(2));
    expect(second.moreResult).toBe(false);
  });

  it("answers 300 activities without a batchSize", async () => {
    await logInTime(...Array.from({ length: 301 }, () => ({})));
    const page = await read("activityTypeIds=6");
    expect(page.result?.length).toBe(300);
    expect(page.moreResult).toBe(true);
  });

  it.each([
    ["activityTypeIds=", "701", "activityTypeIds"],
    ["activityTypeIds=,", "701", "activityTypeIds"],
    ["batchSize=10", "1002", "activityTypeIds"],
    ["activityTypeIds=6,1.5", "1001", "activityTypeIds"],
    [`activityTypeIds=${Array.from({ length: 11 }, (_, id) => id)}`, "1003", "activityTypeIds"],
    ["activityTypeIds=six", "1001", "activityTypeIds"],
    ["activityTypeIds=-6", "1001", "activityTypeIds"],
    [`activityTypeIds=${ALL_TYPES}&batchSize=0`, "1001", "batchSize"],
    [`activityTypeIds=${ALL_TYPES}&batchSize=301`, "1001", "batchSize"],
    [`activityTypeIds=${ALL_TYPES}&batchSize=1.5`, "1001", "batchSize"],
    [`activityTypeIds=${ALL_TYPES}&batchSize=`, "701", "batchSize"],
    [`activityTypeIds=${ALL_TYPES}&leadIds=`, "701", "leadIds"],
    [`activityTypeIds=${ALL_TYPES}&leadIds=a%20b`, "1001", "leadIds"],
    [`activityTypeIds=${ALL_TYPES}&leadIds=${Array.from({ length: 31 }, (_, id) => id)}`, "1003", "leadIds"],
    [`activityTypeIds=${ALL_TYPES}&listId=1`, "1035", "listId"],
    ["activityTypeIds=6&assetIds=%00", "1001", "assetIds"],
  ])("refuses %s with %s", async (parameters, expected, field) => {
    const answer = await read(parameters);
    expect(code(answer)).toBe(expected);
    expect(answer.errors?.[0]?.message).toContain(field);
    expect(answer.result).toBeUndefined();
  });

  it("answers 1002 without a paging token, and 701 for an empty one", async () => {
    expect(code(await call(token, "/rest/v1/activities.json?activityTypeIds=6"))).toBe("1002");
    expect(code(await call(token, "/rest/v1/activities.json?activityTypeIds=6&nextPageToken="))).toBe("701");
  });

  it("takes 300 emails, and refuses one more with 1003: D1 reads the list with every page", async () => {
    const emails = (count: number) => Array.from({ length: count }, (_, id) => id).join();
    expect((await read(`activityTypeIds=6&assetIds=${emails(300)}`)).success).toBe(true);
    expect(code(await read(`activityTypeIds=6&assetIds=${emails(301)}`))).toBe("1003");
  });

  it("reads its parameters from a form when the URI says _method=GET", async () => {
    const [id] = await logInTime({ type: 10 });
    const body = new URLSearchParams({ nextPageToken: await pagingToken(), activityTypeIds: "10" });
    const answer = await call(token, "/rest/v1/activities.json?_method=GET", { method: "POST", body });
    expect(ids(answer)).toEqual([id]);
  });

  it("accepts a form of more than 8 KB, though a URI may not be as long", async () => {
    const long = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(64, "x")).join();
    const fill = new URLSearchParams({
      activityTypeIds: "6",
      leadIds: long,
      nextPageToken: await pagingToken(),
    });
    const form = `${fill}&${"pad=0&".repeat(2_000)}`;
    const asUri = await ask(`/rest/v1/activities.json?${form}`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(asUri.status).toBe(414);
    const asForm = await call(token, "/rest/v1/activities.json?_method=GET", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: form,
    });
    expect(asForm).toMatchObject({ success: true, result: [] });
  });
});
