/** What a provider says of loads of its own pixel: when it marks an open of ours as a bot's, and when it does not. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { BotPolicy } from "../../src/bots/bot.ts";
import { openedId } from "../../src/events/opened-id.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { archiveAll, rewriteAll, wholeLog, withoutArchive } from "../archive/whole-log.ts";
import { counted } from "../counted.ts";
import { logRows } from "../marketo/marketo.ts";
import { ordersOf } from "../outcomes.ts";
import { MARKING, marking } from "../reports/policy.ts";
import { ask, logOf, newMessage, token } from "../worker.ts";
import { knowing, speakers } from "./signed-webhooks.ts";
import { amazon } from "./speakers/ses.ts";

beforeEach(() => {
  vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(amazon.certificatePem));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an open that the provider calls automated", () => {
  const SCANNER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36";
  const ofProvider: Readonly<Record<string, (token: string, atMs: number, userAgent: string) => object>> = {
    ses: (waxseal, atMs, userAgent) => ({
      eventType: "Open",
      open: { ipAddress: "192.0.2.7", timestamp: new Date(atMs).toISOString(), userAgent, isBotEvent: "Likely" },
      mail: { messageId: "0100018f", destination: ["marie@example.net"], tags: { waxseal: [waxseal] } },
    }),
    sendgrid: (waxseal, atMs, useragent) => [
      {
        ...{ event: "open", email: "marie@example.net", sg_event_id: `${atMs}`, sg_machine_open: true },
        useragent,
        waxseal,
        timestamp: atMs / 1000,
      },
    ],
    mailgun: (waxseal, atMs, agent) => ({
      "event-data": {
        ...{ event: "opened", id: `${atMs}`, timestamp: atMs / 1000, recipient: "marie@example.net" },
        "client-info": { "client-type": "unknown", "user-agent": agent, bot: "generic" },
        "user-variables": { waxseal },
      },
    }),
    sparkpost: (waxseal, atMs, user_agent) => [
      {
        msys: {
          track_event: {
            ...{ type: "initial_open", event_id: `${atMs}`, timestamp: `${atMs / 1000}`, rcpt_meta: { waxseal } },
            ...{ user_agent, user_agent_parsed: { is_proxy: false, is_prefetched: true } },
          },
        },
      },
    ],
  };

  async function tell(provider: string, message: Message, atMs: number, agent = SCANNER, worker = knowing()) {
    const speaker = speakers.find(({ name }) => name === provider);
    const said = JSON.stringify(ofProvider[provider]?.(token("message", { ...message, send: "s1" }), atMs, agent));
    const webhook = speaker?.sign(said, Date.now());
    const answer = await ask(`/v1/webhooks/${provider}`, { method: "POST", ...webhook }, worker);
    expect(answer.status).toBe(200);
  }

  async function open(message: Message, at: number, user_agent = SCANNER) {
    await logRows({ ...message, id: openedId(message, "campaign"), type: 10, at, user_agent });
  }

  const aggregate = (policy: BotPolicy = MARKING) => aggregateLog(env, policy, Number.POSITIVE_INFINITY);

  /** The opens that the log shows of a message, whoever reads it. */
  async function opens({ person }: Message) {
    const query = "SELECT at, bot_pattern AS pattern FROM events WHERE person = ? AND type <> 0 ORDER BY seq";
    return (await env.DB.prepare(query).bind(person).all()).results;
  }

  const at = Math.floor(Date.now() / 1000) * 1000 - 3_600_000;
  const pattern = "Match with email provider";

  it.each(
    Object.keys(ofProvider),
  )("is a bot's in our log, too, in whatever order %s tells of it, and twice", async (name) => {
    type Step = (message: Message) => Promise<unknown>;
    const told: Step = (message) => tell(name, message, at);
    const steps: readonly Step[] = [told, (message) => open(message, at + 800), () => aggregate()];
    for (const order of name === "ses" ? ordersOf(steps) : [steps]) {
      const message = newMessage();
      for (const step of [...order, told]) await step(message);
      await aggregate();
      expect(await opens(message)).toEqual([{ at: at + 800, pattern }]);
    }
  });

  it.each<[string, (message: Message) => Promise<unknown>]>([
    ["came from another program", (message) => tell("ses", message, at, `${SCANNER} Edg/128.0.0.0`)],
    ["came three seconds before", (message) => tell("ses", message, at - 3_000)],
    ["came three seconds after", (message) => tell("ses", message, at + 3_000)],
    ["is of another message of the person", (message) => tell("ses", { ...message, email: "8" }, at)],
    ["is of somebody else", () => tell("ses", newMessage(), at)],
    ["came at no time that can be believed", (message) => tell("ses", message, at + 7_200_000)],
    ["is not asked for", (message) => tell("ses", message, at, SCANNER, knowing({ BOTS_BY_PROVIDER: "off" }))],
  ])("says nothing about ours when it %s", async (_, tells) => {
    const message = newMessage();
    await open(message, at);
    await tells(message);
    await aggregate();
    expect(await opens(message)).toEqual([{ at, pattern: null }]);
  });

  it("says nothing about a person whose mailbox provider loads the pictures", async () => {
    const proxy = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
    const message = newMessage();
    await open(message, at, proxy);
    for (const name of Object.keys(ofProvider)) await tell(name, message, at, proxy);
    await aggregate();
    expect(await opens(message)).toEqual([{ at, pattern: null }]);
  });

  it("gives way to the person's own, and leaves the log where the method filters", async () => {
    const [replaced, filtered] = [newMessage(), newMessage()];
    for (const message of [replaced, filtered]) {
      await tell("ses", message, at);
      await open(message, at);
      await aggregate(marking({ provider: message === filtered ? "filter" : "mark" }));
    }
    expect(await opens(filtered)).toEqual([]);
    await open(replaced, at + 60_000, "Thunderbird/128.3");
    await aggregate();
    expect(await opens(replaced)).toEqual([{ at: at + 60_000, pattern: null }]);
  });

  it("is no open by itself, and few of one message are kept", async () => {
    const message = newMessage();
    for (let index = 0; index < 20; index++) await tell("ses", message, at + index * 1_000);
    await aggregate();
    expect(await opens(message)).toEqual([]);
    const kept = env.DB.prepare("SELECT count(*) AS n FROM events WHERE person = ?").bind(message.person);
    expect(await kept.first("n")).toBeLessThanOrEqual(16);
  });

  it("reads few rows, however long the log is", async () => {
    await logRows(...Array.from({ length: 2_000 }, () => ({ ...newMessage(), at })));
    let read = 0;
    const DB = counted(({ rows_read }) => {
      read += rows_read;
    });
    const message = newMessage();
    await tell("ses", message, at, SCANNER, knowing({ DB }));
    expect(await logOf(message.person)).toHaveLength(1);
    expect(read).toBeLessThan(100);
  });

  it("is in the log once, though it has left D1 when the provider tells of it again", async () => {
    const message = newMessage();
    await tell("ses", message, at);
    await logRows({ ...newMessage(), at });
    await aggregate();
    await archiveAll(50);
    await tell("ses", message, at);
    await rewriteAll();
    const query = `SELECT type FROM events WHERE person = '${message.person}'`;
    expect(await wholeLog(query)).toEqual([{ type: 0 }]);
    await withoutArchive();
  });
});
