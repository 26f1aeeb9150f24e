import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runChild } from "../../src/cli/wrangler/child.ts";
import { explainedStart, npxCommand } from "../../src/cli/wrangler/npx.ts";
import { temporaryFolder } from "./command.ts";

it("npx is started without a shell, on Windows by its script beside Node or beside the npm that runs", async () => {
  const folder = await temporaryFolder();
  const [execPath, bin] = [join(folder, "node.exe"), join(folder, "node_modules", "npm", "bin")];
  const windows = { platform: "win32", execPath, npmPath: undefined } as const;
  expect(npxCommand({ ...windows, platform: "linux" })).toEqual(["npx"]);
  expect(() => npxCommand(windows)).toThrow("There is no npx beside");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, "npx-cli.js"), "");
  const script = [execPath, join(bin, "npx-cli.js")];
  expect(npxCommand(windows)).toEqual(script);
  const other = join(folder, "elsewhere", "node.exe");
  expect(npxCommand({ ...windows, execPath: other, npmPath: join(bin, "npm-cli.js") })).toEqual([other, script[1]]);
});

it("where there is none it says so", async () => {
  const cwd = await temporaryFolder();
  const [started] = await Promise.allSettled([runChild("npx", ["--version"], { cwd, env: { PATH: cwd } })]);
  const error = started.status === "rejected" ? explainedStart(started.reason) : undefined;
  expect(String(error)).toContain("There is no npx on the PATH, and no wrangler in this folder.");
});
