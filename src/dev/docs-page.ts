/**
 * The files of /v1/docs that are not the project's own: Swagger UI, copied from its package to where wrangler.toml's
 * [assets] serves them. A copy that is there costs a millisecond.
 */
import { copyFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "./project.ts";
import { replaceFile } from "./replace-file.ts";

const FILES = ["swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css"];

/** `root` is the folder of wrangler.toml. */
export async function prepareDocsPage(root = projectRoot): Promise<void> {
  const from = join(projectRoot, "node_modules", "swagger-ui-dist");
  const to = join(root, "assets", "v1", "docs");
  await Promise.all(FILES.map((name) => copyChanged(join(from, name), join(to, name), root)));
}

async function copyChanged(from: string, to: string, root: string): Promise<void> {
  const [wanted, there] = await Promise.all([stat(from), stat(to).catch(() => undefined)]);
  if (there?.size === wanted.size && there.mtimeMs >= wanted.mtimeMs) return;
  await replaceFile(root, to, (temporary) => copyFile(from, temporary));
}
