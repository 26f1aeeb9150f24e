import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { run, temporaryFolder } from "../cli/command.ts";

it("scripts that run at once are all shown, each under its name, and fail when one of them does", async () => {
  const cwd = await temporaryFolder();
  const scripts = { good: "echo right", bad: "echo wrong >&2; exit 3", quiet: "true" };
  await writeFile(join(cwd, "package.json"), JSON.stringify({ scripts }));
  const program = join(projectRoot, "test", "house", "at-once.ts");
  const all = await run(program, ["bad", "good", "quiet"], { cwd });
  expect(all).toMatchObject({ code: 1, stderr: "\nFailed: bad\n" });
  for (const shown of ["=== good ===\nright\n", "=== bad failed ===\nwrong\n", "=== quiet ===\n"])
    expect(all.stdout).toContain(shown);
  expect((await run(program, ["good", "quiet"], { cwd })).code).toBe(0);
});
