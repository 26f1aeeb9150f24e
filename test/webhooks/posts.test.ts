/** What an endpoint is posted: which events, in which order, in which form, and how they are signed. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { BOT_PATTERNS, type BotPolicy } from "../../src/bots/bot.ts";
import { loadsOf } from "../../src/events/pixel-loads.ts";
import { events } from "../../src/events/schema.ts";
import { changeOf, openRowsWhere, writeOpenRows } from "../../src/ingest/open-rows.ts";
import { runBatch, sql } from "../../src/platform/sql.ts";
import type { DetectedClick } from "../../src/reports/message-stats.ts";
import { reclassifyStatements } from "../../src/reports/reclassify.ts";
import { HONEYPOT_LINK_ID } from "../../src/tokens/claims.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { bouncedSend, pass as passHours, runAlarm } from "../retries/world.ts";
import {
  accepted,
  addEndpoint,
  type Endpoint,
  failing,
  HOUR_MS,
  isGenuine,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
  seqsOf,
} from "./world.ts";

prepareEachTest();

describe("an event", () => {
  it("is posted once, as GET /v1/events has it, signed as the library of Standard Webhooks verifies", async () => {
    const received = receiver(accepted);
    await logRows({ type: 6 });
    const endpoint = await addEndpoint();
    await logRows(
      { type: 11, link_id: "a", link: "https://shop.example/", user_agent: "a browser" },
      { type: 9, detail: '{"cause":"one_click","formFields":{}}' },
      { type: 100_002, detail: '{"reason":"invalid","who":"Ann"}' },
      { type: 0, detail: '{"retracted":10}' },
    );
    await ring(endpoint);
    await ring(endpoint);
    const { body } = await get("/v1/events");
    const feed = body.data as readonly { readonly at: string }[];
    expect(received.map(({ events }) => events[0])).toEqual(
      ["email.clicked", "email.unsubscribed", "suppression.removed", "email.retracted"].map((type, index) => ({
        id: received[index]?.id,
        type,
        timestamp: feed[index + 1]?.at,
        data: feed[index + 1],
      })),
    );
    for (const post of received) {
      expect(isGenuine(post, endpoint.secret)).toBe(true);
      expect(isGenuine({ ...post, body: `${post.body} ` }, endpoint.secret)).toBe(false);
      expect(post.redirect).toBe("manual");
      expect(post.headers["content-type"]).toBe("application/json");
      // A dot would separate the id from the time in what is signed.
      expect(post.id).toMatch(/^[\w-]+$/);
    }
    expect(new Set(received.map(({ id }) => id)).size).toBe(4);
    expect(seqsOf(received)).toEqual([2, 3, 4, 5]);
  });
});

describe("an endpoint's filter", () => {
  it.each<[Record<string, unknown>, number[]]>([
    [{}, [1, 2, 3, 4, 5, 6, 7, 9]],
    [{ events: ["email.opened"] }, [2, 3, 5]],
    [{ events: ["email.clicked", "suppression.removed"] }, [4, 6, 7]],
    [{ events: ["email.retracted"] }, [5, 6]],
    [{ email: 8 }, [3]],
    [{ events: ["email.complained"] }, [9]],
    [{ campaign: { id: "spring" }, bots: "exclude" }, [2]],
    [{ events: ["email.opened"], bots: "exclude" }, [2, 5]],
    [{ events: ["email.hard_bounced"] }, []],
  ])("%j lets through what GET /v1/events does", async (filter, seqs) => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint(filter);
    await logRows(
      { type: 6 },
      { type: 10, campaign: "spring" },
      { type: 10, campaign: "spring", email: "8", is_bot: 1, bot_pattern: "a scanner" },
      { type: 11, link_id: "a" },
      { type: 0, detail: '{"retracted":10}' },
      { type: 0, detail: '{"retracted":11}' },
      { type: 100_002, detail: '{"reason":"invalid"}' },
      { type: 0, detail: "{}" },
      { type: 9, detail: '{"cause":"complaint"}' },
    );
    await ring(endpoint);
    expect(seqsOf(received)).toEqual(seqs);
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ seq: 9, behind: 0 });
  });

  it("that leaves bots out says that a person's event is retracted when it turns out to be a bot's", async () => {
    const received = receiver(accepted);
    const endpoints = [
      await addEndpoint({ bots: "exclude" }),
      await addEndpoint({ bots: "exclude", events: ["email.clicked"] }),
      await addEndpoint({ bots: "exclude", events: ["email.retracted"] }),
      await addEndpoint({ bots: "exclude", events: ["email.sent"] }),
    ];
    const [clicked, opened] = await logRows(
      { type: 11, link_id: "a" },
      { type: 10 },
      { type: 11, link_id: "a", is_bot: 1, bot_pattern: BOT_PATTERNS.network },
      { type: 11, link_id: HONEYPOT_LINK_ID, is_bot: 1, bot_pattern: BOT_PATTERNS.honeypot },
      { type: 10, person: "scanner", is_bot: 1, bot_pattern: BOT_PATTERNS.userAgent },
    );
    const seqsPosted = async () => {
      received.length = 0;
      for (const endpoint of endpoints) await ring(endpoint);
      return received.map(({ events: [event] }) => [event?.type, event?.data.seq, event?.data.was]);
    };
    expect(await seqsPosted()).toEqual([
      ["email.clicked", 1, undefined],
      ["email.opened", 2, undefined],
      ["email.clicked", 1, undefined],
    ]);
    const match = { method: "links", pattern: BOT_PATTERNS.links } as const;
    const [row] = await openRowsWhere(env.DB, events.uniqueId, [String(opened)]);
    if (row === undefined) throw new Error("the open is not there");
    const loads = loadsOf(row).map((load) => ({ ...load, reclassified: match.pattern }));
    // An earlier load by a bot is what the row shows then.
    const bot = { at: row.at - 1, campaign: row.campaign, userAgent: "a", bot: BOT_PATTERNS.userAgent };
    const click = { seq: 1 } as DetectedClick["click"];
    const statements = [
      ...reclassifyStatements([{ click, match }], { handling: { links: "mark" } } as BotPolicy, sql`true`),
      ...writeOpenRows(changeOf(row, [bot, ...loads]), sql`true`),
    ];
    await runBatch(env.DB, statements);
    const retracted = [
      ["email.retracted", 6, "clicked"],
      ["email.retracted", 7, "opened"],
    ];
    expect(await seqsPosted()).toEqual([...retracted, retracted[0], ...retracted]);
    const { body } = await get("/v1/events?bots=exclude");
    expect(body.data).toEqual(received.slice(0, 2).map(({ events: [event] }) => event?.data));
    expect(body.data).toMatchObject([{ id: clicked }, { id: opened }]);
  });

  it("counts from the next post on when it is changed, also for one that waits for its next try", async () => {
    const received = receiver(accepted, failing(500), accepted);
    const endpoint = await addEndpoint({ events: ["email.sent", "email.opened"] });
    await logRows({ type: 6 }, { type: 6 }, { type: 10 }, { type: 11, link_id: "a" });
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2]);
    await post(`${PATH}/${endpoint.id}`, { events: ["email.opened", "email.clicked"] }, env, "PATCH");
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 3, 4]);
    const { data } = (await get(`${PATH}/${endpoint.id}/deliveries`)).body;
    const states = (data as readonly { readonly state: string }[]).map(({ state }) => state);
    expect(states).toEqual(["delivered", "delivered", "replaced", "delivered"]);
  });

  it("counts at once when it is changed between two posts of a page", async () => {
    const received = receiver(async () => {
      if (received.length === 2) await post(`${PATH}/${endpoint.id}`, { events: ["email.opened"] }, env, "PATCH");
      return new Response(null, { status: 200 });
    });
    const endpoint: Endpoint = await addEndpoint();
    await logRows({ type: 6 }, { type: 6 }, { type: 6 }, { type: 10 });
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 4]);
  });
});

describe("a batch", () => {
  it("holds as many events as there are, at most as many as the endpoint takes", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint({ batch: 40 });
    await logRows(...Array.from({ length: 250 }, () => ({})));
    await ring(endpoint);
    expect(received.map(({ events }) => events.length)).toEqual([40, 40, 40, 40, 40, 40, 10]);
    expect(seqsOf(received)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(received.every((each) => isGenuine(each, endpoint.secret))).toBe(true);
    const { type, timestamp } = JSON.parse(received[0]?.body ?? "");
    expect({ type, timestamp }).toEqual({ type: "batch", timestamp: received[0]?.events.at(-1)?.timestamp });
  });

  it("that is posted again holds the same under the same id, whatever was recorded meanwhile", async () => {
    const received = receiver(failing(500), failing(500), accepted);
    const endpoint = await addEndpoint({ batch: 10 });
    await logRows({}, {}, {});
    await ring(endpoint);
    await logRows({}, {});
    for (let tries = 2; tries <= 3; tries++) {
      pass(HOUR_MS);
      await ring(endpoint);
    }
    expect(received.map(({ events }) => events.map(({ data }) => data.seq))).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
      [4, 5],
    ]);
    expect(new Set(received.map(({ id }) => id)).size).toBe(2);
  });

  it("that waits while the filter changes holds what passes now", async () => {
    const received = receiver(failing(500), accepted);
    const endpoint = await addEndpoint({ batch: 10, events: ["email.sent", "email.opened"] });
    await logRows({ type: 6 }, { type: 10 }, { type: 11, link_id: "a" }, { type: 10 });
    await ring(endpoint);
    await logRows({ type: 10 });
    await post(`${PATH}/${endpoint.id}`, { events: ["email.opened", "email.clicked"], batch: 2 }, env, "PATCH");
    await ring(endpoint);
    expect(received.slice(1).map(({ events }) => events.map(({ data }) => data.seq))).toEqual([
      [2, 3],
      [4, 5],
    ]);
  });
});

describe("a due retry", () => {
  it("is posted as send.retry, and not any more once it has ended", async () => {
    const received = receiver(failing(500), accepted);
    const endpoint = await addEndpoint({ events: ["send.retry"] });
    const one = await bouncedSend();
    await passHours(1.01);
    await runAlarm();
    await ring(endpoint);
    expect(received).toHaveLength(1);
    expect(received[0]?.events).toMatchObject([{ type: "send.retry", data: { type: "retry", attempt: 2 } }]);
    expect(received[0]?.events[0]?.data).toMatchObject({ person: { id: one.person }, message: expect.any(String) });
    await logRows({ type: 7, id: `delivered/7/${one.person}/42/${one.send}`, person: one.person, send: one.send });
    pass(6_000);
    await ring(endpoint);
    expect(received).toHaveLength(1);
  });
});
