/** What `npm install waxseal` brings is what its files import: no package is missing, and none comes along. */
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";

const { bin, dependencies, devDependencies, exports, peerDependencies } = JSON.parse(
  readFileSync(join(projectRoot, "package.json"), "utf8"),
);
const entries: readonly string[] = [...Object.values(exports), bin.waxseal]
  .map((entry) => (typeof entry === "string" ? entry : Object(entry).default))
  .filter((path) => path.endsWith(".js"));
const sources = entries.map((path) => path.replace(/^(?:\.\/)?dist\//, "src/").replace(/\.js$/, ".ts"));

describe("package.json", () => {
  it("depends on what its entries import, and on nothing else", async () => {
    expect(Object.keys(dependencies).toSorted()).toEqual(await packagesImportedBy(sources));
  });

  it("builds every entry", () => {
    const { include } = JSON.parse(readFileSync(join(projectRoot, "src/cli/tsconfig.build.json"), "utf8"));
    const built = include.map((path: string) => join("src/cli", path));
    for (const source of sources) expect(built).toContain(source);
  });

  it("deploys with the wrangler that it was tested with", () => {
    expect(peerDependencies.wrangler).toBe(`^${devDependencies.wrangler}`);
  });
});

async function packagesImportedBy(entryPoints: readonly string[]): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: projectRoot,
    entryPoints: [...entryPoints],
    bundle: true,
    packages: "external",
    format: "esm",
    platform: "node",
    outdir: "dist",
    write: false,
    metafile: true,
  });
  const imported = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  const names = imported.filter((path) => !isBuiltin(path)).map(packageOf);
  return [...new Set(names)].toSorted();
}

/** "@scope/name/part" → "@scope/name". */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
