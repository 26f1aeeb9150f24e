import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { workerThatAnswers } from "./answering-worker.ts";
import { spawnWaxseal, temporaryFolder, waxseal } from "./command.ts";

const LETTERS = [
  { id: 3, at: "2026-11-02T00:00:00.000Z", error: "no such column", body: '1["a"],["b"]' },
  { id: 8, at: "2026-11-03T00:00:00.000Z", error: "unknown version of body", body: "7?" },
];

describe("waxseal dead-letters", () => {
  it("lists all pages, oldest first, with the number of events in each", async () => {
    const pages: Record<string, unknown> = {
      "/v1/dead-letters": { data: [LETTERS[0]], next: "Abc" },
      "/v1/dead-letters?cursor=Abc": { data: [LETTERS[1]] },
    };
    const worker = await workerThatAnswers(({ url = "" }) => ({ body: pages[url] }));
    const { code, stdout } = await waxseal(["dead-letters", "list", ...worker.to]);
    expect(code).toBe(0);
    const table = Buffer.from(stdout, "latin1").toString();
    expect(table).toMatch(/3 .*2026-11-02T00:00:00\.000Z.* 2 .*no such column[\s\S]*8 .*\? .*unknown version/);
    expect(worker.received.map(({ authorization }) => authorization)).toEqual(Array(2).fill("Bearer wxs_dev_test"));
  });

  it("lists them whole as JSON, one a line", async () => {
    const worker = await workerThatAnswers(() => ({ body: { data: LETTERS } }));
    const { stdout } = await waxseal(["dead-letters", "list", "--json", ...worker.to]);
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(LETTERS);
  });

  it("says that there are none", async () => {
    const worker = await workerThatAnswers(() => ({ body: { data: [] } }));
    expect(await waxseal(["dead-letters", "list", ...worker.to])).toMatchObject({
      code: 0,
      stderr: "There are no dead letters.\n",
    });
  });

  it("replays all, or those named", async () => {
    const worker = await workerThatAnswers(() => ({ body: { replayed: 2, failed: [] } }));
    expect(await waxseal(["dead-letters", "replay", ...worker.to])).toMatchObject({
      code: 0,
      stdout: "2 replayed.\n",
    });
    await waxseal(["dead-letters", "replay", "3", "8", ...worker.to]);
    expect(worker.received.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual([
      ["POST", "/v1/dead-letters/replay", {}],
      ["POST", "/v1/dead-letters/replay", { ids: [3, 8] }],
    ]);
  });

  it("goes on until all are replayed", async () => {
    const answers = [{ replayed: 99, failed: [{ id: 3, error: "no such column" }], next: "Abc" }];
    const worker = await workerThatAnswers(() => ({ body: answers.pop() ?? { replayed: 2, failed: [] } }));
    const { code, stdout, stderr } = await spawnWaxseal(["dead-letters", "replay", ...worker.to]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "101 replayed.\n" });
    expect(stderr).toContain("1 failed again and stay dead letters:\n  3: no such column");
    expect(worker.received.map(({ body }) => JSON.parse(body))).toEqual([{}, { cursor: "Abc" }]);
  });

  it("says how many of those named are not there", async () => {
    const worker = await workerThatAnswers(() => ({ body: { replayed: 1, failed: [] } }));
    expect(await waxseal(["dead-letters", "replay", "3", "8", ...worker.to])).toMatchObject({
      code: 0,
      stdout: "1 replayed.\n",
      stderr: "1 of these ids does not exist.\n",
    });
  });

  it("ends with code 1 when some failed again, and names them", async () => {
    const worker = await workerThatAnswers(() => ({
      body: { replayed: 1, failed: [{ id: 3, error: "no such column" }] },
    }));
    const { code, stdout, stderr } = await spawnWaxseal(["dead-letters", "replay", ...worker.to]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "1 replayed.\n" });
    expect(stderr).toContain("3: no such column");
  });

  it("says what the Worker said when it refuses, and what to check", async () => {
    const worker = await workerThatAnswers(() => ({
      status: 401,
      body: { error: { code: "unauthorized", message: "Send a \u009bkey." } },
    }));
    const { code, stderr } = await waxseal(["dead-letters", "list", ...worker.to]);
    expect(code).toBe(1);
    expect(stderr).toContain("401: Send a %C2%9Bkey.\nCheck --api-key");
  });

  it("says so when nobody answers there", async () => {
    const to = ["--origin", "http://127.0.0.1:1", "--api-key", "x"];
    const { code, stderr } = await waxseal(["dead-letters", "list", ...to]);
    expect(code).toBe(1);
    expect(stderr).toContain("cannot be reached");
  });

  it.each([
    ["a page", "<!doctype html><title>Welcome</title>"],
    ["other JSON", { hello: "world" }],
  ])("says so when what answers there is no Worker: %s", async (_what, body) => {
    const worker = await workerThatAnswers(() => ({ body }));
    for (const command of ["list", "replay"]) {
      const { code, stdout, stderr } = await waxseal(["dead-letters", command, ...worker.to]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain("not as a Waxseal Worker does.\nIs that its address?");
    }
  });

  it("takes the first of the folder's API_KEYS for a Worker of this machine when no key is given", async () => {
    const worker = await workerThatAnswers(() => ({ body: { data: [] } }));
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, ".dev.vars"), 'API_KEYS=" wxs_first , wxs_second"\n');
    await waxseal(["dead-letters", "list", ...worker.to.slice(0, 2)], { cwd });
    expect(worker.received[0]?.authorization).toBe("Bearer wxs_first");
  });

  it("ends with code 2 without an origin or a key, or with an id that is none", async () => {
    expect(await waxseal(["dead-letters", "list"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--origin"),
    });
    expect(await waxseal(["dead-letters", "list", "--origin", "http://127.0.0.1:1"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--api-key"),
    });
    expect(await waxseal(["dead-letters", "list", "--origin", "t.example.com", "--api-key", "x"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("t.example.com is not a web address"),
    });
    expect((await waxseal(["dead-letters", "replay", "x"])).code).toBe(2);
  });
});
