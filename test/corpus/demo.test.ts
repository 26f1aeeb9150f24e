/** The demo of every real email, each on a Worker and a database of its own. */
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runDemo } from "../../src/demo/demo.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { run } from "../cli/command.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { realEmails } from "./real-emails.ts";

const said: string[] = [];
beforeAll(() => {
  for (const level of ["log", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line: unknown) => void said.push(String(line)));
});
afterAll(() => void vi.restoreAllMocks());

// Most of a demo is waiting for the queue.
describe.concurrent("the demo", () => {
  it.each(realEmails.map((path) => ({ name: basename(path), path })))("ends well with $name", async ({ path }) => {
    expect(await runDemo([path], { startWorker: startTestWorker }), said.join("\n")).toBe(0);
  });
});

it("npm run demo ends well with the mail of its own", async () => {
  const { code, stdout, stderr } = await run("demo/main.ts", [], { cwd: projectRoot });
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("the log holds exactly what happened");
});

it("every demo found in the log what had happened, and nothing failed", () => {
  expect(said.filter((line) => line.includes("✗"))).toEqual([]);
  expect(said.filter((line) => line.includes("the log holds exactly what happened"))).toHaveLength(realEmails.length);
});
