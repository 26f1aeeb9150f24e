/**
 * Programs that read Marketo, by the calls that they make and the checks that their parsers make: Singer's tap-marketo,
 * Airbyte's source-marketo, hotglue's tap-marketo, marketorestpython, goketo and the gem mrkt.
 */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { environment } from "../worker.ts";
import { create, EXTRACTS_PATH, enqueue, file, readDelimited, withoutExtracts, work } from "./extract/extract-world.ts";
import { call, emptyLog, logRows, newClient } from "./marketo.ts";

/** No limit of calls. */
let patient: Env;
let token = "";

beforeEach(async () => {
  patient = environment({ API_CALLS: { limit: async () => ({ success: true }) } });
  await withoutExtracts();
  ({ token } = await newClient());
});

const get = (path: string) => call(token, path, {}, patient);
const form = { "Content-Type": "application/x-www-form-urlencoded" };
const post = (path: string, body: string) => call(token, path, { method: "POST", headers: form, body }, patient);
const secondsOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const NO_ASSETS = "No assets found for the given search criteria.";

/** Extracts as the program asks, and returns the file's lines by header. */
async function rowsOf(request: object): Promise<Record<string, string>[]> {
  const { result } = await create(token, request);
  const id = String(result?.[0]?.exportId);
  expect(result?.[0]?.status).toBe("Created");
  await enqueue(token, id);
  await work();
  const [headers = [], ...lines] = readDelimited(await (await file(token, id)).text());
  return lines.map((line) => Object.fromEntries(headers.map((header, index) => [header, line[index] ?? ""])));
}

/** What Singer's and Airbyte's parsers make of a value: Python's `int()`, or nothing. */
function parsedInteger(value: string | undefined): number | null {
  if (value === "null" || value === "") return null;
  if (!/^-?\d+$/.test(value ?? "")) throw new Error(`invalid literal for int(): ${value}`);
  return Number(value);
}

