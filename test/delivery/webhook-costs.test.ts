/** What webhooks cost: those that nobody signed, and those that D1 takes long to record. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { limiter } from "../limiter.ts";
import { ask, logOf, newMessage, token } from "../worker.ts";
import { CERTIFICATE_URL, notification, signed } from "./providers/sns-message.ts";
import { knowing, speakers, unsigned } from "./signed-webhooks.ts";
import { amazon, ses } from "./speakers/ses.ts";
import type { SignedWebhook, Speaker } from "./speakers/speaker.ts";

const SENT = 6;
const DELIVERED = 7;

/** How long those wait for an answer that wait less than others, in ms; half a second is for the way. */
const WAITS: Readonly<Record<string, number>> = { mailersend: 2_500, "unisender-go": 2_500, postal: 4_500 };

let requested: string[] = [];
let logged: string[] = [];

beforeEach(() => {
  requested = [];
  logged = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url) => {
    requested.push(String(url));
    return String(url) === CERTIFICATE_URL ? new Response(amazon.certificatePem) : new Response("", { status: 404 });
  });
  for (const level of ["warn", "error"] as const) {
    vi.spyOn(console, level).mockImplementation((line) => void logged.push(String(line)));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function post(provider: string, { headers, body }: SignedWebhook, worker: Env = knowing()) {
  return await ask(`/v1/webhooks/${provider}`, { method: "POST", headers, body }, worker);
}

/** What says that a new message was delivered, signed; and what the log has of it. */
function reportBy({ delivered, sign }: Speaker) {
  const message = newMessage();
  const body = delivered(token("message", { ...message, send: "s1" }), `${message.person}@example.net`);
  const types = async () => (await logOf(message.person)).map(({ type }) => type);
  return { webhook: sign(body, Date.now()), types };
}

describe("webhooks that are not signed", () => {
  const IP = { "CF-Connecting-IP": "203.0.113.9" };
  const from = ({ headers, body }: SignedWebhook) => ({ headers: { ...headers, ...IP }, body });

  it.each(
    speakers,
  )("are answered and logged a few times a minute; one of $name's is taken all the same", async (speaker) => {
    const { name } = speaker;
    const worker = knowing({ LOGIN_CALLS: limiter(3) });
    const { webhook } = reportBy(speaker);
    const statuses: number[] = [];
    for (let tries = 0; tries < 5; tries++) statuses.push((await post(name, from(unsigned(webhook)), worker)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect(logged).toHaveLength(3);
    expect((await post(name, from(webhook), worker)).status).toBe(200);
    expect((await post(name, unsigned(webhook), worker)).status).toBe(401);
  });

  it("have few certificates fetched", async () => {
    const worker = knowing({ LOGIN_CALLS: limiter(3) });
    for (let tries = 0; tries < 5; tries++) {
      const SigningCertURL = CERTIFICATE_URL.replace("abcdef", `guess${tries}`);
      const body = signed(notification(Date.now(), { SigningCertURL }), amazon);
      await post("ses", from({ headers: {}, body: body.replace(/"Signature":"[^"]*"/, '"Signature":"AA=="') }), worker);
    }
    expect(requested).toHaveLength(3);
  });
});

describe("an answer that D1 keeps waiting", () => {
  /** Posts to a Worker whose D1 goes on, or fails, right after the answer. */
  async function postToSlow(name: string, webhook: SignedWebhook, error?: Error) {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slow: Partial<D1Database> = {
      prepare: (query) => env.DB.prepare(query),
      batch: async <T>(statements: D1PreparedStatement[]) => {
        await released;
        if (error !== undefined) throw error;
        return await env.DB.batch<T>(statements);
      },
    };
    const waits: number[] = [];
    const { setTimeout: later } = globalThis;
    vi.spyOn(globalThis, "setTimeout").mockImplementation((callback: () => void, ms = 0) => {
      // D1's own deadline.
      if (ms > 5_000) return later(callback, ms);
      waits.push(ms);
      return later(() => {
        callback();
        later(release);
      });
    });
    const answer = await post(name, webhook, knowing({ DB: slow as D1Database }));
    vi.mocked(globalThis.setTimeout).mockRestore();
    return { answer, waits };
  }

  const words = () => logged.map((line) => JSON.parse(line).message);
  const LATE = "webhook not confirmed yet; the provider tries again";

  it.each(speakers)("of $name comes in time, and its webhook is recorded once", async (speaker) => {
    const { name } = speaker;
    const { webhook, types } = reportBy(speaker);
    const { answer, waits } = await postToSlow(name, webhook);
    expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "60"]);
    expect(Math.min(...waits)).toBeLessThanOrEqual(WAITS[name] ?? 5_000);
    expect(await types()).toEqual([SENT, DELIVERED]);
    expect(words()).toEqual([LATE]);
    expect((await post(name, webhook)).status).toBe(200);
    expect(await types()).toEqual([SENT, DELIVERED]);
  });

  it("is followed by a line when D1 refuses the webhook after it", async () => {
    const { webhook, types } = reportBy(ses);
    await postToSlow(ses.name, webhook, new Error("D1 is overloaded"));
    expect(await types()).toEqual([]);
    expect(words()).toEqual([LATE, "webhook not recorded after its answer"]);
  });
});
