import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { workerThatAnswers } from "./answering-worker.ts";
import { spawnWaxseal, waxseal } from "./command.ts";

let worker: InstrumentedWorker;
let to: string[];
beforeAll(async () => {
  worker = await startTestWorker();
  to = ["--origin", worker.origin, "--api-key", worker.apiKey];
});
afterAll(() => worker.stop());

async function people(args: readonly string[]) {
  const { code, stdout, stderr } = await waxseal(["people", ...args, ...to]);
  return { code, stdout: Buffer.from(stdout, "latin1").toString(), stderr };
}

async function request(method: string, path: string, body: unknown): Promise<unknown> {
  const headers = { Authorization: `Bearer ${worker.apiKey}` };
  const answer = await fetch(worker.origin + path, { method, headers, body: JSON.stringify(body) });
  return await answer.json();
}

async function reported(events: readonly unknown[]): Promise<void> {
  expect(await request("POST", "/v1/events", { events })).toEqual({ accepted: events.length, rejected: [] });
}

async function sent(person: string, address: string, count = 1): Promise<void> {
  const event = { type: "sent", email: 1, person, campaign: 1, address };
  await reported(Array.from({ length: count }, (_, index) => ({ ...event, send: `s-${index}` })));
}

async function eventsOf(person: string): Promise<number | null> {
  const d1 = await worker.d1();
  return await d1.prepare("SELECT count(*) AS n FROM events WHERE person = ?1").bind(person).first<number>("n");
}

describe("waxseal people erase", () => {
  it("erases a person, and says until when files may hold them", async () => {
    await sent("7", "seven@mail.example");
    await sent("8", "eight@mail.example");
    const { code, stdout, stderr } = await people(["erase", "7", "--yes"]);
    expect(code).toBe(0);
    expect(stdout).toBe("Erased: nothing in the log leads to person 7 any more.\n");
    expect(stderr).toMatch(
      /^Events changed: 1\. Files of bulk extracts may hold them until \d{4}-\d\d-\d\dT[\d:.]+Z\.\n$/,
    );
    expect(await eventsOf("7")).toBe(0);
    expect(await eventsOf("8")).toBe(1);
  });

  it("erases everybody with an address, and prints one object with --json", async () => {
    await sent("9", "nine@mail.example");
    const { code, stdout } = await people(["erase", "--address", "Nine@mail.example", "--json", "--yes"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ done: true, events: 1 });
    expect(await eventsOf("9")).toBe(0);
  });

  it("erases nobody where nobody can say yes", async () => {
    await sent("11", "eleven@mail.example");
    expect(await people(["erase", "11"])).toMatchObject({
      code: 2,
      stderr: `waxseal: Erase person 11 at ${worker.origin}? This cannot be undone.\nSay yes by --yes.\n`,
    });
    expect(await eventsOf("11")).toBe(1);
  });

  it("asks until it is done, and shows how far it is", async () => {
    const erasure = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const progress = { erasure, done: false, events: 0 };
    const answers: Record<string, unknown>[] = [
      progress,
      { ...progress, events: 1 },
      { ...progress, done: true, events: 2, filesUntil: "2026-12-05T10:00:00.000Z" },
    ];
    const slow = await workerThatAnswers(() => ({ body: answers.shift() }));
    const { code, stdout, stderr } = await waxseal(["people", "erase", "10", "--yes", ...slow.to]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "Erased: nothing in the log leads to person 10 any more.\n",
    });
    expect(stderr).toBe(
      [
        `0 events changed (${erasure})`,
        `1 events changed (${erasure})`,
        "Events changed: 2. Files of bulk extracts may hold them until 2026-12-05T10:00:00.000Z.\n",
      ].join("\n"),
    );
    expect(slow.received.map(({ method, url }) => [method, url])).toEqual([
      ["POST", "/v1/people/erase"],
      ["GET", `/v1/people/erasures?id=${erasure}`],
      ["GET", `/v1/people/erasures?id=${erasure}`],
    ]);
  });

  it("colours its words unless NO_COLOR says not to", async () => {
    const args = ["people", "erase", "nobody", "--yes", ...to];
    expect((await spawnWaxseal(args)).stdout).not.toContain("\u001b");
    const coloured = await spawnWaxseal(args, { env: { NO_COLOR: "", FORCE_COLOR: "1" } });
    expect(coloured.stdout).toContain("\u001b[32mErased\u001b[39m");
  });

  it("says what to do when nobody is named, or somebody twice, or wrongly", async () => {
    for (const args of [["erase"], ["erase", "7", "--address", "a@b.example"], ["erase", "a/b", "--yes"]]) {
      const { code, stdout, stderr } = await people(args);
      expect(code).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^waxseal: .+\n.+\n$/);
    }
  });
});

describe("waxseal people export", () => {
  it("writes all that is held as one document, what comes in pages too", async () => {
    await sent("11", "eleven@mail.example", 700);
    const { code, stdout } = await people(["export", "11"]);
    expect(code).toBe(0);
    const held = JSON.parse(stdout);
    expect(Object.keys(held)).toEqual(["person", "addresses", "suppressions", "messages", "retries", "events"]);
    expect(held.addresses).toEqual(["eleven@mail.example"]);
    expect(held.events).toHaveLength(700);
  });

  it("writes when an address was removed from the suppressions, once though each page says so", async () => {
    const recipient = { person: "12", address: "twelve@mail.example" };
    await sent(recipient.person, recipient.address, 600);
    await reported([{ type: "hard_bounced", email: 1, campaign: 1, ...recipient, category: 2, details: "550 5.1.1" }]);
    const removal = { ...recipient, who: "support", why: "they called" };
    expect(await request("DELETE", "/v1/suppressions", removal)).toEqual({ removed: true });
    const { lifts } = JSON.parse((await people(["export", recipient.person])).stdout);
    const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(lifts).toEqual([{ address: "twelve@mail.example", reason: "invalid", at }]);
  });

  it("is empty of somebody nobody has heard of", async () => {
    const { code, stdout } = await people(["export", "nobody"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ person: { id: "nobody" }, addresses: [], events: [] });
  });
});
