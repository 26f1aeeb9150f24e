/**
 * The Worker's module as `wrangler deploy` makes it, for the local Worker of the demo, the benchmarks and the tests.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { kept, type Made } from "./kept.ts";
import { projectRoot, WRANGLER, wranglerEnvironment } from "./project.ts";

/** The Worker's module, relative to the project's root. */
export const WORKER = "src/index.ts";

const bundles = new Map<string, Promise<Made>>();

/**
 * The text of one ES module with everything that `main` imports. Made once a process, and not where one of the same
 * files is kept (`kept.ts`).
 * @param main a module's path; relative paths start at the project's root
 * @param environment what `process.env.NODE_ENV` stands for: "Try it" is left out of "production"
 */
export async function bundleWorker(main: string, environment: "production" | "development"): Promise<string> {
  return (await bundleOf(main, environment)).text;
}

function bundleOf(main: string, environment: "production" | "development"): Promise<Made> {
  const name = `worker-${environment}-${main.replaceAll(/[/\\]/g, "-")}`;
  const made = bundles.get(name) ?? kept(name, () => bundle(main, environment));
  bundles.set(name, made);
  return made;
}

/** Makes it, whatever is kept, and says which files it read: paths relative to the project's root. */
export async function bundle(main: string, environment: "production" | "development"): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-worker-"));
  const metafile = join(folder, "metafile.json");
  const options = ["--dry-run", "--outdir", folder, "--metafile", metafile];
  try {
    await promisify(execFile)(process.execPath, [WRANGLER, "deploy", main, ...options], {
      cwd: projectRoot,
      env: wranglerEnvironment({
        NODE_ENV: environment,
        WRANGLER_LOG: "error",
        // With its banner wrangler starts a process that looks for updates and outlives it.
        WRANGLER_HIDE_BANNER: "true",
        CI: "true",
      }),
    });
    const text = await readFile(join(folder, `${basename(main).replace(/\.tsx?$/, "")}.js`), "utf8");
    const { inputs } = JSON.parse(await readFile(metafile, "utf8"));
    return { text, inputs: Object.keys(inputs) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
