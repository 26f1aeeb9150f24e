/** Packs the package once, and installs the file into an empty folder, without a network. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { projectRoot } from "../../src/dev/project.ts";
import { startLocalRegistry } from "./local-registry.ts";

const exec = promisify(execFile);

declare module "vitest" {
  interface ProvidedContext {
    /** The file that `npm pack` made. */
    packageFile: string;
    /** The folder in whose node_modules it is installed. */
    installedIn: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-package-"));
  const { stdout } = await exec("npm", ["pack", "--json", "--silent", "--pack-destination", folder], {
    cwd: projectRoot,
  });
  const file = join(folder, packedFile(stdout));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "sender", private: true, type: "module" }));
  const registry = await startLocalRegistry();
  const from = ["--registry", registry.url, "--cache", join(folder, ".npm")];
  await exec("npm", ["install", file, ...from, "--no-audit", "--no-fund"], { cwd: folder });
  await registry.stop();
  project.provide("packageFile", file);
  project.provide("installedIn", folder);
  return () => rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** npm writes an array of packages, or, in later versions, an object by their names. */
function packedFile(json: string): string {
  const [packed] = Object.values<{ readonly filename: string }>(JSON.parse(json));
  if (packed === undefined) throw new Error(`npm pack made no file: ${json}`);
  return packed.filename;
}
