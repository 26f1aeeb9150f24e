/** Commands that read the log of a real Worker: stats, events, tail, message. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { workerThatAnswers } from "./answering-worker.ts";
import { waxseal } from "./command.ts";

let worker: InstrumentedWorker;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  worker = await startTestWorker();
  env = { WAXSEAL_ORIGIN: worker.origin, WAXSEAL_API_KEY: worker.apiKey };
  await post("/v1/decorate", {
    email: { id: 1042, name: "November news" },
    person: { id: 7, address: "marie@mail.example" },
    campaign: 88012,
    html: '<p><a href="https://shop.example/shoes">Shoes</a></p>',
  });
  const message = { email: 1042, person: 7, campaign: 88012, send: "s1" };
  const reply = { status: "5.2.2", details: "552 5.2.2 mailbox \u001b[31mfull" };
  const events = [
    { type: "sent", ...message, address: "marie@mail.example", at: Date.now() - 60_000 },
    { type: "soft_bounced", ...message, at: Date.now() - 50_000, ...reply },
    { type: "delivered", ...message, at: Date.now() - 40_000 },
  ];
  await post("/v1/events", { events });
});
afterAll(() => worker.stop());

async function post(path: string, body: unknown): Promise<unknown> {
  const headers = { Authorization: `Bearer ${worker.apiKey}` };
  const answer = await fetch(worker.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.status).toBe(200);
  return await answer.json();
}

const run = (...args: readonly string[]) => waxseal(args, { env });
const json = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
};

describe("waxseal stats", () => {
  it("shows how each email performed, as a table or a line each", async () => {
    const { code, stdout } = await run("stats");
    expect(code).toBe(0);
    expect(Buffer.from(stdout, "latin1").toString()).toMatch(/│ 1042 +│ November news +│ 1 +│ 1 +│ 0 \(0\.0 %\)/);
    expect(await json("stats")).toMatchObject([{ report: "emails", email: { id: 1042 }, sent: 1, delivered: 1 }]);
  });

  it("shows one email's course, by day in a time zone", async () => {
    const days = await json("stats", "1042", "--by", "day", "--zone", "Europe/Paris");
    expect(days.at(-1)).toMatchObject({ report: "series", sent: 1 });
    expect((await run("stats", "--zone", "Europe/Paris")).stderr).toContain("Give --by hour, day or week.");
    expect((await run("stats", "--by", "day", "--zone", "Europe/Atlantis")).stderr).toContain("time zone of the IANA");
  });
});

describe("waxseal events", () => {
  it("shows a line for each event, without control characters, or an object a line", async () => {
    const { code, stdout, stderr } = await run("events");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trim().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}sent +email 1042 "November news", person 7, marie@mail\.example$/,
    );
    expect(lines[1]).toContain("soft_bounced  email 1042");
    expect(lines[1]).toContain("552 5.2.2 mailbox %1B[31mfull");
    expect(await json("events", "--type", "delivered")).toMatchObject([{ type: "delivered", person: { id: 7 } }]);
  });

  it("shows so many, and says that there are more, or none", async () => {
    const { stdout, stderr } = await run("events", "--limit", "1");
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("There are more");
    expect((await run("events", "--person", "8")).stderr).toBe("There are no such events.\n");
    expect(await run("events", "--limit", "0")).toMatchObject({ code: 2 });
    expect((await run("events", "--type", "read")).stderr).toContain("must be one or several of sent");
  });
});

describe("waxseal message", () => {
  it("shows a message's events, and lists the messages of an address", async () => {
    const shown = await run("message", "1042", "88012", "7");
    expect(shown.stdout).toMatch(/^Email 1042 "November news" to person 7 \(marie@mail\.example\), .*: delivered\n/);
    expect(shown.stdout.trim().split("\n")).toHaveLength(4);
    expect(await json("message", "1042", "88012", "7")).toMatchObject([{ status: "delivered" }]);
    const [message] = await json("message", "--address", "marie@mail.example");
    expect(message).toMatchObject({ email: { id: 1042 }, person: { id: 7 }, status: "delivered" });
    expect((await run("message", "--person", "7")).stdout).toContain("1042 November news");
  });

  it("asks for no page beyond the messages that it shows", async () => {
    const [entry] = await json("message", "--person", "7");
    let page = 0;
    const { received, to } = await workerThatAnswers(() => ({ body: { data: [entry], next: `page-${++page}` } }));
    const { code, stdout } = await run("message", "--person", "7", "--limit", "2", "--json", ...to);
    expect([code, stdout.trim().split("\n").length, received.length]).toEqual([0, 2, 2]);
  });

  it("says what is missing, and that there is none", async () => {
    expect((await run("message")).stderr).toContain("Which message?");
    expect((await run("message", "1042", "--person", "7")).stderr).toContain("exclude each other");
    expect(await run("message", "1042", "88012", "nobody")).toMatchObject({ code: 1 });
    expect((await run("message", "--person", "nobody")).stderr).toBe("There are no such messages.\n");
  });
});

describe("waxseal tail", () => {
  it("waits and goes on where it was when the Worker cannot answer for a while, and says so", async () => {
    const [event] = await json("events", "--type", "sent");
    const answers = [
      { body: { data: [], next: "a", more: true } },
      { status: 503, body: { error: { message: "D1 is out of reach." } } },
      { body: { data: [event], next: "b", more: true } },
      { status: 401, body: { error: { message: "No such key." } } },
    ];
    const { received, to } = await workerThatAnswers(() => answers.shift() ?? { status: 500, body: "" });
    const { code, stdout, stderr } = await run("tail", "--json", ...to);
    expect(JSON.parse(stdout)).toEqual(event);
    expect(stderr).toMatch(
      /^note \S+ answered 503: D1 is out of reach\. Trying again until it answers\.\n.*No such key/s,
    );
    expect(code).toBe(1);
    const cursors = received.map(({ url = "" }) => new URL(url, "http://a.example").searchParams.get("cursor"));
    expect(cursors).toEqual(["end", "a", "a", "b"]);
  });

  it("shows what is recorded from now on, and nothing that was there", async () => {
    const child = spawn(process.execPath, [join(projectRoot, "src/cli/main.ts"), "tail", "--json"], {
      env: { ...env, PATH: process.env.PATH, XDG_CONFIG_HOME: "/nonexistent" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill());
    const firstLine = createInterface(child.stdout)[Symbol.asyncIterator]().next();
    const isShown = { value: false };
    void firstLine.then(() => {
      isShown.value = true;
    });
    // Until it waits at the end of the log, it shows nothing.
    for (let send = 1; !isShown.value; send++) {
      const message = { email: 1042, person: 9, campaign: 88012, send: `t${send}` };
      await post("/v1/events", { events: [{ type: "sent", ...message }] });
      await Promise.race([firstLine, new Promise((resolve) => setTimeout(resolve, 300))]);
    }
    expect(JSON.parse((await firstLine).value ?? "")).toMatchObject({ type: "sent", person: { id: 9 } });
  });
});
