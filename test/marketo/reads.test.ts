/** What Marketo's programs read besides activities: what this log knows, and empty answers for what there is not. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { environment } from "../worker.ts";
import { withoutExtracts } from "./extract/extract-world.ts";
import { call, type Envelope, logInTime, logRows, newClient } from "./marketo.ts";

/** No limit of calls. */
let patient: Env;
let token = "";

beforeEach(async () => {
  patient = environment({ API_CALLS: { limit: async () => ({ success: true }) } });
  await withoutExtracts();
  ({ token } = await newClient());
});

const get = (path: string) => call(token, path, {}, patient);
const code = ({ errors }: Envelope) => errors?.map((each) => each.code).join();
const form = { "Content-Type": "application/x-www-form-urlencoded" };
const post = (path: string, body: string) => call(token, path, { method: "POST", headers: form, body }, patient);
const secondsOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const since = "sinceDatetime=2026-01-01T00:00:00Z";
const pagingToken = async () => (await get(`/rest/v1/activities/pagingtoken.json?${since}`)).nextPageToken ?? "";

const NO_ASSETS = "No assets found for the given search criteria.";
/** As Marketo's: without a result, for which one of marketorestpython's loops waits. */
const NOTHING = { requestId: expect.any(String), success: true, errors: [], warnings: [NO_ASSETS] };

describe("what there is not", () => {
  it.each([
    "lists.json?batchSize=300",
    "lists/7.json",
    "lists/7/leads.json",
    "list/7/leads.json",
    "leads/partitions.json",
    "leads/programs/7.json",
    "leads/7/listMembership.json",
    "leads/7/programMembership.json",
    "leads/7/smartCampaignMembership.json",
    "programs/7/members.json",
    "activities/external/types.json",
    "activities/external/type/x_c/describe.json",
    "campaigns.json?batchSize=300",
    "campaigns/7.json",
    "lead/7.json",
    "leads.json?filterType=cookies&filterValues=x",
    "companies.json?filterType=id&filterValues=1",
    "companies/describe.json",
    "namedAccountLists.json",
    "namedAccountList/x/namedAccounts.json",
    "namedaccounts/describe.json",
    "opportunities.json?filterType=id&filterValues=1",
    "opportunities/roles.json?filterType=id&filterValues=1",
    "salespersons.json?filterType=id&filterValues=1",
    "customobjects.json",
    "customobjects/car_c.json?filterType=id&filterValues=1",
    "customobjects/schema/fieldDataTypes.json",
    "customobjects/schema/linkableObjects.json",
    "customobjects/schema/car_c/dependentAssets.json",
    "companies/schema/fields.json",
    "lists/7/leads/ismember.json?id=1",
    "namedaccounts/schema/fields.json",
    "namedaccounts/schema/fields/annualRevenue.json",
    "opportunities/schema/fields/stage.json",
    "program/members/describe.json",
    "programs/members/schema/fields/reachedSuccess.json",
  ])("is an empty result of %s, without a next page", async (path) => {
    expect(await get(`/rest/v1/${path}`)).toEqual({ requestId: expect.any(String), success: true, result: [] });
    const [name, query = ""] = path.split("?");
    expect(await post(`/rest/v1/${name}?_method=GET`, query)).toMatchObject({ success: true, result: [] });
    expect(code(await post(`/rest/v1/${name}`, query))).toBe("605");
  });

  it.each([
    "programs.json?maxReturn=200&offset=0&earliestUpdatedAt=2026-01-01T00:00:00Z&latestUpdatedAt=2026-02-01T00:00:00Z",
    "program/7.json",
    "program/byName.json?name=x",
    "emails.json?maxReturn=200",
    "email/7.json",
    "email/byName.json?name=x",
    "email/7/content.json",
    "emailTemplates.json",
    "segmentation.json?batchSize=200",
    "segmentation/7/segments.json",
    "smartCampaigns.json",
    "smartCampaign/7.json",
    "smartCampaign/byName.json?name=x",
    "staticLists.json",
    "smartLists.json",
    "folders.json?root=1",
    "landingPages.json",
    "forms.json",
    "snippets.json",
    "files.json",
    "channels.json",
    "tagTypes.json",
    "email/ccFields.json",
    "email/7/dynamicContent/9.json",
    "emailTemplate/7/content",
    "emailTemplates/7/usedBy.json",
    "form/fields.json",
    "form/programMemberFields.json",
    "form/7/usedBy.json",
    "landingPage/7/dynamicContent/9.json",
    "program/byTag.json?tagType=a&tagValue=b",
    "redirectRule/7.json",
    "snippet/7/dynamicContent.json",
  ])("is no result of assets but the warning that programs look for: %s", async (path) => {
    expect(await get(`/rest/asset/v1/${path}`)).toEqual(NOTHING);
  });

  it("is none of custom objects either that are looked up by keys in JSON", async () => {
    const body = JSON.stringify({ filterType: "dedupeFields", fields: ["vin"], input: [{ vin: "1" }] });
    const init = { method: "POST", headers: { "Content-Type": "application/json; charset=utf-8" }, body };
    const find = (query: string) => call(token, `/rest/v1/customobjects/car_c.json${query}`, init, patient);
    expect(await find("?_method=GET")).toMatchObject({ success: true, result: [] });
    expect(code(await find(""))).toBe("605");
  });

  it.each([
    "/rest/v1//stats/errors.json",
    "/rest//v1/lists.json",
    "//rest/asset/v1/programs.json",
    "//bulk///v1/leads/export.json",
  ])("is read at %s, whose slashes stand for one", async (path) => {
    expect(await get(path)).toMatchObject({ success: true });
    expect(code(await get(`${path}//`))).toBe("610");
  });

  it("is no leads' change and no deleted lead, whose token is good for later", async () => {
    for (const path of ["deletedleads.json", "leadchanges.json"]) {
      const query = `fields=email&batchSize=300&nextPageToken=${await pagingToken()}`;
      const answer = await get(`/rest/v1/activities/${path}?${query}`);
      expect(answer).toMatchObject({ success: true, result: [], moreResult: false });
      expect((await get(`/rest/v1/activities/${path}?nextPageToken=${answer.nextPageToken}`)).success).toBe(true);
      expect(code(await get(`/rest/v1/activities/${path}?nextPageToken=x`))).toBe("1001");
    }
  });

  it("is no use and no error that is counted, of today and of seven days", async () => {
    const [today] = (await get("/rest/v1/stats/usage.json")).result ?? [];
    expect(today).toEqual({ date: new Date().toISOString().slice(0, 10), total: 0, users: [] });
    expect((await get("/rest/v1/stats/usage/last7days.json")).result).toHaveLength(7);
    expect((await get("/rest/v1/stats/errors.json")).result).toEqual([{ ...today, users: undefined, errors: [] }]);
    expect((await get("/rest/v1/stats/errors/last7days.json")).result).toHaveLength(7);
  });

  it("is no extract but of activities: 1035, which programs take for a no; and none is listed", async () => {
    const body = JSON.stringify({ format: "CSV", fields: ["id"], filter: { updatedAt: {} } });
    for (const kind of ["leads", "program/members", "customobjects/car_c"]) {
      const init = { method: "POST", headers: { "Content-Type": "application/json" }, body };
      expect(code(await call(token, `/bulk/v1/${kind}/export/create.json`, init, patient))).toBe("1035");
      expect((await get(`/bulk/v1/${kind}/export.json?status=Created&status=Queued`)).result).toEqual([]);
    }
  });

  it("is no row of activity types that this log does not hold", async () => {
    await logRows({ type: 6 }, { type: 0 });
    const page = async (types: string) =>
      (await get(`/rest/v1/activities.json?activityTypeIds=${types}&nextPageToken=${await pagingToken()}`)).result;
    expect(await page("0,1,2,12,13,104")).toEqual([]);
    expect(await page("1,2,12,6")).toHaveLength(1);
  });
});

