/** Objects of R2, copied by wrangler, a process each. */
import { chmod } from "node:fs/promises";
import { CommandError } from "../command-error.ts";
import { allEnded } from "../wrangler/all-ended.ts";
import { type FileFacts, factsOf } from "./manifest.ts";
import type { BackupBucket } from "./names.ts";
import type { Target } from "./target.ts";

/** Processes of wrangler at the same time. On this machine two would find its SQLite files locked. */
const PARALLEL = { "--remote": 4, "--local": 1 } as const;

/** Copies an object into a file that its owner alone reads. @returns "missing" when there is no such object */
export async function copyObject(
  target: Target,
  bucket: BackupBucket,
  key: string,
  file: string,
): Promise<FileFacts | "missing"> {
  try {
    const from = `${bucket.name}/${key}`;
    await target.run(`copying ${key}`, ["r2", "object", "get", from, "--file", file, ...bucket.options]);
  } catch (error) {
    if (!(error instanceof CommandError && /key does not exist/.test(error.message))) throw error;
    return "missing";
  }
  await chmod(file, 0o600);
  return await factsOf(file);
}

/** Puts a file as an object. */
export async function putObject(
  target: Target,
  bucket: BackupBucket,
  key: string,
  { file, type }: { readonly file: string; readonly type: string },
): Promise<void> {
  const to = `${bucket.name}/${key}`;
  const how = ["--file", file, "--content-type", type, ...bucket.options];
  await target.run(`putting ${key}`, ["r2", "object", "put", to, ...how]);
}

/** Does `work` for each, some at a time, and begins no other after one has failed. */
export async function eachOf<Item>(
  { place }: Target,
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  let hasFailed = false;
  const worker = async () => {
    for (const [index, item] of left) {
      if (hasFailed) return;
      try {
        await work(item, index);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await allEnded(Array.from({ length: PARALLEL[place] }, worker));
}
