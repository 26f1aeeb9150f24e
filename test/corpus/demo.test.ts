/** The demo of every real email: each in a process of its own, on a Worker and a database of its own. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { type Ended, run } from "../cli/command.ts";
import { realEmails } from "./real-emails.ts";

let folder: string;
let script: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waxseal-demo-"));
  script = join(folder, "worker.js");
  await writeFile(script, inject("developmentScript"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

// Most of a demo is waiting for the queue.
describe.concurrent("npm run demo", () => {
  it.each(realEmails.map((path) => ({ name: basename(path), path })))("exits with 0 on $name", async ({ path }) => {
    expectSuccess(await run("../test/corpus/demo-with-script.ts", [script, path], { cwd: projectRoot }));
  });

  it("exits with 0 on the mail of its own, bundling its Worker", async () => {
    expectSuccess(await run("demo/main.ts", [], { cwd: projectRoot }));
  });
});

function expectSuccess({ code, stdout, stderr }: Ended): void {
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("the log holds exactly what happened");
}
