/**
 * The Worker in one module: for wrangler, which gets it from worker-build.ts, for the local Worker and for tests. Guarantees that what is
 * deployed and what runs on this machine leave the same parts of libraries out. See ARCHITECTURE.md, "Settings and secrets".
 */
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { minify } from "terser";
import { projectRoot } from "./project.ts";

/** The Worker's module. */
export const WORKER = "src/index.ts";

/** In place of these files, most of them libraries', stand files of ours; each says what for. test/cli/stand-ins.test.ts compares the two. */
export const STAND_INS: Readonly<Record<string, string>> = {
  "parse5/dist/index.js": "node_modules/parse5/dist/tokenizer/index.js",
  "parse5/dist/common/html.js": "src/decorate/parse5-parts.ts",
  "parse5/dist/common/error-codes.js": "src/decorate/parse5-parts.ts",
  "entities/dist/decode.js": "src/decorate/character-references.ts",
  "postal-mime/dist/esm/text-format.js": "src/delivery/bounce-mail/text-format.ts",
  "postal-mime/dist/esm/address-parser.js": "src/delivery/bounce-mail/postal-mime-parts.ts",
  "postal-mime/dist/esm/base64-encoder.js": "src/delivery/bounce-mail/postal-mime-parts.ts",
  "hono/dist/utils/body.js": "src/routes/hono-parts.ts",
  "hono/dist/utils/mount.js": "src/routes/hono-parts.ts",
  "bowser/src/utils.js": "src/visitors/bowser-parts.ts",
  "@noble/hashes/sha2.js": "src/runtime-crypto.ts",
  "@noble/hashes/utils.js": "src/runtime-crypto.ts",
  "src/token/hmac.ts": "src/runtime-crypto.ts",
};

/**
 * What stands at the beginning of a deployed Worker, each behind what it imports; the rest follows in the order of its imports. gzip finds again
 * what stands within 32 KB: so large tables go first, then the libraries, then what is alike, room by room.
 */
const FIRST = [
  "./src/pages/phrases.ts",
  "./src/decorate/named-characters.ts",
  "parse5",
  "postal-mime",
  "hono/hono-base",
  "./src/pages/recipient.ts",
  "./src/decorate/template.ts",
  "./src/delivery/providers/index.ts",
  "./src/delivery/bounce-mail/index.ts",
  "./src/visitors/classify.ts",
  "./src/extract/exports.ts",
  "./src/messages/fold.ts",
];

export interface BundleOptions {
  /** Minified, as in production; otherwise readable, as in development. */
  readonly deployed?: boolean;
  /** With all of the libraries. */
  readonly whole?: boolean;
}

export interface Bundle {
  readonly script: string;
  /** JSON. */
  readonly sourceMap: string;
}

/** A module, named from the project's root, and what it imports. */
export async function bundle(
  main: string,
  { deployed = false, whole = false }: BundleOptions = {},
): Promise<Bundle> {
  const { outputFiles } = await build({
    ...(deployed && main === WORKER ? { stdin: ordered } : { entryPoints: [main] }),
    absWorkingDir: projectRoot,
    outfile: "index.js",
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    define: { "process.env.NODE_ENV": deployed ? '"production"' : '"development"' },
    sourcemap: "external",
    plugins: whole ? [] : [standIns, enums],
    logLevel: "silent",
    // What libraries call so is theirs alone.
    ...(deployed ? { minify: true, mangleProps: /^_[a-z]/ } : { keepNames: true }),
  });
  const [sourceMap, script] = outputFiles.map(({ text }) => text);
  if (sourceMap === undefined || script === undefined) throw new Error("esbuild wrote nothing");
  if (!deployed) return { script, sourceMap };
  const { code, map } = await minify(script, {
    module: true,
    ecma: 2020,
    compress: { passes: 3 },
    sourceMap: { content: sourceMap, asObject: false },
  });
  if (code === undefined || typeof map !== "string") throw new Error("terser wrote nothing");
  return { script: code, sourceMap: map };
}

const ordered = {
  contents: [
    ...FIRST.map((file) => `import "${file}";`),
    `export * from "./${WORKER}";`,
    `export { default } from "./${WORKER}";`,
  ].join("\n"),
  resolveDir: projectRoot,
};

const standIns: Plugin = {
  name: "stand-ins",
  setup({ onResolve, resolve: resolved }) {
    const asked = Symbol("asked");
    onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === asked) return undefined;
      const found = await resolved(path, { ...from, pluginData: asked });
      const standIn =
        STAND_INS[
          relative(projectRoot, found.path)
            .replaceAll("\\", "/")
            .replace(/^.*node_modules\//, "")
        ];
      return standIn === undefined ? undefined : { path: resolve(projectRoot, standIn) };
    });
  },
};

const COMPILED_ENUM = /(export )?var (\w+);\s*\(function \(\2\) \{([^}]*)\}\)\(\2 \|\| \(\2 = \{\}\)\);/g;
const COMPILED_MEMBER = /\w+\[\w+\["(\w+)"\] = (-?\d+)\] = "\w+";/g;

/** parse5 is written in TypeScript. Its enums, taken back from what TypeScript made of them, are numbers in the bundle. */
const enums: Plugin = {
  name: "enums",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]parse5[\\/]dist[\\/].*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        COMPILED_ENUM,
        (_, exported = "", name, members: string) =>
          `${exported}enum ${name} {${members.replace(COMPILED_MEMBER, "$1 = $2,")}}`,
      ),
      loader: "ts",
    }));
  },
};
