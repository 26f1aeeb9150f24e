/**
 * `npm run build`: the library, the API's client and the command, from the TypeScript of src into dist, with types.
 * What an earlier build left there goes away first, so that nothing is published that src does not have; dist/worker is
 * packed-worker.ts's.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.ts";

const EXECUTABLE = 0o755;
const dist = join(projectRoot, "dist");
const tsc = join(projectRoot, "node_modules", "@typescript", "native", "bin", "tsc");

const left = existsSync(dist) ? readdirSync(dist).filter((name) => name !== "worker") : [];
for (const name of left) rmSync(join(dist, name), { recursive: true });
execFileSync(process.execPath, [tsc, "-p", join(projectRoot, "src", "cli", "tsconfig.build.json")], {
  stdio: "inherit",
});
chmodSync(join(dist, "cli", "main.js"), EXECUTABLE);
