/** What package.json says of this package. */
import { readFileSync } from "node:fs";
import * as v from "valibot";

const PackageJson = v.object({ description: v.string(), version: v.string() });

// Two folders up both in src/cli and in dist/cli.
export const packageJson = v.parse(
  v.pipe(v.string(), v.parseJson(), PackageJson),
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
);