describe("leads", () => {
  const find = (query: string) => get(`/rest/v1/leads.json?${query}`);

  beforeEach(async () => {
    await env.DB.batch([
      env.DB.prepare("INSERT INTO people (person, address) VALUES ('31', 'a@x.example'), ('32', 'b@x.example')"),
      env.DB.prepare(
        "INSERT INTO other_addresses (person, address) VALUES ('31', 'old@x.example'), ('33', 'c@x.example')",
      ),
      env.DB.prepare(`INSERT INTO message_stats (email, campaign, person, since, flags)
        VALUES ('7', '42', '34', 0, 1), ('7', '42', '~erased-x', 0, 1)`),
    ]);
    await logRows({ person: "36" });
    return async () => {
      for (const table of ["people", "other_addresses"]) await env.DB.prepare(`DELETE FROM ${table}`).run();
    };
  });

  it.each<[string, object[]]>([
    [
      "filterType=id&filterValues=32,31,35",
      [
        { id: 31, email: "a@x.example" },
        { id: 32, email: "b@x.example" },
      ],
    ],
    [
      "filterType=id&filterValues=33&filterValues=34",
      [
        { id: 33, email: "c@x.example" },
        { id: 34, email: null },
      ],
    ],
    [
      "filterType=email&filterValues=A@x.example,c@x.example",
      [
        { id: 31, email: "a@x.example" },
        { id: 33, email: "c@x.example" },
      ],
    ],
    ["filterType=id&filterValues=36", [{ id: 36, email: null }]],
    ["filterType=email&filterValues=old@x.example", []],
    ["filterType=id&filterValues=~erased-x,a b", []],
    ["filterType=id&filterValues=31&fields=email,firstName", [{ id: 31, email: "a@x.example", firstName: null }]],
  ])("are found by %s", async (query, leads) => {
    expect((await find(query)).result).toEqual(leads);
    expect((await post("/rest/v1/leads.json", `_method=GET&${query}`)).result).toEqual(leads);
  });

  it("have two fields, of which each is described", async () => {
    const described = (await get("/rest/v1/leads/schema/fields.json")).result ?? [];
    expect(described.map(({ name, dataType }) => `${name}: ${dataType}`)).toEqual(["id: integer", "email: email"]);
    expect((await get("/rest/v1/leads/schema/fields/email.json")).result).toEqual(described.slice(1));
    expect((await get("/rest/v1/leads/schema/fields/firstName.json")).result).toEqual([]);
  });

  it("are read one by one, and paged", async () => {
    expect((await get("/rest/v1/lead/31.json")).result).toEqual([{ id: 31, email: "a@x.example" }]);
    expect((await get("/rest/v1/lead/~erased-x.json")).result).toEqual([]);
    const query = "filterType=id&filterValues=31,32&batchSize=1";
    const { nextPageToken, result } = await find(query);
    expect(result).toHaveLength(1);
    const second = await find(`${query}&nextPageToken=${nextPageToken}`);
    expect(second.result?.map(({ id }) => id)).toEqual([32]);
    expect(second).not.toHaveProperty("nextPageToken");
  });

  it.each<[string, string]>([
    ["filterValues=1", "1002"],
    ["filterType=id", "1002"],
    ["filterType=id&filterValues=", "701"],
    [`filterType=id&filterValues=${Array.from({ length: 301 }, (_, id) => id)}`, "1003"],
    ["filterType=id&filterValues=1&fields=a,%3Cb%3E", "1001"],
    ["filterType=id&filterValues=1&batchSize=0", "1001"],
    ["filterType=id&filterValues=1&nextPageToken=x", "1001"],
  ])("are refused to %s with %s", async (query, expected) => {
    expect(code(await find(query))).toBe(expected);
  });
});

