/** A client of Marketo's API that nobody here wrote, node-marketo-rest, against the Worker, without any change. */
import Marketo from "node-marketo-rest";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../../dev/test-worker.ts";

const NOW_MS = Date.now();
const secondsOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const AT = secondsOf(NOW_MS - 60_000);
const createdAt = { startAt: secondsOf(NOW_MS - 3_600_000), endAt: secondsOf(NOW_MS + 3_600_000) };

let worker: InstrumentedWorker;
let marketo: Marketo;

const post = async (path: string, body: unknown) => {
  const headers = { Authorization: `Bearer ${worker.apiKey}` };
  const answer = await fetch(worker.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  return (await answer.json()) as Record<string, string>;
};

beforeAll(async () => {
  worker = await startTestWorker();
  const { id = "", secret = "" } = await post("/v1/clients", { name: "test", scopes: ["read"] });
  marketo = new Marketo({
    endpoint: `${worker.origin}/rest`,
    identity: `${worker.origin}/identity`,
    clientId: id,
    clientSecret: secret,
    retry: { maxRetries: 2, initialDelay: 10, maxDelay: 100 },
  });
  const events = Array.from({ length: 700 }, (_, index) => ({
    type: index % 2 === 0 ? "sent" : "delivered",
    email: 1042,
    campaign: 88012,
    person: 1_000 + (index >> 1),
    send: "s",
    at: AT,
  }));
  expect(await post("/v1/events", { events })).toMatchObject({ accepted: 700 });
});
afterAll(() => worker.stop());

describe("node-marketo-rest", () => {
  it("gets an access token, the same until it ends", async () => {
    const first = await marketo.getOAuthToken();
    expect(first.expires_in).toBeGreaterThan(3_500);
    expect((await marketo.getOAuthToken()).access_token).toBe(first.access_token);
  });

  it("gets another by itself when its token is refused", async () => {
    marketo._connection._tokenData = { access_token: "forged" };
    const { success } = await marketo.activities.getActivityTypes();
    expect(success).toBe(true);
  });

  it("reads the activity types", async () => {
    const { result } = await marketo.activities.getActivityTypes();
    expect(result.map(({ id }) => id)).toContain(27);
  });

  it("reads every activity once, page by page, and later only what is new", async () => {
    const connection = marketo._connection;
    const begin = await connection.get("/v1/activities/pagingtoken.json", {
      query: { sinceDatetime: createdAt.startAt },
    });
    let nextPageToken = begin.nextPageToken;
    const read = async () => {
      const ids: unknown[] = [];
      for (let more: boolean | undefined = true; more; ) {
        const page = await connection.get("/v1/activities.json", {
          query: { activityTypeIds: "6,7", nextPageToken },
        });
        ids.push(...page.result.map(({ id }) => id));
        nextPageToken = page.nextPageToken;
        more = page.moreResult;
      }
      return ids;
    };
    const ids = await read();
    expect(ids.length).toBe(700);
    expect(new Set(ids).size).toBe(700);
    expect(await read()).toEqual([]);
    await post("/v1/events", { events: [{ type: "sent", email: 1, campaign: 1, person: 1 }] });
    expect((await read()).length).toBe(1);
  });

  it("reads everything else that it knows: leads, lists, campaigns, emails, changes, use and errors", async () => {
    const { lead, list, campaign, email, smartList, stats } = marketo;
    await post("/v1/suppressions", { person: { id: 1_000, address: "a@x.example" }, reason: "invalid" });
    expect((await lead.describe()).result.length).toBe(2);
    const { nextPageToken = "" } = await lead.getPageToken(createdAt.startAt);
    expect((await lead.getActivities([1_000], [6, 7, 1], nextPageToken)).result.length).toBe(2);
    expect((await lead.byId(1_000)).result[0]?.id).toBe(1_000);
    expect((await lead.find("id", [1_000, 1_001, "x"])).result.map(({ id }) => id)).toEqual([1_000, 1_001]);
    expect((await campaign.getCampaigns()).result.map(({ id }) => id)).toContain(88_012);
    expect((await email.getEmails()).result.map(({ id }) => id)).toContain(1_042);
    const empty = await Promise.all([
      lead.partitions(),
      lead.getChanges(nextPageToken, { fields: "email" }),
      list.find({ name: "x" }),
      list.getLeads(7),
      campaign.getSmartCampaigns(),
      smartList.find(),
      smartList.byId(7),
    ]);
    // Of assets, no result at all.
    expect(empty.map(({ result }) => result?.length)).toEqual([0, 0, 0, 0, undefined, undefined, undefined]);
    for (const read of [stats.usage, stats.usageLast7Days, stats.errors, stats.errorsLast7Days])
      expect((await read.call(stats)).result[0]).toMatchObject({ total: 0 });
  });

  it("extracts in bulk by /rest/../bulk and GETs with a body: creates, enqueues, waits, reads the file", async () => {
    const extract = marketo.bulkActivityExtract;
    const { result } = await extract.create({ createdAt, activityTypeIds: [6] }, { format: "CSV", fields: null });
    const exportId = String(result[0]?.exportId);
    expect(result[0]?.status).toBe("Created");
    expect((await extract.enqueue(exportId)).result[0]?.status).toBe("Queued");
    let job: Record<string, unknown> | undefined;
    while (job?.status !== "Completed") {
      job = (await extract.status(exportId)).result[0];
      expect(["Queued", "Processing", "Completed"]).toContain(job?.status);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(job.numberOfRecords).toBe(351);
    const lines = (await extract.file(exportId)).trim().split("\n");
    expect(lines.length).toBe(352);
    expect(lines[0]).toBe(
      "marketoGUID,leadId,activityDate,activityTypeId," +
        "campaignId,primaryAttributeValueId,primaryAttributeValue,attributes",
    );
    expect(lines[1]?.split(",").slice(1)).toEqual(["1000", AT, "6", "88012", "1042", "1042", "{}"]);
  });

  it("cancels an extract", async () => {
    const extract = marketo.bulkActivityExtract;
    const { result } = await extract.create({ createdAt });
    const cancelled = await extract.cancel(String(result[0]?.exportId));
    expect(cancelled.result[0]?.status).toBe("Cancelled");
  });
});
