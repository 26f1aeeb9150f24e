/** What D1 reads for lists of emails and campaigns, and what it writes so that they read little. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog, readStaleMailings } from "../../src/reports/index.ts";
import { counted } from "../counted.ts";
import { MARKING } from "../reports/policy.ts";
import { environment } from "../worker.ts";
import { call, emptyLog, logInTime, logRows, newClient } from "./marketo.ts";

const AT = Date.UTC(2026, 0, 16);

beforeEach(emptyLog);

it("emails and campaigns are read without their messages, however many there are", async () => {
  const many = Array.from({ length: 2_000 }, (_, index) => ({ email: `${index % 4}`, person: `p${index}`, at: AT }));
  await logInTime(...many, { email: "7", campaign: "y", at: AT + 9_000 });
  await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
  const { token } = await newClient();
  const reads: number[] = [];
  const DB = counted(({ rows_read }) => void reads.push(rows_read));
  const around = environment({ DB, API_CALLS: { limit: async () => ({ success: true }) } });
  const updated = "earliestUpdatedAt=2026-01-16T00:00:09Z&latestUpdatedAt=2026-01-16T00:00:10Z";
  for (const [path, found] of [
    ["v1/campaigns.json", 2],
    ["v1/campaigns.json?id=y", 1],
    ["v1/campaigns/42.json", 1],
    ["asset/v1/emails.json", 5],
    [`asset/v1/emails.json?${updated}`, 1],
    ["asset/v1/email/1.json", 1],
  ] as const) {
    reads.length = 0;
    const { result } = await call(token, `/rest/${path}`, {}, around);
    expect([path, result?.length, Math.max(...reads) < 100 ? "few" : Math.max(...reads)]).toEqual([path, found, "few"]);
  }
});

it("their times cost a row an email and campaign, and none a message", async () => {
  const messages = Array.from({ length: 50 }, (_, index) => ({ person: `p${index}`, at: AT }));
  await logRows(...messages);
  let written = 0;
  const DB = counted(({ rows_written }) => {
    written += rows_written;
  });
  const rowsOf = async () => {
    written = 0;
    await aggregateLog({ ...env, DB: DB }, MARKING, Number.POSITIVE_INFINITY);
    return written;
  };
  // A message, and its row of the index by person; the batch's position, twice, and the times of its range; the email
  // of the campaign, and its row of the index by campaign.
  expect(await rowsOf()).toBe(50 * 2 + 3 + 2);
  await logRows(...messages.map((message) => ({ ...message, type: 7, at: AT + 1_000 })));
  expect(await rowsOf()).toBe(50 + 3);
});

it("their times are read again, each message once, when somebody asks after the first of them has moved", async () => {
  const [emails, people] = [20, 200];
  const sent = Array.from({ length: emails * people }, (_, index) => {
    return { email: `e${index % emails}`, person: `p${index}`, at: AT + index, type: 7 };
  });
  await logRows(...sent);
  await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
  let read = 0;
  const DB = counted(({ rows_read }) => {
    read += rows_read;
  });
  // A Sent says that each email's first message was sent a second earlier, another one that the last was, too.
  const ofFirst = sent.slice(0, emails).map((row) => ({ ...row, type: 6, at: row.at - 1_000 }));
  const ofLast = sent.slice(-emails).map((row) => ({ ...row, type: 6, at: row.at - 1_000 }));
  await logRows(...ofFirst, ...ofLast);
  await aggregateLog({ ...env, DB: DB }, MARKING, Number.POSITIVE_INFINITY);
  expect(read).toBeLessThan(2 * emails * 15);
  read = 0;
  const { token } = await newClient();
  const around = environment({ DB, API_CALLS: { limit: async () => ({ success: true }) } });
  const { result } = await call(token, "/rest/asset/v1/email/e7.json", {}, around);
  expect(result).toMatchObject([{ createdAt: "2026-01-15T23:59:59Z", updatedAt: "2026-01-16T00:00:03Z" }]);
  expect(read).toBeLessThan(emails * (people + 10));
});

it("marked times and a campaign's emails are found without reading all, and no other is written", async () => {
  const emails = Array.from({ length: 300 }, (_, index) => [`e${index}`, `c${index}`]);
  const insert = `INSERT INTO mailings (email, campaign, first_at, last_at, is_stale)
    SELECT value->>0, value->>1, ${AT}, ${AT}, value->>0 = 'e299' FROM json_each(?1)`;
  await env.DB.prepare(insert).bind(JSON.stringify(emails)).run();
  const metas: D1Meta[] = [];
  const DB = counted((meta) => void metas.push(meta));
  const cost = async (work: () => Promise<unknown>) => {
    metas.length = 0;
    await work();
    return {
      read: metas.reduce((all, { rows_read }) => all + rows_read, 0),
      written: metas.reduce((all, { rows_written }) => all + rows_written, 0),
    };
  };
  const readMarked = async () => await readStaleMailings(DB, Number.POSITIVE_INFINITY);
  const first = await cost(readMarked);
  expect([first.read < 20, first.written]).toEqual([true, 1]);
  const second = await cost(readMarked);
  expect([second.read < 5, second.written]).toEqual([true, 0]);
  const filter = { campaign: "c7", bots: "exclude" } as const;
  const report = await cost(async () => await emailCounts(DB, filter, { by: "email", limit: 9 }, AT));
  expect(report.read).toBeLessThan(20);
});
