/** The packed file works in every way to load JavaScript, and in TypeScript at its strictest. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { projectRoot } from "../../src/dev/project.ts";
import { ENTRIES, type Entry } from "./entries.ts";
import { nodes, run, runtime, write } from "./strangers.ts";

const entries = Object.entries(ENTRIES).map(([path, entry]) => {
  const specifier = path.replace(/^[.]/, "waxseal");
  return { specifier, entry, file: specifier.replace("/", "-") };
});

const imported = (specifier: string, { imports }: Entry) => `import { ${imports.join(", ")} } from "${specifier}";`;
const asModule = (specifier: string, entry: Entry) =>
  `${imported(specifier, entry)}${entry.program}\nconsole.log(result);\n`;
const asCommonJs = (specifier: string, { imports, program }: Entry) =>
  `const { ${imports.join(", ")} } = require("${specifier}");
(async () => {${program}\nconsole.log(result);\n})();\n`;
const asTypeScript = (specifier: string, entry: Entry) =>
  `${imported(specifier, entry)}${entry.program}\nexport const text: string = result;\n`;

const DENO_ENV = { DENO_NO_UPDATE_CHECK: "1" };

it("every entry of package.json is tried", () => {
  expect(Object.keys(ENTRIES)).toEqual(Object.keys(manifest.exports).filter((path) => path !== "./package.json"));
});

describe.each(entries)("$specifier", ({ specifier, entry, file }) => {
  const printed = { code: 0, stdout: `${entry.result}\n`, stderr: "" };

  it("is a module of Node", async () => {
    const path = await write(`${file}.mjs`, asModule(specifier, entry));
    for (const node of nodes()) expect(await run(node, [path])).toEqual(printed);
  });

  it("is required by CommonJS", async () => {
    const path = await write(`${file}.cjs`, asCommonJs(specifier, entry));
    for (const node of nodes()) expect(await run(node, ["--no-warnings", path])).toEqual(printed);
  });

  it("runs in Bun", async () => {
    const path = await write(`${file}-bun.ts`, asTypeScript(specifier, entry).concat("console.log(text);\n"));
    expect(await run(runtime("bun"), ["--no-install", path])).toEqual(printed);
  });

  it("runs in Deno", async () => {
    const path = await write(`${file}-deno.ts`, asTypeScript(specifier, entry).concat("console.log(text);\n"));
    const args = ["run", "--no-check", "--no-remote", "--allow-all", path];
    expect(await run(runtime("deno"), args, { env: DENO_ENV })).toEqual(printed);
  });
});

it("the types of every entry are checked by Deno", async () => {
  const files = entries.map(({ specifier, entry, file }) => write(`${file}-types.ts`, asTypeScript(specifier, entry)));
  const { code, stderr } = await run(runtime("deno"), ["check", "--no-remote", ...(await Promise.all(files))], {
    env: DENO_ENV,
  });
  expect(code, stderr).toBe(0);
});

describe("TypeScript, strict, with the types of libraries checked", () => {
  const compilers = {
    "TypeScript 7": join(projectRoot, "node_modules", "@typescript", "native", "bin", "tsc"),
    "TypeScript 6": join(projectRoot, "node_modules", "typescript", "bin", "tsc6"),
  };
  const resolutions = {
    nodenext: { module: "nodenext", extensions: ["mts", "cts"] },
    bundler: { module: "esnext", extensions: ["mts"] },
  };
  const cases = Object.entries(compilers).flatMap(([compiler, tsc]) =>
    Object.entries(resolutions).map(([moduleResolution, form]) => ({ compiler, tsc, moduleResolution, ...form })),
  );

  it.each(cases)("$compiler, $moduleResolution", async ({ compiler, tsc, moduleResolution, module, extensions }) => {
    const files = await Promise.all(
      entries.flatMap(({ specifier, entry, file }) =>
        extensions.map((extension) => write(`${file}.${extension}`, typed(extension, specifier, entry))),
      ),
    );
    const compilerOptions = {
      ...{ module, moduleResolution, target: "es2023", lib: ["es2023", "dom"], types: [], noEmit: true },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
      ...{ verbatimModuleSyntax: true, isolatedModules: true },
    };
    const project = await write(
      `tsconfig.${compiler.replace(" ", "-")}.${moduleResolution}.json`,
      JSON.stringify({ compilerOptions, files }),
    );
    const ended = await run(process.execPath, [tsc, "-p", project]);
    expect(ended).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  /** A module of CommonJS takes the entry as `require` does. */
  function typed(extension: string, specifier: string, entry: Entry): string {
    if (extension === "mts") return asTypeScript(specifier, entry);
    return `import entry = require("${specifier}");\n${entry.imports.map((name) => `void entry.${name};\n`).join("")}`;
  }
});
