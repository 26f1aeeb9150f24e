import { expect, inject, it, onTestFinished } from "vitest";
import { startQuickStart } from "./quick-start.ts";

const MOST_COMMANDS = 6;

// How long it takes is `npm run bench -- first-mail`.
it("docs/quick-start.md leads by six commands from an empty folder to an opened mail in the log", async () => {
  const { commands, ended, stop } = await startQuickStart(inject("packageFile"), inject("registry"));
  onTestFinished(stop);
  expect(commands.length).toBeLessThanOrEqual(MOST_COMMANDS);
  const { code, stdout, stderr } = await ended;
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toMatch(/opened http:\/\/localhost:\d+\/o\/[\w-]+[.]gif/);
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/opened/i);
});
