/** `npm run demo` on every real email: each on a Worker and a database of its own, as a person would run it. */
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { run } from "../cli/command.ts";
import { realEmails } from "./real-emails.ts";

// Most of a demo is waiting for the queue.
describe.concurrent("npm run demo", () => {
  it.each(realEmails.map((path) => ({ name: basename(path), path })))("exits with 0 on $name", async ({ path }) => {
    await expectSuccess([path]);
  });

  it("exits with 0 on the mail of its own", async () => {
    await expectSuccess([]);
  });
});

async function expectSuccess(args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await run("demo/main.ts", args, { cwd: projectRoot });
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("the log holds exactly what happened");
}
