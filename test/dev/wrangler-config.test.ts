import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { readWranglerConfig } from "../../src/dev/wrangler-config.ts";
import { temporaryFolder } from "../cli/command.ts";

it("the Workers of the tests have wrangler.toml's variables, whatever a developer's own files say", async () => {
  const folder = await temporaryFolder();
  await copyFile(join(projectRoot, "wrangler.toml"), join(folder, "wrangler.toml"));
  for (const file of [".dev.vars", ".env"]) await writeFile(join(folder, file), "MESSAGE_DAYS=1\nMY_OWN=1\n");
  const { config, workerOptions } = readWranglerConfig(folder);
  expect(workerOptions.bindings).toEqual(config.vars);
  expect(config.vars.MESSAGE_DAYS).not.toBe("1");
});