describe("emails and campaigns", () => {
  const AT = Date.UTC(2026, 0, 16);

  beforeEach(async () => {
    await env.DB.prepare(`INSERT INTO names VALUES ('email', '8', 'Spring', 'spring'),
      ('email', '9', 'Unsent', 'unsent'), ('campaign', '42', 'Q1', 'q1')`).run();
    await logInTime(
      { email: "7", at: AT },
      { email: "8", at: AT + 5_000, person: "2" },
      { email: "8", campaign: "x", at: AT },
    );
  });

  it("are those of the log, with their names", async () => {
    const emails = [
      { id: 7, name: "7", createdAt: secondsOf(AT), updatedAt: secondsOf(AT) },
      { id: 8, name: "Spring", createdAt: secondsOf(AT), updatedAt: secondsOf(AT + 5_000) },
      { id: 9, name: "Unsent" },
    ];
    const list = (query: string) => get(`/rest/asset/v1/emails.json${query}`);
    expect(await list("")).toMatchObject({ success: true, result: emails, warnings: [] });
    expect((await list("?maxReturn=2")).result).toEqual(emails.slice(0, 2));
    expect((await list("?maxReturn=2&offset=2")).result).toEqual(emails.slice(2));
    const updated = (fromMs: number, untilMs: number) =>
      list(`?earliestUpdatedAt=${secondsOf(fromMs)}&latestUpdatedAt=${secondsOf(untilMs)}`);
    expect((await updated(AT - 9_000, AT + 4_000)).result).toEqual(emails.slice(0, 1));
    expect((await updated(AT + 5_000, AT + 9_000)).result).toEqual(emails.slice(1, 2));
    expect(await updated(AT + 1_000, AT + 4_000)).toEqual(NOTHING);
    expect(code(await list("?earliestUpdatedAt=soon"))).toBe("704");
    expect(await list("?offset=200")).toEqual(NOTHING);
    for (const { id } of emails)
      expect((await get(`/rest/asset/v1/email/${id}.json`)).result).toEqual(emails.filter((each) => each.id === id));
    expect((await get("/rest/asset/v1/email/byName.json?name=Spring")).result).toEqual([emails[1]]);
    for (const query of ["?maxReturn=201", "?maxReturn=0", "?offset=-1"]) expect(code(await list(query))).toBe("1001");
  });

  it("campaigns have the times of their first and last messages, which programs compare", async () => {
    const times = { type: "batch", createdAt: secondsOf(AT), updatedAt: secondsOf(AT) };
    const campaigns = [
      { id: 42, name: "Q1", ...times, updatedAt: secondsOf(AT + 5_000) },
      { id: "x", name: "x", ...times },
    ];
    const list = (query: string) => get(`/rest/v1/campaigns.json?${query}`);
    expect(await list("batchSize=300")).toEqual({ requestId: expect.any(String), success: true, result: campaigns });
    const first = await list("batchSize=1");
    expect(first.result).toEqual(campaigns.slice(0, 1));
    expect((await list(`batchSize=1&nextPageToken=${first.nextPageToken}`)).result).toEqual(campaigns.slice(1));
    expect((await list("id=42&id=43")).result).toEqual(campaigns.slice(0, 1));
    expect((await list("name=Q1")).result).toEqual(campaigns.slice(0, 1));
    expect((await list("programName=x")).result).toEqual([]);
    expect((await get("/rest/v1/campaigns/42.json")).result).toEqual(campaigns.slice(0, 1));
  });
});
