/**
 * The OpenAPI document of `/v1` as a file that wrangler.toml's [assets] serves, made from the operations of the Worker:
 * so the Worker holds neither the document nor the program that writes it. Takes some 0.3 s.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { projectRoot } from "./project.ts";
import { replaceFile } from "./replace-file.ts";

/** `root` is the folder of wrangler.toml. The file is written only when it changes: `wrangler dev` watches it. */
export async function prepareApiDocument(root = projectRoot): Promise<void> {
  const path = join(root, "assets", "v1", "openapi.json");
  const document = await makeApiDocument();
  if ((await readFile(path, "utf8").catch(() => undefined)) === document) return;
  await replaceFile(root, path, (temporary) => writeFile(temporary, document));
}

/** The document, as JSON. */
export async function makeApiDocument(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(projectRoot, "src", "api-document.ts")],
    alias: { "cloudflare:workers": join(projectRoot, "src", "dev", "workers-module.ts") },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    logLevel: "warning",
  });
  const module = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  const loaded = (await import(`data:text/javascript;base64,${module}`)) as { readonly apiDocument: string };
  return loaded.apiDocument;
}
