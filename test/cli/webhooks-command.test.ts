import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { waxseal } from "./command.ts";

let worker: InstrumentedWorker;
let to: string[];
beforeAll(async () => {
  worker = await startTestWorker();
  to = ["--origin", worker.origin, "--api-key", worker.apiKey];
});
afterAll(() => worker.stop());

async function webhooks(...args: readonly string[]) {
  const { code, stdout, stderr } = await waxseal(["webhooks", ...args, ...to]);
  return { code, stdout: Buffer.from(stdout, "latin1").toString(), stderr };
}

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await webhooks(...args, "--json");
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** Of this machine, where nobody answers. */
const URL_OF_RECEIVER = "http://127.0.0.1:9/events";
const NOBODY = "3f0c1d52-8a1e-4c77-9b2f-5a6e7d40c8b1";

async function add(...options: readonly string[]): Promise<string> {
  return String((await json("add", URL_OF_RECEIVER, ...options)).id);
}

/** A receiver that answers each post with this status. */
async function receiver(status: number) {
  const types: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      types.push(JSON.parse(body).type);
      response.writeHead(status).end("thanks, marie@mail.example");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { types, url: `http://127.0.0.1:${address.port}/` };
}

describe("waxseal webhooks", () => {
  it("adds an endpoint, and shows its secret on standard output, once", async () => {
    const { code, stdout, stderr } = await webhooks("add", URL_OF_RECEIVER, "--description", "CRM");
    expect(code).toBe(0);
    const [, id = "", secret = ""] = /^id +(\S+)\nsecret +(\S+)\n$/.exec(stdout) ?? [];
    expect(() => new Webhook(secret).sign("id", new Date(), "{}")).not.toThrow();
    expect(stderr).toContain("not shown again");
    const listed = await webhooks("list");
    expect(listed.stdout).toMatch(new RegExp(`${id} │ ${URL_OF_RECEIVER} │ all +│ ok +│ CRM`));
    const shown = await webhooks("show", id);
    expect(shown.stdout).toMatch(/behind the log +│ \d+/);
    expect(listed.stdout + shown.stdout).not.toContain(secret.slice("whsec_".length));
  });

  it("gives it every option, and changes each; an empty value takes a filter away", async () => {
    const filters = ["--events", "email.opened, email.clicked", "--email", "7", "--campaign", "c", "--bots", "exclude"];
    const id = await add(...filters, "--unordered", "--batch", "50", "--description", "d");
    const said = {
      events: ["email.opened", "email.clicked"],
      email: { id: 7 },
      campaign: { id: "c" },
      description: "d",
    };
    expect(await json("show", id)).toMatchObject({ ...said, bots: "exclude", ordered: false, batch: 50 });
    const changes = ["--events", "", "--email", "", "--campaign", "", "--bots", "include", "--description", ""];
    const { code } = await webhooks(
      "change",
      id,
      ...changes,
      "--ordered",
      "--batch",
      "1",
      "--url",
      "http://localhost/b",
    );
    expect(code).toBe(0);
    const changed = await json("show", id);
    expect(changed).toMatchObject({ url: "http://localhost/b", bots: "include", ordered: true, batch: 1 });
    for (const name of Object.keys(said)) expect(changed).not.toHaveProperty(name);
  });

  it("disables, enables, rotates and deletes", async () => {
    const id = await add();
    expect((await webhooks("disable", id)).stdout).toBe(`Disabled: ${id}.\n`);
    expect((await webhooks("list")).stdout).toMatch(new RegExp(`${id} .*│ disabled +│`));
    expect((await webhooks("enable", id)).stdout).toBe(`Enabled: ${id}.\n`);
    expect(await json("show", id)).toMatchObject({ enabled: true });
    const rotated = await webhooks("rotate", id);
    expect(rotated.stdout).toMatch(/^whsec_\S+\n$/);
    expect(rotated.stderr).toMatch(/Until \d{4}-.* the secret before signs, too/);
    expect(await webhooks("remove", id)).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect((await webhooks("remove", id, "--yes")).stdout).toContain(`Deleted: ${id}.`);
    expect((await webhooks("list")).stdout).not.toContain(id);
  });

  it("posts samples, shows what was answered, and lists the deliveries", async () => {
    const { types, url } = await receiver(200);
    const { id } = await json("add", url, "--events", "email.opened,send.retry");
    const tested = await webhooks("test", String(id));
    expect(tested.code).toBe(0);
    expect(tested.stdout).toMatch(/email\.opened │ accepted │ 200 thanks, …@… │ \d+ ms/);
    const [one] = (await webhooks("test", String(id), "--type", "send.retry", "--json")).stdout.trim().split("\n");
    expect(JSON.parse(one ?? "")).toMatchObject({ type: "send.retry", accepted: true, status: 200 });
    expect(types).toEqual(["email.opened", "send.retry", "send.retry"]);
    const listed = await webhooks("deliveries", String(id), "--state", "delivered", "--limit", "2");
    expect(listed.stdout.match(/send\.retry \(test\) │ 0 +│ delivered │ 1 +│ +│ 200 thanks/g)).toHaveLength(2);
    const failing = await receiver(500);
    await webhooks("change", String(id), "--url", failing.url);
    const refused = await webhooks("test", String(id), "--type", "email.opened");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("Not accepted: 1 of 1 posts.") });
    expect(refused.stdout).toContain("not accepted");
  });

  it("replays", async () => {
    const { types, url } = await receiver(204);
    const events = [{ type: "sent", email: 1, person: 7, campaign: 2 }];
    const headers = { Authorization: `Bearer ${worker.apiKey}` };
    const { id } = await json("add", url);
    const report = () =>
      fetch(`${worker.origin}/v1/events`, { method: "POST", headers, body: JSON.stringify({ events }) });
    expect((await report()).status).toBe(200);
    await expect.poll(() => types.length, { timeout: 10_000 }).toBe(1);
    await expect.poll(async () => await json("show", String(id))).toMatchObject({ progress: { behind: 0 } });
    const replayed = await webhooks("replay", String(id), "--from", "2026-01-01");
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining("from 2026-01-01 on.") });
    await expect.poll(() => types, { timeout: 10_000 }).toEqual(["email.sent", "email.sent"]);
    await webhooks("disable", String(id));
    await webhooks("replay", String(id), "--from", "2026-01-01");
    expect((await webhooks("stop-replay", String(id))).stdout).toMatch(/^Stopped: [12] replays?\.\n$/);
    expect((await webhooks("stop-replay", String(id))).stdout).toBe("There was no replay.\n");
  });

  it("skips an event that the receiver refuses", async () => {
    const { types, url } = await receiver(422);
    const { id } = await json("add", url);
    const headers = { Authorization: `Bearer ${worker.apiKey}` };
    const events = [{ type: "sent", email: 1, person: 8, campaign: 2 }];
    await fetch(`${worker.origin}/v1/events`, { method: "POST", headers, body: JSON.stringify({ events }) });
    // An isolate wakes endpoints once a second; a change wakes one in any case.
    await webhooks("enable", String(id));
    await expect.poll(() => types.length, { timeout: 10_000 }).toBeGreaterThan(0);
    const waiting = async () => await webhooks("deliveries", String(id), "--state", "waiting", "--json");
    await expect.poll(async () => (await waiting()).stdout, { timeout: 10_000 }).not.toBe("");
    const { webhookId } = JSON.parse((await waiting()).stdout);
    expect(await webhooks("skip", String(id), `${webhookId}0`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("event is not the id of an event that waits"),
    });
    const skipped = await webhooks("skip", String(id), webhookId);
    expect(skipped).toMatchObject({ code: 0, stdout: expect.stringContaining(`Skipped: ${webhookId}.`) });
    expect((await webhooks("deliveries", String(id), "--state", "skipped")).stdout).toContain("422 thanks");
  });

  it.each([
    [["replay", NOBODY], 2, "--from"],
    [["stop-replay", NOBODY], 1, "waxseal webhooks list"],
    [["skip", NOBODY], 2, "missing required argument"],
    [["skip", NOBODY, "evt_1_0"], 1, "waxseal webhooks list"],
    [["replay", NOBODY, "--from", "yesterday"], 2, "from"],
    [["replay", NOBODY, "--from", "2026-01-01"], 1, "waxseal webhooks list"],
    [["test", NOBODY, "--type", "email.levitated"], 2, "must be one of email.sent"],
    [["deliveries", NOBODY], 1, "no endpoint of that id"],
    [
      ["deliveries", NOBODY, "--state", "lost"],
      2,
      "delivered, waiting, given_up, skipped, stopped, filtered, replaced, failed",
    ],
    [["add"], 2, "missing required argument"],
    [["add", "ftp://sender.example/"], 2, "must be an https URL"],
    [["add", URL_OF_RECEIVER, "--events", "email.levitated"], 2, "must be one of email.sent"],
    [["add", URL_OF_RECEIVER, "--batch", "1e2"], 2, "It is a number from 1 to 100."],
    [["add", URL_OF_RECEIVER, "--bots", "mark"], 2, "include, exclude"],
    [["change", NOBODY], 2, "Change what?"],
    [["change", NOBODY, "--batch", "5"], 1, "waxseal webhooks list"],
    [["show", NOBODY], 1, "waxseal webhooks list"],
    [["rotate", NOBODY], 1, "waxseal webhooks list"],
    [["change", NOBODY, "--ordered", "--unordered"], 2, "--ordered"],
    [["remove", NOBODY, "--yes"], 1, "waxseal webhooks list"],
  ])("answers %j with exit code %d and what to do", async (args, expected, words) => {
    const { code, stdout, stderr } = await webhooks(...args);
    expect(code).toBe(expected);
    expect(stdout).toBe("");
    expect(stderr).toContain(words);
  });
});
