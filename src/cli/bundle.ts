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
  "@noble/hashes/sha2.js": "src/runtime.ts",
  "@noble/hashes/utils.js": "src/runtime.ts",
  "src/token/hmac.ts": "src/runtime.ts",
  "src/token/base64url.ts": "src/runtime.ts",
};

/**
 * What stands at the beginning of a deployed Worker, each behind what it imports; the rest follows in the order of its imports. gzip finds again
 * what stands within 32 KB. Begun by hand (large tables, then libraries, then what is alike), gone on with by chance: an entry put in, moved
 * or left out at random stayed so where that made the whole smaller, in the end by 2.5 KB.
 */
const FIRST = [
  "./src/pages/phrases.ts",
  "./src/decorate/character-references.ts",
  "parse5",
  "./src/decorate/foreign.ts",
  "./src/decorate/opt-out.ts",
  "./src/visitors/memo.ts",
  "./src/visitors/network.ts",
  "./src/pages/color.ts",
  "./src/decorate/template.ts",
  "./src/pages/recipient.ts",
  "isbot",
  "./src/log/json-arrays.ts",
  "./src/visitors/client-ip.ts",
  "./src/events/send-key.ts",
  "./src/visitors/device.ts",
  "./src/opens/key.ts",
  "./src/delivery/bounce-mail/mail.ts",
  "hono/hono-base",
  "./src/delivery/standard-webhooks.ts",
  "./src/delivery/bounce-mail/index.ts",
  "./src/delivery/providers/cloudflare.ts",
  "./src/delivery/providers/sendgrid-signature.ts",
  "./src/people/stand-in.ts",
  "./src/delivery/providers/index.ts",
  "./src/log/errors.ts",
  "./src/routes/marketo/paging-token.ts",
];

/** Properties that one library alone has, for itself: whatever begins so, and what parse5's tokenizer calls so. */
export const OWN_NAMES =
  /^(?:_[a-z]\w*|preprocessor|current(?:Token|CharacterToken|Location|Attr\w*)|getC(?:urrentLocation|haracterTokenEnd\w+)|returnState|entityStartPos|droppedBufferSize|consumedAfterSnapshot|endOfChunkHit|skipNextNewLine|codePointStart|runStart|lastStartTagName|handleSpecialEndTag|prepareToken|emitCurrentTagToken|dropParsedChunk|willDropParsedChunk)$/;

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
    plugins: whole ? [] : [standIns, parse5, labels],
    logLevel: "silent",
    ...(deployed ? { minify: true } : { keepNames: true }),
  });
  const [sourceMap, script] = outputFiles.map(({ text }) => text);
  if (sourceMap === undefined || script === undefined) throw new Error("esbuild wrote nothing");
  if (!deployed) return { script, sourceMap };
  const { code, map } = await minify(script, {
    module: true,
    ecma: 2020,
    compress: {
      passes: 3,
      // "e===null" and "null===e" mixed as they were written zip better.
      lhs_constants: false,
      // What parse5 calls its parse errors, which nobody asks for.
      pure_funcs: ["this._err"],
    },
    mangle: { properties: { regex: OWN_NAMES } },
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
/** Where parse5's tokenizer begins a doctype; the cases that lead into its states; the methods. */
const DOCTYPE = [
  /\n {8}else if \(this\._consumeSequenceIfMatch\(\$\$\.DOCTYPE[^}]*\}/g,
  /\n {12}case State\.\w*DOCTYPE\w*: \{[^}]*\}/g,
  /\n {4}\w+Doctype\w*\(.*\) \{[\s\S]*?\n {4}\}/g,
];

/**
 * parse5 is written in TypeScript. Its enums, taken back from what TypeScript made of them, are numbers in the bundle. A doctype ends where a
 * comment would that begins with the same `<!`, and nobody asks what is in it.
 */
const parse5: Plugin = {
  name: "parse5",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]parse5[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      return {
        contents: DOCTYPE.reduce((left, part) => left.replace(part, ""), source).replace(
          COMPILED_ENUM,
          (_, exported = "", name, members: string) =>
            `${exported}enum ${name} {${members.replace(COMPILED_MEMBER, "$1 = $2,")}}`,
        ),
        loader: "ts",
      };
    });
  },
};

const POSTAL_MIME_PARTS = "src/delivery/bounce-mail/postal-mime-parts.ts";
const LIST_OF_LABELS = /(?<=const ENCODING_LABELS = )new Set\(\[[^\]]*\]\s*\.join\(' '\)\s*\.split\(' '\)\)/;

/** postal-mime's list of the labels of encodings, a KB of the bundle. */
const labels: Plugin = {
  name: "labels",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]postal-mime[\\/]dist[\\/]esm[\\/]decode-strings\.js$/ }, async ({ path }) => ({
      contents: `import { encodingLabels } from ${JSON.stringify(resolve(projectRoot, POSTAL_MIME_PARTS))};
${(await readFile(path, "utf8")).replace(LIST_OF_LABELS, "encodingLabels")}`,
    }));
  },
};
