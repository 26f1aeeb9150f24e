/** What package.json says of this package. */
import { readFileSync } from "node:fs";
import * as v from "valibot";

const PackageJson = v.object({ description: v.string(), version: v.string(), homepage: v.string() });

// Two folders up both in src/cli and in dist/cli.
export const packageJson = v.parse(
  v.pipe(v.string(), v.parseJson(), PackageJson),
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);

/** The address of a page of docs/, which are not in the package. */
export function docsPage(name: string): string {
  return new URL(`blob/main/docs/${name}`, packageJson.homepage.replace(/#.*$/, "/")).href;
}
