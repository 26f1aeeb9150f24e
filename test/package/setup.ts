/** Packs the package once, and installs the file once into an empty folder, without a network. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { startLocalRegistry } from "./local-registry.ts";
import { packPackage } from "./pack.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The file that `npm pack` made. */
    packageFile: string;
    /** The folder in whose node_modules it is installed. */
    installedIn: string;
    /** The address of a registry with the packages of this checkout. */
    registry: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-package-"));
  const [file, registry] = await Promise.all([packPackage(folder), startLocalRegistry()]);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "sender", private: true, type: "module" }));
  const from = ["--registry", registry.url, "--cache", join(folder, ".npm")];
  await promisify(execFile)("npm", ["install", file, ...from, "--no-audit", "--no-fund"], { cwd: folder });
  project.provide("packageFile", file);
  project.provide("installedIn", folder);
  project.provide("registry", registry.url);
  return async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
