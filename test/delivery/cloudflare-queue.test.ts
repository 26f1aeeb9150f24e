/** Events of Cloudflare Email Sending: acknowledged when recorded, retried otherwise, and never counted twice. */
import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { brokenDatabase, faultyDatabase } from "../faults/broken.ts";
import { environment, logOf, newMessage, token } from "../worker.ts";
import { cloudflareEvent } from "./providers/cloudflare-event.ts";

const SENT = 6;
const DELIVERED = 7;
const HARD_BOUNCED = 8;
const SOFT_BOUNCED = 27;

afterEach(() => {
  vi.restoreAllMocks();
});

/** What the queue hears of a batch: the numbers of the messages that are acknowledged, and the pauses of the others. */
async function deliver(bodies: readonly unknown[], env: Env = environment(), attempts = 1) {
  const batch = createMessageBatch(
    "waxseal-email-events",
    bodies.map((body, index) => ({ id: `${index}`, timestamp: new Date(), attempts, body })),
  );
  // The result of a batch does not hold the delays.
  const retries = batch.messages.map((message) => vi.spyOn(message, "retry"));
  const context = createExecutionContext();
  await worker.queue(batch, env);
  const { explicitAcks } = await getQueueResult(batch, context);
  const pauses = retries.flatMap((retry) => retry.mock.calls.map(([options]) => options?.delaySeconds));
  return { acknowledged: explicitAcks.toSorted(), pauses };
}

function event(kind: string, message: Message, eventId: string, more: object = {}): object {
  return cloudflareEvent(kind, {
    eventId,
    sender: `news+${token("message", { ...message, send: "s1" })}@example.com`,
    recipient: `${message.person}@example.net`,
    ...more,
  });
}

async function typesOf({ person }: Message): Promise<number[]> {
  return (await logOf(person)).map(({ type }) => type).sort((a, b) => a - b);
}

describe("the consumer of Cloudflare's events", () => {
  it("records each outcome, and acknowledges", async () => {
    const [one, other] = [newMessage(), newMessage()];
    const smtp = {
      smtpStatusCode: "550",
      smtpEnhancedStatusCode: "5.1.1",
      smtpResponse: "550 5.1.1 User unknown",
    };
    const { acknowledged } = await deliver([
      event("delivered", one, "a"),
      event("bounced", other, "b", { delivery: smtp, bounce: { type: "hard" } }),
    ]);
    expect(acknowledged).toEqual(["0", "1"]);
    expect([await typesOf(one), await typesOf(other)]).toEqual([
      [SENT, DELIVERED],
      [SENT, HARD_BOUNCED],
    ]);
  });

  it("delivers again what a call of D1 that never settles holds up", async () => {
    const real = globalThis.setTimeout;
    const hurried = (callback: () => void, ms = 0) => real(callback, ms >= 30_000 ? 0 : ms);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
    const hanging = environment({ DB: faultyDatabase(() => "hangs") });
    const delivering = deliver([event("delivered", newMessage(), "a")], hanging);
    const heard = await Promise.race([delivering, scheduler.wait(20_000)]);
    expect(heard).toEqual({ acknowledged: [], pauses: [expect.any(Number)] });
  });

  it("records nothing twice, however often and in any order messages are delivered", async () => {
    const message = newMessage();
    const soft = (eventId: string) => event("bounced", message, eventId, { bounce: { type: "soft" } });
    const bodies = [soft("a"), event("delivered", message, "b"), soft("c")];
    await deliver([...bodies, ...bodies]);
    await deliver(bodies.toReversed());
    expect(await typesOf(message)).toEqual([SENT, DELIVERED, SOFT_BOUNCED, SOFT_BOUNCED]);
  });

  it("retries everything while D1 is down, after longer delays each time, and records it once afterwards", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const message = newMessage();
    const { d1, mend } = brokenDatabase();
    const env = environment({ DB: d1 });
    const bodies = [event("delivered", message, "a")];
    expect(await deliver(bodies, env, 1)).toEqual({ acknowledged: [], pauses: [10] });
    expect(await deliver(bodies, env, 4)).toEqual({ acknowledged: [], pauses: [80] });
    expect(await deliver(bodies, env, 99)).toEqual({ acknowledged: [], pauses: [3_600] });
    mend();
    expect((await deliver(bodies, env, 5)).acknowledged).toEqual(["0"]);
    expect(await typesOf(message)).toEqual([SENT, DELIVERED]);
  });

  it("leaves everything in the queue while the Worker is not set up", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const message = newMessage();
    const { acknowledged } = await deliver([event("delivered", message, "a")], environment({ TOKEN_KEYS: "" }));
    expect(acknowledged).toEqual([]);
    expect(await typesOf(message)).toEqual([]);
  });

  it("acknowledges and logs an unreadable message without its content, and records the others", async () => {
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const message = newMessage();
    const foreign = { type: "cf.r2.object.created", who: "marie@example.net" };
    const { acknowledged } = await deliver([foreign, event("delivered", message, "a"), "text", null]);
    expect(acknowledged).toEqual(["0", "1", "2", "3"]);
    expect(await typesOf(message)).toEqual([SENT, DELIVERED]);
    expect(error).toHaveBeenCalledTimes(3);
    expect(JSON.stringify(error.mock.calls)).not.toContain("marie");
  });

  it("acknowledges events without a valid token, and records nothing", async () => {
    const { person } = newMessage();
    const { acknowledged } = await deliver([cloudflareEvent("delivered", { recipient: `${person}@example.net` })]);
    expect(acknowledged).toEqual(["0"]);
    expect(await logOf(person)).toEqual([]);
  });
});
