/**
 * `npm run types:api`: writes the types of the API's client from the OpenAPI document, which a local Worker serves.
 * `--check` fails when the file is not current.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import { startLocalWorker } from "./local-worker.ts";
import { projectRoot } from "./project.ts";

/** The file that is made, relative to the project's root. */
export const API_TYPES = "src/client/api-types.ts";

const HEAD = "// Made from /v1/openapi.json by `npm run types:api`. Do not edit it.\n";

/** The text of the file for an OpenAPI document, which is JSON. */
export async function apiTypes(document: string): Promise<string> {
  return HEAD + astToString(await openapiTS(document, { silent: true }));
}

async function currentTypes(): Promise<string> {
  const worker = await startLocalWorker();
  try {
    const answer = await fetch(`${worker.origin}/v1/openapi.json`);
    return await apiTypes(await answer.text());
  } finally {
    await worker.stop();
  }
}

if (import.meta.main) {
  const file = join(projectRoot, API_TYPES);
  const current = await currentTypes();
  if (!process.argv.includes("--check")) await writeFile(file, current);
  else if ((await readFile(file, "utf8")) !== current) {
    console.error(`${API_TYPES} is not current: run "npm run types:api".`);
    process.exitCode = 1;
  }
}
