/** The Worker's module, bundled for those who start it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { bundleWorker } from "../../src/dev/worker-bundle.ts";

it("is made once, and again after it could not be made", { timeout: 60_000 }, async () => {
  // wrangler looks for its configuration from the module on upwards.
  await mkdir(join(projectRoot, "dist"), { recursive: true });
  const folder = await mkdtemp(join(projectRoot, "dist", "bundled-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const main = join(folder, "main.ts");
  await writeFile(main, 'export * from "../../src/index.ts";\nexport { words as default } from "./words.ts";\n');
  await expect(bundleWorker(main, "production")).rejects.toThrow("words.ts");
  await writeFile(join(folder, "words.ts"), 'export const words = "A word or two";\n');
  const { script, inputs } = await bundleWorker(main, "production");
  expect(script).toContain("A word or two");
  expect(inputs.filter((path) => path.endsWith("/words.ts"))).toHaveLength(1);
  await rm(main);
  expect((await bundleWorker(main, "production")).script).toBe(script);
});