describe("programs", () => {
  let nowMs = 0;
  let window = { startAt: "", endAt: "" };

  beforeEach(async () => {
    nowMs = Date.now();
    window = { startAt: new Date(nowMs - 86_400_000).toISOString(), endAt: secondsOf(nowMs + 4_000) };
    const detail = JSON.stringify({ category: 2, details: "550\nno such user" });
    const link = { link: "https://shop.example/?a=1,2", link_id: "l1" };
    await logRows(
      { type: 6, send: "77", person: "1" },
      { type: 8, person: "2", detail, at: nowMs - 7_200_000 },
      { type: 11, person: "~anon-0123456789abcd", user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", ...link },
      { type: 10, person: "~erased-x" },
    );
  });

  it("Singer: looks at the use, describes leads, syncs each stream of activities by windows", async () => {
    expect(Number((await get("/rest/v1/stats/usage.json")).result?.[0]?.total)).toBe(0);
    const fields = (await get("/rest/v1/leads/describe.json")).result as { rest: { name: string }; dataType: string }[];
    expect(fields.map(({ rest, dataType }) => `${rest.name}: ${dataType}`)).toEqual(["id: integer", "email: email"]);
    const types = (await get("/rest/v1/activities/types.json")).result ?? [];
    const read: string[] = [];
    for (const { id, attributes } of types as { id: number; attributes: { name: string }[] }[]) {
      const known = new Set(attributes.map(({ name }) => name));
      const columns = ["marketoGUID", "leadId", "activityDate", "activityTypeId", "campaignId"];
      const primary = ["primaryAttributeValue", "primaryAttributeValueId", "attributes"];
      const filter = { createdAt: window, activityTypeIds: [id] };
      for (const row of await rowsOf({ format: "CSV", fields: [...columns, ...primary], filter })) {
        parsedInteger(row.leadId);
        expect(parsedInteger(row.campaignId)).toBe(42);
        expect(row.activityDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        // What is not described is lost.
        for (const name of Object.keys(JSON.parse(row.attributes ?? ""))) expect(known).toContain(name);
        read.push(`${row.activityTypeId} ${row.leadId}`);
      }
    }
    expect(read.toSorted()).toEqual(["10 null", "11 null", "6 1", "8 2"]);
    const listed = await get(`${EXTRACTS_PATH}.json?status=Created&status=Queued&status=Processing&status=Completed`);
    expect(listed.result).toHaveLength(types.length);
    const programs = await get("/rest/asset/v1/programs.json?maxReturn=200&offset=0");
    expect(programs).toMatchObject({ warnings: [NO_ASSETS] });
    // It reads no result behind the warning.
    expect(programs).not.toHaveProperty("result");
    for (const stream of ["campaigns", "lists"]) {
      const { result, ...page } = await get(`/rest/v1/${stream}.json?batchSize=300`);
      for (const row of result ?? []) expect(String(row.updatedAt) >= "2026-01-01").toBe(true);
      expect(page).not.toHaveProperty("nextPageToken");
    }
  });

  it("Airbyte and hotglue: no fields, more members, ids as texts, windows that follow each other", async () => {
    const halfMs = nowMs - 3_600_000;
    await env.DB.prepare("UPDATE events SET recorded_at = ?1 WHERE type IN (6, 8)")
      .bind(halfMs - 1)
      .run();
    const windows = [
      { startAt: window.startAt, endAt: secondsOf(halfMs - 2_000) },
      { startAt: secondsOf(halfMs - 1_000), endAt: window.endAt },
    ];
    const read: (string | undefined)[] = [];
    for (const { startAt, endAt } of windows) {
      const filter = { createdAt: { startAt, endAt }, activityTypeIds: ["6", "8", "10", "11"] };
      const rows = await rowsOf({
        format: "CSV",
        fields: [],
        filter,
        window_start_date: startAt,
        window_end_date: endAt,
      });
      for (const row of rows) expect(Object.keys(row)).toHaveLength(8);
      read.push(...rows.map(({ activityTypeId }) => activityTypeId));
    }
    expect(read).toEqual(["6", "8", "11", "10"]);
  });

  it("hotglue and Singer: what was recorded in the second that two windows share is in both, by one GUID", async () => {
    const shared = secondsOf(nowMs - 3_600_000);
    await emptyLog();
    const [guid, last] = await logRows({}, {});
    const record = env.DB.prepare("UPDATE events SET recorded_at = ?1 WHERE id = ?2");
    await env.DB.batch([record.bind(Date.parse(shared) + 400, guid), record.bind(Date.parse(shared) + 1_000, last)]);
    const guidsIn = async (startAt: string, endAt: string) =>
      (await rowsOf({ filter: { createdAt: { startAt, endAt } } })).map(({ marketoGUID }) => marketoGUID);
    expect(await guidsIn(window.startAt, shared)).toEqual([guid]);
    expect(await guidsIn(shared, window.endAt)).toEqual([guid, last]);
  });

  it("marketorestpython: stops at untilDatetime, begins there again, and has each activity in one window", async () => {
    await emptyLog();
    const untilMs = Date.parse(secondsOf(nowMs - 7_200_000));
    // Seconds after untilDatetime: recorded, happened. A clock is ahead, and some are reported late.
    const times = [
      [-300, -300],
      [-240, 600],
      [-180, -7_200],
      [-120, -120],
      [60, 60],
      [120, -7_200],
      [180, 180],
    ] as const;
    const ids = await logRows(...times.map(([, happened]) => ({ type: 7, at: untilMs + happened * 1_000 })));
    const record = env.DB.prepare("UPDATE events SET recorded_at = ?1 WHERE id = ?2");
    await env.DB.batch(times.map(([recorded], index) => record.bind(untilMs + recorded * 1_000, ids[index])));
    const read = async (since: string, until: string) => {
      const guids: unknown[] = [];
      let { nextPageToken = "" } = await get(`/rest/v1/activities/pagingtoken.json?sinceDatetime=${since}`);
      for (let more = true; more; ) {
        const query = `activityTypeIds=7&batchSize=2&nextPageToken=${nextPageToken}`;
        const { result = [], ...page } = await get(`/rest/v1/activities.json?${query}`);
        // It looks at the last row alone before it leaves out any.
        const isEnd = String(result.at(-1)?.activityDate ?? "") > until;
        const rows = isEnd ? result.filter(({ activityDate }) => String(activityDate) <= until) : result;
        guids.push(...rows.map(({ marketoGUID }) => marketoGUID));
        more = page.moreResult === true && rows.length === result.length;
        nextPageToken = page.nextPageToken ?? "";
      }
      return guids;
    };
    const until = secondsOf(untilMs);
    expect(await read("2026-01-01", until)).toEqual(ids.slice(0, 4));
    const between = await logRows({ type: 7, at: untilMs - 30_000 });
    expect(await read(until, secondsOf(nowMs + 60_000))).toEqual([...ids.slice(4), ...between]);
  });

  it("marketorestpython: reads emails until no result comes, and campaigns and lists by POST", async () => {
    // This loop ends with an answer that has no result.
    let offset = 0;
    for (; offset < 60 && "result" in (await get(`/rest/asset/v1/emails.json?maxReturn=20&offset=${offset}`)); )
      offset += 20;
    expect(offset).toBe(20);
    const campaigns = await post("/rest/v1/campaigns.json?_method=GET", "");
    expect(campaigns.result?.map(({ id }) => id)).toEqual([42]);
    expect((await post("/rest/v1/list/7/leads.json?_method=GET", "")).result).toEqual([]);
  });

  it("goketo and mrkt: a time without seconds, ids as integers or null in every row", async () => {
    const begin = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01T00:00-0800";
    const { nextPageToken } = await get(begin);
    const types = [6, 8, 10, 11].map((type) => `activityTypeIds=${type}`).join("&");
    const { result = [] } = await get(`/rest/v1/activities.json?${types}&nextPageToken=${nextPageToken}`);
    const ids = result.map(({ leadId }) => leadId);
    expect(ids).toEqual([1, 2, null, null]);
    const valuesOf = (index: number) => {
      const attributes = result[index]?.attributes as { name: string; value: unknown }[];
      return Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
    };
    expect(valuesOf(0)).toEqual({ "Campaign Run ID": 77 });
    expect(valuesOf(1)).toMatchObject({ Category: "2", "Occurred At": secondsOf(nowMs - 7_200_000) });
    expect(valuesOf(2)).toMatchObject({
      Pseudonym: "~anon-0123456789abcd",
      Platform: "Windows Desktop",
      Device: "unknown",
    });
    expect(valuesOf(3)).toMatchObject({ Pseudonym: "~erased-x" });
  });
});
