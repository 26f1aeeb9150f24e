/** Replaces a file at once, so that whoever reads meanwhile finds a whole one: several builds may run at once. */
import { mkdir, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * @param root the folder of wrangler.toml: the new file is written in its .wrangler, which no deploy takes along
 * @param write writes the new file to the path that it is given
 */
export async function replaceFile(
  root: string,
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = join(root, ".wrangler", "tmp");
  const temporary = join(folder, `${basename(path)}.${process.pid}`);
  await Promise.all([mkdir(folder, { recursive: true }), mkdir(dirname(path), { recursive: true })]);
  await write(temporary);
  await rename(temporary, path);
}
