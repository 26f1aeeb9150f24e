/**
 * `npm run deploy`, with the arguments of `waxseal deploy`: builds, and deploys from the folder deploy/. In builds of
 * Cloudflare's, which the button of README.md begins, the checkout is what is deployed: wrangler.toml has its names.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { projectRoot, WRANGLER, wranglerEnvironment } from "./project.ts";

const run = (script: string, ...args: readonly string[]) =>
  execFileSync(process.execPath, [script, ...args], {
    cwd: projectRoot,
    env: wranglerEnvironment(),
    stdio: "inherit",
  });

try {
  // "Workers Builds: environment variables" of Cloudflare's documentation.
  if (process.env.WORKERS_CI === "1") {
    run(WRANGLER, "d1", "migrations", "apply", "DB", "--remote");
    run(WRANGLER, "deploy");
  } else {
    run(join(projectRoot, "src", "dev", "build.ts"));
    run(join(projectRoot, "src", "dev", "packed-worker.ts"));
    run(join(projectRoot, "dist", "cli", "main.js"), "deploy", "--folder", "deploy", ...process.argv.slice(2));
  }
} catch (error) {
  const { status } = Object(error);
  // A program that ran has said what is wrong.
  if (typeof status !== "number") console.error(error);
  process.exitCode = typeof status === "number" ? status : 1;
}
