/** Packs the package as it is published. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../src/dev/project.ts";

/** @returns the path of the file that `npm pack` made in the folder */
export async function packPackage(folder: string): Promise<string> {
  const { stdout } = await promisify(execFile)("npm", ["pack", "--json", "--silent", "--pack-destination", folder], {
    cwd: projectRoot,
  });
  return join(folder, packedFile(stdout));
}

/** npm writes an array of packages, or, in later versions, an object by their names. */
function packedFile(json: string): string {
  const [packed] = Object.values<{ readonly filename: string }>(JSON.parse(json));
  if (packed === undefined) throw new Error(`npm pack made no file: ${json}`);
  return packed.filename;
}
