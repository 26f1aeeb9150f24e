/** What D1 reads for lists of emails and campaigns, and what it writes so that they read little. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { aggregateLog } from "../../src/reports/index.ts";
import { MARKING } from "../reports/policy.ts";
import { environment } from "../worker.ts";
import { call, emptyLog, logInTime, logRows, newClient } from "./marketo.ts";

const AT = Date.UTC(2026, 0, 16);

beforeEach(emptyLog);

/** D1 that reports the statements that it ran. */
function counted(report: (meta: D1Meta) => void): D1Database {
  const realOf = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const counting = (real: D1PreparedStatement): D1PreparedStatement => {
    const statement = new Proxy(real, {
      get(_, name: keyof D1PreparedStatement) {
        if (name === "bind") return (...values: unknown[]) => counting(real.bind(...values));
        if (name !== "all") return Reflect.get(real, name).bind(real);
        return async () => {
          const result = await real.all();
          report(result.meta);
          return result;
        };
      },
    });
    realOf.set(statement, real);
    return statement;
  };
  return new Proxy(env.DB, {
    get(real, name: keyof D1Database) {
      if (name === "prepare") return (query: string) => counting(real.prepare(query));
      return async (statements: D1PreparedStatement[]) => {
        const results = await real.batch(statements.map((each) => realOf.get(each) ?? each));
        for (const { meta } of results) report(meta);
        return results;
      };
    },
  });
}

it("emails and campaigns are read without their messages, however many there are", async () => {
  const many = Array.from({ length: 2_000 }, (_, index) => ({ email: `${index % 4}`, person: `p${index}`, at: AT }));
  await logInTime(...many, { email: "7", campaign: "y", at: AT + 9_000 });
  await aggregateLog(env.DB, MARKING, Number.POSITIVE_INFINITY);
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
    await aggregateLog(DB, MARKING, Number.POSITIVE_INFINITY);
    return written;
  };
  // A message, and its row of the index by person; where the batch stands, twice, and the times of its block.
  expect(await rowsOf()).toBe(50 * 2 + 3 + 1);
  await logRows(...messages.map((message) => ({ ...message, type: 7, at: AT + 1_000 })));
  expect(await rowsOf()).toBe(50 + 3);
});

it("their times are read again, each message once, when somebody asks after the first of them has moved", async () => {
  const [emails, people] = [20, 200];
  const sent = Array.from({ length: emails * people }, (_, index) => {
    return { email: `e${index % emails}`, person: `p${index}`, at: AT + index, type: 7 };
  });
  await logRows(...sent);
  await aggregateLog(env.DB, MARKING, Number.POSITIVE_INFINITY);
  let read = 0;
  const DB = counted(({ rows_read }) => {
    read += rows_read;
  });
  // A Sent says that each email's first message was sent a second earlier, another one that the last was, too.
  const ofFirst = sent.slice(0, emails).map((row) => ({ ...row, type: 6, at: row.at - 1_000 }));
  const ofLast = sent.slice(-emails).map((row) => ({ ...row, type: 6, at: row.at - 1_000 }));
  await logRows(...ofFirst, ...ofLast);
  await aggregateLog(DB, MARKING, Number.POSITIVE_INFINITY);
  expect(read).toBeLessThan(2 * emails * 15);
  read = 0;
  const { token } = await newClient();
  const around = environment({ DB, API_CALLS: { limit: async () => ({ success: true }) } });
  const { result } = await call(token, "/rest/asset/v1/email/e7.json", {}, around);
  expect(result).toMatchObject([{ createdAt: "2026-01-15T23:59:59Z", updatedAt: "2026-01-16T00:00:03Z" }]);
  expect(read).toBeLessThan(emails * (people + 10));
});
