/** The licences of the packages that are inside the Worker's module: who passes it on must pass them on, too. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.ts";

/** The folder of a file's package, which may be inside another package, and its name. */
const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)(?=\/)/;
const LICENSE = /^(?:licen[cs]e|copying|notice)/i;
/** Texts of licences that packages name without having them, by SPDX identifier. */
const TEXTS = join(projectRoot, "src", "dev", "licenses");

/**
 * The licences and notices of the packages that files are of, each with the package's name and version.
 * @param inputs paths of files, relative to `root`, as in esbuild's metafile
 * @throws {Error} for a package without a licence that can be passed on
 *
 * @example bundledLicenses((await bundleWorker("src/index.ts", "production")).inputs)
 */
export function bundledLicenses(inputs: readonly string[], root: string = projectRoot): string {
  const folders = inputs.flatMap((path) => PACKAGE.exec(path)?.[0] ?? []);
  return [...new Set(folders)]
    .toSorted()
    .map((folder) => licenseOf(join(root, folder)))
    .join("\n");
}

function licenseOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((each) => LICENSE.test(each));
  const paths = files.length > 0 ? files.toSorted().map((file) => join(folder, file)) : [join(TEXTS, `${license}.txt`)];
  const texts = paths.filter((path) => existsSync(path)).map((path) => `\n${readFileSync(path, "utf8").trim()}\n`);
  if (texts.length === 0)
    throw new Error(
      `${name} ${version} (${license}) has no licence file. Put the text of its licence into src/dev/licenses.`,
    );
  return `${name} ${version} (${license})\n${texts.join("")}`;
}
