/**
 * `npm run types:api`: writes the types of the API's client from the OpenAPI document. `--check` fails when the file is
 * not current.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import openapiTS, { astToString } from "openapi-typescript";
import { makeApiDocument } from "./api-document.ts";
import { projectRoot } from "./project.ts";

/** The file that is made, relative to the project's root. */
export const API_TYPES = "src/client/api-types.ts";

const HEAD = "// Made from /v1/openapi.json by `npm run types:api`. Do not edit it.\n";

/** The text of the file for an OpenAPI document, which is JSON. */
export async function apiTypes(document: string): Promise<string> {
  return HEAD + astToString(await openapiTS(document, { silent: true }));
}

if (import.meta.main) {
  const file = join(projectRoot, API_TYPES);
  const current = await apiTypes(await makeApiDocument());
  if (!process.argv.includes("--check")) await writeFile(file, current);
  else if ((await readFile(file, "utf8")) !== current) {
    console.error(`${API_TYPES} is not current: run "npm run types:api".`);
    process.exitCode = 1;
  }
}
