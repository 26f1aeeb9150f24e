import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

describe("waxseal webhooks", () => {
  it("adds an endpoint, and shows its secret on standard output, once", async () => {
    const { code, stdout, stderr } = await webhooks("add", URL_OF_RECEIVER, "--description", "CRM");
    expect(code).toBe(0);
    const [, id = "", secret = ""] = /^id +(\S+)\nsecret +(\S+)\n$/.exec(stdout) ?? [];
    expect(() => new Webhook(secret).sign("id", new Date(), "{}")).not.toThrow();
    expect(stderr).toContain("not shown again");
    const listed = await webhooks("list");
    expect(listed.stdout).toMatch(new RegExp(`${id} │ ${URL_OF_RECEIVER} │ all +│ enabled +│ CRM`));
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

  it.each([
    [["add"], 2, "missing required argument"],
    [["add", "ftp://sender.example/"], 2, "must be an https URL"],
    [["add", URL_OF_RECEIVER, "--events", "email.levitated"], 2, "must be one of email.sent"],
    [["add", URL_OF_RECEIVER, "--batch", "1e2"], 2, "It is a number from 1 to 100."],
    [["add", URL_OF_RECEIVER, "--bots", "mark"], 2, "include, exclude"],
    [["change", NOBODY], 2, "Change what?"],
    [["change", NOBODY, "--batch", "5"], 1, "waxseal webhooks list"],
    [["show", NOBODY], 1, "waxseal webhooks list"],
    [["rotate", NOBODY], 1, "waxseal webhooks list"],
    [["remove", NOBODY, "--yes"], 1, "waxseal webhooks list"],
  ])("answers %j with exit code %d and what to do", async (args, expected, words) => {
    const { code, stdout, stderr } = await webhooks(...args);
    expect(code).toBe(expected);
    expect(stdout).toBe("");
    expect(stderr).toContain(words);
  });
});
