/**
 * What is made of files, kept in node_modules/.cache until one of them changes, or what makes it. Contents are compared
 * and not times, so that a checkout that has these packages and the same sources finds it, too.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { projectRoot } from "./project.ts";

export interface Made {
  readonly text: string;
  /** All files that it was made of, relative to the project's root. */
  readonly inputs: readonly string[];
}

export interface KeptOptions {
  /** Default: this checkout */
  readonly root?: string;
  /** Where it is kept. Default: node_modules/.cache/waxseal */
  readonly folder?: string;
}

const Kept = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({ fingerprint: v.string(), inputs: v.array(v.string()), text: v.string() }),
);

/** What says how inputs are put together, where it is there. */
const SETTINGS = [
  ...["wrangler.toml", "package.json", "tsconfig.json"],
  // What npm has installed.
  "node_modules/.package-lock.json",
  // What makes the two that are kept.
  ...["src/dev/worker-bundle.ts", "src/dev/api-document.ts"],
];

/**
 * What `make` makes, or has made before of the same files.
 * @param name what it is kept as
 */
export async function kept(name: string, make: () => Promise<Made>, options: KeptOptions = {}): Promise<Made> {
  const { root = projectRoot, folder = join(root, "node_modules", ".cache", "waxseal") } = options;
  const path = join(folder, `${name}.json`);
  const before = v.safeParse(Kept, await readFile(path, "utf8").catch(() => undefined));
  if (before.success && before.output.fingerprint === (await fingerprintOf(before.output.inputs, root)))
    return before.output;
  const beginning = join(folder, `${name}.${process.pid}`);
  await mkdir(folder, { recursive: true });
  await writeFile(beginning, "");
  try {
    const { mtimeMs: startedAtMs } = await stat(beginning);
    const made = await make();
    const fingerprint = await fingerprintOf(made.inputs, root);
    // A file that has changed meanwhile may have been read before it did.
    const isCurrent = (await lastChangeMs(made.inputs, root)) <= startedAtMs;
    // A checkout with the packages of another one leaves alone what is kept for that one.
    if (!isCurrent || made.inputs.some((input) => input.startsWith(".."))) return made;
    await writeFile(beginning, JSON.stringify({ fingerprint, ...made }));
    await rename(beginning, path);
    return made;
  } finally {
    await rm(beginning, { force: true });
  }
}

async function fingerprintOf(inputs: readonly string[], root: string): Promise<string> {
  const files = await Promise.all(
    [...SETTINGS, ...inputs].map(async (path) => readFile(join(root, path)).catch(() => "missing")),
  );
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.length} `).update(file);
  return hash.digest("hex");
}

async function lastChangeMs(inputs: readonly string[], root: string): Promise<number> {
  const times = await Promise.all(
    [...SETTINGS, ...inputs].map(async (path) => {
      const found = await stat(join(root, path)).catch(() => undefined);
      // An input that is not there any more has changed; a setting need not be there.
      return found?.mtimeMs ?? (inputs.includes(path) ? Number.POSITIVE_INFINITY : 0);
    }),
  );
  return Math.max(...times);
}
