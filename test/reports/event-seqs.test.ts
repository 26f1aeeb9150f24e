/** The lists of seqs that lead from persons and messages to their events. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import type { BotPolicy } from "../../src/bots/bot.ts";
import { MESSAGE_FLAGS } from "../../src/events/message-flags.ts";
import { events, messageStats } from "../../src/events/schema.ts";
import { type Sql, sql } from "../../src/platform/sql.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog, seqsOf } from "../../src/reports/index.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { ask, token } from "../worker.ts";
import { MARKING, UNASKED } from "./policy.ts";
import { AT, clicked, delivered, MINUTE, opened, SECOND } from "./visited.ts";

beforeEach(emptyLog);

const aggregate = (policy: BotPolicy = MARKING) => aggregateLog(env, policy, Number.POSITIVE_INFINITY);

describe("the lists of a person's events", () => {
  const seqsIn = async (from: Sql) =>
    (await sql`SELECT seq FROM ${from} ORDER BY seq`.prepare(env.DB).all<{ seq: number }>()).results.map(
      ({ seq }) => seq,
    );
  const listed = (person: string) => seqsIn(seqsOf(sql`${messageStats.person} = ${person}`));
  const inLog = () => seqsIn(sql`${events}`);
  const size = async () =>
    await env.DB.prepare(
      `SELECT (SELECT max(length(seqs)) FROM message_stats) AS row,
      (SELECT max(length(seqs)) FROM earlier_seqs) AS earlier, (SELECT count(*) FROM earlier_seqs) AS rows`,
    ).first<{ row: number; earlier: number; rows: number }>();

  it("hold those that no report counts, too, and such a message is in none", async () => {
    await logRows(
      { type: 0, at: AT },
      { type: 100_001, at: AT + 1, campaign: "43" },
      { type: 100_002, at: AT, email: "8", campaign: "unknown" },
      { type: 11, at: AT, email: "8" },
      opened(AT, { id: "oshared", email: "9" }),
      opened(AT + MINUTE, { id: "oshared", email: "9", campaign: "43" }),
    );
    await aggregate();
    expect(await listed("1")).toEqual(await inLog());
    expect(await emailCounts(env.DB, { bots: "include" }, { by: "email", limit: 10 }, AT)).toMatchObject([{ id: "9" }]);
    await logRows(delivered(AT + SECOND));
    await aggregate();
    const since = "SELECT since, flags FROM message_stats WHERE email = '7' AND campaign = '42'";
    expect(await env.DB.prepare(since).first()).toEqual({ since: AT + SECOND, flags: MESSAGE_FLAGS.delivered });
    const reports = await emailCounts(env.DB, { bots: "include" }, { by: "email", limit: 10 }, AT);
    expect(reports).toMatchObject([{ id: "7", sent: 1 }, { id: "9" }]);
  });

  it("stay bounded rows for a message clicked thousands of times, and hold each click", async () => {
    for (let day = 0; day < 3; day++) {
      const clicks = Array.from({ length: 1_200 }, (_, index) => clicked(AT + day * 1_440 * MINUTE + index * MINUTE));
      await logRows(...clicks);
      await aggregate(UNASKED);
    }
    expect(await listed("1")).toEqual(await inLog());
    const { row = 0, earlier = 0, rows = 0 } = (await size()) ?? {};
    expect([row < 4_000, earlier < 4_000, rows < 20]).toEqual([true, true, true]);
  });

  it("do not grow with what moves to a new seq", async () => {
    const link = `/u/${token("unsubscribe", { email: "7", person: "1", campaign: "42" })}`;
    for (let turn = 0; turn < 4; turn++) {
      await ask(link, { method: "POST", body: new URLSearchParams({ action: turn % 2 === 0 ? "" : "subscribe" }) });
      await logRows(opened(AT - turn * MINUTE), opened(AT - turn * MINUTE, { id: "another" }));
      await aggregate(UNASKED);
    }
    expect(await inLog()).toHaveLength(4);
    // As if it had gone on for long.
    const left = JSON.stringify(Array.from({ length: 499 }, (_, index) => -index));
    await env.DB.prepare("UPDATE message_stats SET seqs = ?").bind(left).run();
    await logRows(clicked(AT), clicked(AT));
    await aggregate(UNASKED);
    expect(await size()).toMatchObject({ rows: 0 });
    expect(await listed("1")).toEqual((await inLog()).slice(-2));
  });
});
