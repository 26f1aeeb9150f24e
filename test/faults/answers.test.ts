/**
 * Events are recorded before the answer, but never at the recipient's expense: what is recorded when the answer is
 * sent.
 */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { ask, environment, newMessage, ORIGIN, token } from "../worker.ts";
import { faultyDatabase, faultyQueue } from "./broken.ts";

const click = () => `/c/${token("click", { ...newMessage(), link: { id: "x", url: "https://shop.example/" } })}`;
const open = () => `/o/${token("open", newMessage())}.gif`;

/** A Worker whose queue takes a message when `ready` resolves. */
function workerWithQueue(ready: () => Promise<unknown>): { around: Env; taken: string[] } {
  const taken: string[] = [];
  const EVENTS = faultyQueue(
    () => undefined,
    async (body) => {
      await ready();
      taken.push(body);
    },
  );
  return { around: environment({ EVENTS }), taken };
}

/** Budgets never run out: a slow machine does not make a test fail. */
function stretchBudgets(): void {
  const wait = scheduler.wait.bind(scheduler);
  vi.spyOn(scheduler, "wait").mockImplementation((ms) => (ms < 50 ? wait(ms) : new Promise(() => {})));
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** The answer as soon as it is there, and a wait for the work that continues behind it. */
async function answerOf(path: string, around: Env) {
  const context = createExecutionContext();
  const request = new Request<unknown, IncomingRequestCfProperties>(ORIGIN + path, { redirect: "manual" });
  const answer = await worker.fetch(request, around, context);
  return { answer, behind: () => waitOnExecutionContext(context) };
}

describe.each([
  ["a click", click, 302],
  ["a first open", open, 200],
])("%s", (_what, pathOf, status) => {
  it("is recorded when it is answered, as long as its budget lasts", async () => {
    stretchBudgets();
    const { around, taken } = workerWithQueue(() => new Promise((taken) => setTimeout(taken, 30)));
    const { answer, behind } = await answerOf(pathOf(), around);
    expect(answer.status).toBe(status);
    expect(taken).toHaveLength(1);
    await behind();
  });

  it("is answered when its budget runs out, and is recorded after the answer", async () => {
    const queue = Promise.withResolvers<void>();
    const { around, taken } = workerWithQueue(() => queue.promise);
    const { answer, behind } = await answerOf(pathOf(), around);
    expect(answer.status).toBe(status);
    expect(taken).toEqual([]);
    queue.resolve();
    await behind();
    expect(taken).toHaveLength(1);
  });
});

describe("the unsubscribe page", () => {
  it("is shown without the address when D1 hangs", async () => {
    const around = environment({ DB: faultyDatabase(() => "hangs") });
    const answer = await ask(`/u/${token("unsubscribe", newMessage())}`, {}, around);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("<form");
  });
});

describe("an overloaded D1", () => {
  it("is called once for an unsubscription: a retry at once would feed the overload", async () => {
    let asked = 0;
    const around = environment({
      DB: faultyDatabase(() => {
        asked++;
        return "overloaded";
      }),
    });
    const path = `/u/${token("unsubscribe", newMessage())}`;
    const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
    expect((await ask(path, { method: "POST", body }, around)).status).toBe(503);
    expect(asked).toBe(1);
  });
});
