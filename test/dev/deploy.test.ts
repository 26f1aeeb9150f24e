import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { npmEnvironment, temporaryFolder } from "../cli/command.ts";

it("a deploy carries the recipients' pages, and nothing of the first look", async () => {
  const folder = await temporaryFolder();
  const wrangler = join(projectRoot, "node_modules", "wrangler", "bin", "wrangler.js");
  await promisify(execFile)(process.execPath, [wrangler, "deploy", "--dry-run", "--outdir", folder], {
    cwd: projectRoot,
    env: npmEnvironment(),
  });
  const script = await readFile(join(folder, "index.js"), "utf8");
  expect(script).toContain("List-Unsubscribe");
  expect(script).not.toMatch(/first look|look\/log|Maison Lavande/);
});
