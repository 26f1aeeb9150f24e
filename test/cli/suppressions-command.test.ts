import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { spawnWaxseal, waxseal } from "./command.ts";

let worker: InstrumentedWorker;
let to: string[];
beforeAll(async () => {
  worker = await startTestWorker();
  to = ["--origin", worker.origin, "--api-key", worker.apiKey];
});
afterAll(() => worker.stop());

const DAY_MS = 24 * 60 * 60 * 1_000;
const TIME = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z";

async function suppressions(command: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await waxseal(["suppressions", command, ...to, ...args]);
  return { code, stdout: Buffer.from(stdout, "latin1").toString(), stderr };
}

async function post(path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(worker.origin + path, {
    method: "POST",
    headers: { Authorization: `Bearer ${worker.apiKey}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return await answer.json();
}

let people = 0;

/** Somebody whose mail bounced hard. */
async function bounced(category: 1 | 2, details = "550 5.1.1 no such user") {
  const person = String(++people);
  const address = `person-${person}@mail.example`;
  const event = { type: "hard_bounced", email: 1, person, campaign: 1, address, category, details };
  expect(await post("/v1/events", { events: [event] })).toEqual({ accepted: 1, rejected: [] });
  return { person, address };
}

/** As their mail client does it. */
async function unsubscribes({ person }: { readonly person: string }): Promise<void> {
  const copy = {
    email: { id: 1 },
    person: { id: person },
    campaign: { id: 1 },
    text: "",
    evenIfSuppressed: true,
  };
  const decorated = await post("/v1/decorate", copy);
  const { headers } = v.parse(v.object({ headers: v.record(v.string(), v.string()) }), decorated);
  const answer = await fetch((headers["List-Unsubscribe"] ?? "").slice(1, -1), {
    method: "POST",
    body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
  });
  expect(answer.status).toBe(200);
}

async function removalsOf(person: string): Promise<unknown[]> {
  const d1 = await worker.d1();
  const { results } = await d1
    .prepare("SELECT detail FROM events WHERE person = ?1 AND type = 100002")
    .bind(person)
    .all<{ detail: string }>();
  return results.map(({ detail }) => JSON.parse(detail));
}

describe("waxseal suppressions check", () => {
  it("shows each address with its reasons, their times and causes", async () => {
    const forEver = await bounced(2);
    const forADay = await bounced(1, "554 5.7.1 spam");
    const { code, stdout } = await suppressions("check", forEver.address, forADay.address, "free@mail.example");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(` ${forEver.address} +│ yes +│ invalid +│ ${TIME} │ for ever +│ 550 5.1.1 no such user │`),
    );
    expect(stdout).toMatch(new RegExp(` ${forADay.address} +│ yes +│ blocked +│ ${TIME} │ ${TIME} │ 554 5.7.1 spam `));
    expect(stdout).toMatch(/ free@mail\.example +│ no +│ +│ +│ +│ +│/);
  });

  it("shows a person by their id, and every reason", async () => {
    const somebody = await bounced(2);
    await unsubscribes(somebody);
    const { stdout } = await suppressions("check", "--person", somebody.person);
    expect(stdout).toMatch(
      new RegExp(
        ` person ${somebody.person} +│ yes +│ invalid .*\n.*\n│ +│ +│ unsubscribed │ ${TIME} │ for ever +│ one_click `,
      ),
    );
  });

  it("shows them as JSON, one a line", async () => {
    const { address } = await bounced(1, "554 5.7.1 spam");
    const { code, stdout } = await suppressions("check", "--json", "free@mail.example", address);
    expect(code).toBe(0);
    const [free, blocked] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(free).toEqual({ address: "free@mail.example", suppressed: false, reasons: [] });
    expect(blocked).toEqual({
      address,
      suppressed: true,
      reasons: [{ reason: "blocked", since: expect.any(String), until: expect.any(String), cause: "554 5.7.1 spam" }],
    });
    const [{ since, until }] = blocked.reasons;
    expect(Date.parse(until) - Date.parse(since)).toBe(DAY_MS);
  });

  it("shows more than the Worker takes at a time, in their order", async () => {
    const addresses = Array.from({ length: 1_001 }, (_, n) => `many-${n}@mail.example`);
    const last = await bounced(2);
    const { stdout } = await suppressions("check", "--json", ...addresses, last.address);
    const shown = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(shown.map(({ address }) => address)).toEqual([...addresses, last.address]);
    expect(shown.filter(({ suppressed }) => suppressed).map(({ address }) => address)).toEqual([last.address]);
  });

  it("lets no control sequence of a mail server's through to the terminal", async () => {
    const { address } = await bounced(2, "550 \u001b[31mno such user\u009b0m");
    const { stdout } = await suppressions("check", address);
    expect(stdout).toContain("550 %1B[31mno such user%C2%9B0m");
  });

  it.each([
    [[], "Which recipient?", "--person and the id"],
    [["a@mail.example", "--person", "7"], "exclude each other", "Give one of them."],
    [["nobody"], "recipients.0.address: must be an address", "Correct what it names"],
    [["--person", "a b"], "recipients.0.person: must be an integer", "Correct what it names"],
  ])("ends with code 2 and says what to do when given %j", async (args, words, next) => {
    const { code, stdout, stderr } = await suppressions("check", ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split("\n")[1]).toContain(next);
  });
});

describe("waxseal suppressions remove", () => {
  it("removes an address, and the log says who did it and why", async () => {
    const { person, address } = await bounced(2);
    const { code, stdout, stderr } = await suppressions("remove", address, "--who", "Odile", "--why", "she wrote");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`Removed: ${address} is no longer suppressed as invalid. The log says who did it, and why.\n`);
    expect(await removalsOf(person)).toEqual([{ who: "Odile", why: "she wrote", reason: "invalid", address }]);
    expect((await suppressions("check", address)).stdout).toMatch(/│ no +│/);
  });

  it("takes a person by their id", async () => {
    const { person, address } = await bounced(2);
    const { code } = await suppressions("remove", "--person", person, "--who", "Odile", "--why", "new server");
    expect(code).toBe(0);
    expect(await removalsOf(person)).toEqual([{ who: "Odile", why: "new server", reason: "invalid", address }]);
  });

  it("says which other suppressions there are, and leaves them", async () => {
    const somebody = await bounced(2);
    await unsubscribes(somebody);
    const { code, stderr } = await suppressions("remove", somebody.address, "--who", "a", "--why", "b");
    expect(code).toBe(0);
    expect(stderr).toMatch(new RegExp(`^They are still suppressed: unsubscribed since ${TIME} \\(one_click\\).\n$`));
    expect((await suppressions("check", somebody.address)).stdout).toMatch(/│ yes +│ unsubscribed │/);
  });

  it.each([
    ["who was never invalid", () => Promise.resolve({ address: "free@mail.example" })],
    ["who is blocked for a day", () => bounced(1)],
  ])("ends with code 1 for somebody %s, and says how to look", async (_who, somebody) => {
    const { address } = await somebody();
    const { code, stdout, stderr } = await suppressions("remove", address, "--who", "a", "--why", "b");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("404: This recipient is not suppressed as invalid");
    expect(stderr).toContain(`"waxseal suppressions check ${address}" shows their suppressions.`);
  });

  it.each([
    [["--why", "she wrote"], "Who decides it?", "--who"],
    [["--who", "Odile"], "Why?", "--why"],
    [["--who", " ", "--why", "b"], "who: must not be empty", "Correct what it names"],
    [["--who", "a", "--why", ""], "why: must not be empty", "Correct what it names"],
    [["--who", "a", "--why", "b", "--person", "7"], "exclude each other", "Give one of them."],
  ])("ends with code 2, says what to do and removes nothing when given %j", async (args, words, next) => {
    const { person, address } = await bounced(2);
    const { code, stdout, stderr } = await suppressions("remove", address, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split("\n")[1]).toContain(next);
    expect(await removalsOf(person)).toEqual([]);
    expect((await suppressions("check", address)).stdout).toMatch(/│ yes +│ invalid +│/);
  });

  it("ends with code 2 when nobody is named, or two addresses are", async () => {
    const why = ["--who", "a", "--why", "b"];
    expect((await suppressions("remove", ...why)).stderr).toContain("Which recipient?\nGive an address");
    const two = await suppressions("remove", "a@mail.example", "b@mail.example", ...why);
    expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining("too many arguments") });
  });
});

describe("waxseal suppressions and its Worker", () => {
  it("checks the key, and says so", async () => {
    const wrong = ["--origin", worker.origin, "--api-key", "wxs_wrong"];
    const { code, stderr } = await waxseal(["suppressions", "check", "a@mail.example", ...wrong]);
    expect(code).toBe(1);
    expect(stderr).toContain("answered 401");
    expect(stderr).toContain("Check --api-key");
  });

  it("finds the Worker and its key in the environment", async () => {
    const env = { WAXSEAL_ORIGIN: worker.origin, WAXSEAL_API_KEY: worker.apiKey };
    const { code, stdout } = await spawnWaxseal(["suppressions", "check", "--json", "a@mail.example"], {
      env,
    });
    expect({ code, answer: JSON.parse(stdout) }).toMatchObject({ code: 0, answer: { suppressed: false } });
  });
});

describe("waxseal suppressions add, list and import", () => {
  it("takes no id for an address, and says that an id is nobody's", async () => {
    const why = ["--reason", "unsubscribed"];
    const wrong = await suppressions("add", "erika", ...why);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("must be an address")]);
    const { person } = await bounced(1);
    const said = async (id: string) => (await suppressions("add", "--person", id, ...why)).stderr;
    expect(await said("erika")).toContain("No person erika is known");
    expect(await said(person)).not.toContain("is known");
  });

  it("adds addresses, lists them, and lifts an opt-out only after a yes", async () => {
    const address = "asked@mail.example";
    const words = ["--cause", "asked by phone", "--who", "Odile", "--at", "2026-11-03"];
    const added = await suppressions("add", address, "--reason", "unsubscribed", ...words);
    expect(added).toMatchObject({ code: 0, stdout: "Suppressed: 1, those that were suppressed before included.\n" });
    const { stdout } = await suppressions("list", "--reason", "unsubscribed", "--since", "2026-11-03");
    expect(stdout).toMatch(
      / asked@mail\.example +│ unsubscribed +│ 2026-11-03T.* │ for ever +│ asked by phone +│ Odile +│/,
    );
    const listed = await suppressions("list", "--reason", "unsubscribed", "--json");
    expect(listed.stdout.split("\n").map((line) => line.includes(address))).toContain(true);
    const lift = [address, "--reason", "unsubscribed", "--who", "Odile", "--why", "she called"];
    const refused = await suppressions("remove", ...lift);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("Say yes by --yes.") });
    expect((await suppressions("remove", ...lift, "--yes")).stdout).toContain(
      "is no longer suppressed as unsubscribed",
    );
    expect((await suppressions("check", address)).stdout).toMatch(/ no +│/);
  });

  async function imported(content: string | Uint8Array, ...args: readonly string[]) {
    const folder = await mkdtemp(join(tmpdir(), "waxseal-"));
    const file = join(folder, "old.csv");
    await writeFile(file, content);
    const given = ["--reason", "unsubscribed", "--who", "old system", ...args];
    const run = await suppressions("import", file, ...given);
    await rm(folder, { recursive: true });
    return run;
  }

  it("imports a file with a header, names wrong rows by their lines, and takes the others", async () => {
    const rows = Array.from({ length: 1_001 }, (_, nth) => `import-${nth}@mail.example;1;2026-11-04;`);
    const bad = ["nobody;2;;", '"x@mail.example";3;;angry', "y@mail.example;4;;;much", 'z@mail.example;a "b" c;;'];
    const file = `\uFEFF"Email";"score";at;reason\r\n${[...rows, ...bad].join("\r\n")}\r\n`;
    expect(await imported(file)).toMatchObject({ code: 2, stdout: "" });
    const { code, stdout, stderr } = await imported(file, "--yes");
    expect([code, stdout]).toEqual([1, "Suppressed: 1002, those that were suppressed before included.\n"]);
    expect(stderr).toMatch(/line 1003 +│ address: must be an address/);
    expect(stderr).toMatch(/line 1004 +│ reason: must be "unsubscribed"/);
    expect(stderr).toMatch(/line 1005 +│ has 5 cells, and the first row 4/);
    for (const address of ["import-1000@mail.example", "z@mail.example"])
      expect((await suppressions("check", address)).stdout).toMatch(/│ unsubscribed │ 2026-/);
  });

  it("says what was added before a request failed", async () => {
    const answers = [
      Response.json({ accepted: 999, rejected: [{ index: 6, error: { message: "suppressions.6.at: is no time" } }] }),
      new Response(null, { status: 503 }),
    ];
    const failing = createServer((_, response) => {
      const answer = answers.shift();
      response.statusCode = answer?.status ?? 500;
      void answer?.text().then((text) => response.end(text));
    });
    await new Promise<void>((resolve) => failing.listen(0, "127.0.0.1", resolve));
    const rows = Array.from({ length: 2_500 }, (_, nth) => `${nth}@mail.example`).join("\n");
    const { port } = v.parse(v.object({ port: v.number() }), failing.address());
    const run = await imported(`email\n${rows}\n`, "--yes", "--origin", `http://127.0.0.1:${port}`);
    failing.close();
    expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining("Suppressed: 999,") });
    expect(run.stderr).toMatch(/line 8 +│ at: is no time/);
    expect(run.stderr).toContain("The last 1500 were not added.");
  });
});
