/** Every read of the log answers the same, whether events are in D1 or in the archive. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { sampleHistory } from "../../src/dev/sample/history.ts";
import { rowOf } from "../../src/events/row.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { call, newClient } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { MARKING } from "../reports/policy.ts";
import { archiveAll, moveAllMessages, rewriteAll, rewriteAllFiles } from "./whole-log.ts";

const NOW_MS = Date.now();
const { reports, visits } = sampleHistory(NOW_MS);
/** A part of the month of invented mail, so that it is quick. */
const REPORTS = reports.slice(0, 350);
const VISITS = visits.slice(0, 250);
const [FIRST] = REPORTS;
const [email, campaign] = [FIRST?.email.id, FIRST?.campaign.id];
const { id: PERSON = "", address = "" } = FIRST?.person ?? {};
const FROM = new Date(NOW_MS - 40 * 86_400_000).toISOString();
const PERIOD = `since=${FROM}&until=${new Date(NOW_MS).toISOString()}`;
const OF_MESSAGE = `/v1/messages/${email}/${campaign}/${PERSON}`;

/** What is read, whole lists page by page. */
const READS = [
  "/v1/events?limit=100",
  "/v1/events?limit=30&type=clicked,opened&bots=exclude",
  `/v1/events?limit=100&email=${email}&type=delivered`,
  `/v1/events?limit=3&person=${PERSON}`,
  `/v1/events?limit=100&address=${address}`,
  `/v1/events?limit=100&since=${FROM}`,
  OF_MESSAGE,
  `${OF_MESSAGE}?limit=2`,
  `/v1/people/export?person=${PERSON}`,
  `/v1/people/held?person=${PERSON}`,
  `/v1/messages?person=${PERSON}`,
  "/v1/messages?limit=50",
  `/v1/messages?email=${email}&status=delivered&limit=20`,
  `/v1/reports/activity?by=day&${PERIOD}`,
  `/v1/reports/activity?by=weekday_hour&email=${email}&${PERIOD}`,
  `/v1/reports/devices?email=${email}`,
  "/v1/reports/devices",
  "/v1/reports/emails",
  "/v1/reports/domains",
  "/v1/reports/bounces",
  `/v1/reports/links?email=${email}`,
  `/v1/reports/recipients?email=${email}&did=clicked`,
];

/** They have messages of the last MESSAGE_DAYS only, and say how many they leave out. */
const LEAVE_OUT = [
  "/v1/messages?limit",
  "/v1/messages?email",
  "/v1/reports/activity?by=weekday_hour",
  ...["devices", "domains", "bounces", "recipients"].map((report) => `/v1/reports/${report}`),
];

/** Whoever asks for a person or a message brings messages back into D1; what else lists or counts reads files. */
const BRINGS_BACK = /person=|address=|messages\//;

beforeAll(async () => {
  for (let from = 0; from < REPORTS.length; from += 300)
    await post("/v1/events", { events: REPORTS.slice(from, from + 300) });
  const rows = VISITS.map((visit, index) => {
    const message = { email: visit.email, campaign: visit.campaign, person: visit.person };
    const visitor = { userAgent: visit.userAgent, botPattern: undefined };
    const base = { id: `visit${index}`, atMs: visit.atMs, message, visitor };
    const link = { id: `l${visit.link}`, url: `https://shop.example/${visit.link}` };
    return visit.type === "opened" ? rowOf({ ...base, type: "opened" }) : rowOf({ ...base, type: "clicked", link });
  });
  await insertGroups(env, [groupOf(rows)]);
  // Bots are found, and their events get new seqs.
  await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
});

type Answer = Readonly<Record<string, unknown>>;

/** The answers of a list, page after page, without what differs from call to call. */
async function readAll(path: string): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let [next, pages] = ["", 0]; ; pages++) {
    const { status, body } = await get(next === "" ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${next}`);
    expect(status, JSON.stringify(body)).toBe(200);
    const { next: following, more, feedCursor: _, data, ...others } = body as Answer;
    // Lists are compared as a whole, however their pages are cut.
    if (Array.isArray(data)) found.push(...data);
    if (Object.keys(others).length > 0 && (pages === 0 || !Array.isArray(data))) found.push(others);
    if (typeof following !== "string" && typeof following !== "number") return found;
    if (more === false) return found;
    next = String(following);
  }
}

async function readMarketo(token: string): Promise<unknown[]> {
  const since = await call(token, `/rest/v1/activities/pagingtoken.json?sinceDatetime=${FROM}`);
  const found: unknown[] = [];
  for (let next = since.nextPageToken ?? ""; ; ) {
    const page = await call(token, `/rest/v1/activities.json?activityTypeIds=6,7,8,9,10,11,27&nextPageToken=${next}`);
    found.push(...(page.result ?? []));
    if (page.moreResult !== true) return found;
    next = page.nextPageToken ?? "";
  }
}

it("as before, once all events are archived, and once their segments are written again", async () => {
  const { token } = await newClient("read", "pii");
  const readEach = async () => {
    const answers = new Map<string, unknown[]>();
    for (const path of READS) answers.set(path, await readAll(path));
    return answers.set("marketo", await readMarketo(token));
  };
  const before = await readEach();
  const expectSame = async (when: string) => {
    for (const [path, answer] of await readEach())
      expect({ when, path, answer }).toEqual({ when, path, answer: before.get(path) });
  };
  expect(await archiveAll(200)).toBeGreaterThan(1);
  await expectSame("archived");
  // What is reported again recalls events.
  await post("/v1/events", { events: REPORTS.slice(0, 50) });
  await expectSame("recalled");
  await rewriteAll();
  await expectSame("rewritten");
  const inD1 = () => env.DB.prepare("SELECT count(*) AS count FROM message_stats").first<number>("count");
  const expectSameOfFiles = async (path: string) => {
    const answer = path === "marketo" ? await readMarketo(token) : await readAll(path);
    expect({ when: "moved", path, answer }).toEqual({ when: "moved", path, answer: before.get(path) });
  };
  await moveAllMessages();
  const whole = [...READS, "marketo"].filter((path) => !LEAVE_OUT.some((each) => path.startsWith(each)));
  for (const path of whole.filter((each) => !BRINGS_BACK.test(each))) {
    await expectSameOfFiles(path);
    expect({ path, inD1: await inD1() }).toEqual({ path, inD1: 0 });
  }
  for (const path of whole.filter((each) => BRINGS_BACK.test(each))) {
    await rewriteAllFiles();
    await moveAllMessages();
    expect({ path, inD1: await inD1() }).toEqual({ path, inD1: 0 });
    await expectSameOfFiles(path);
    expect({ path, inD1: await inD1() }).not.toEqual({ path, inD1: 0 });
  }
});
