/** The rules of the rooms (.dependency-cruiser.ts) reject what they should: one small tree for each rule. */
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise, type ICruiseOptions, type ICruiseResult } from "dependency-cruiser";
import { afterAll, expect, it } from "vitest";
import rules from "../../.dependency-cruiser.ts";

const folder = mkdtempSync(join(tmpdir(), "waxseal-rooms-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MANIFEST = JSON.stringify({ dependencies: { hono: "4" }, devDependencies: { miniflare: "5" } });

/** The names of the rules that a tree of files breaks; `files` maps paths to their text. */
async function broken(files: Readonly<Record<string, string>>): Promise<string[]> {
  const baseDir = mkdtempSync(join(folder, "tree-"));
  for (const [path, text] of Object.entries({ "package.json": MANIFEST, ...files })) {
    await mkdir(dirname(join(baseDir, path)), { recursive: true });
    await writeFile(join(baseDir, path), text);
  }
  const { tsConfig: _, ...options } = rules.options;
  const cruised: ICruiseOptions = {
    ...options,
    baseDir,
    validate: true,
    ruleSet: { forbidden: rules.forbidden },
  };
  const { output } = await cruise(["src"], cruised);
  return (output as ICruiseResult).summary.violations.map(({ rule }) => rule.name);
}

const packageNamed = (name: string) => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, main: "index.js" }),
  [`node_modules/${name}/index.js`]: "",
});
const CLICK = "export type Click = string;";

it.each<[string, Readonly<Record<string, string>>]>([
  [
    "no-circles",
    {
      "src/tokens/sign.ts": 'import type { Verified } from "./verify.ts"; export type Signed = Verified;',
      "src/tokens/verify.ts": 'import type { Signed } from "./sign.ts"; export type Verified = Signed;',
    },
  ],
  [
    "tokens-imports-only-platform",
    {
      "src/events/event.ts": CLICK,
      "src/tokens/sign.ts": 'export type Signed = Promise<import("../events/event.ts").Click>;',
    },
  ],
  [
    "cli-imports-only-client-eml-access-archive-decorate-tokens-platform",
    { "src/dev/project.ts": CLICK, "src/cli/main.ts": 'export type { Click } from "../dev/project.ts";' },
  ],
  [
    "capability-imports-shared-rooms-and-capabilities",
    { "src/app.ts": CLICK, "src/retries/api.ts": 'export type { Click } from "../app.ts";' },
  ],
  [
    "capability-through-its-index",
    {
      "src/tracking/click.ts": CLICK,
      "src/reports/api.ts": 'import type { Click } from "../tracking/click.ts";',
    },
  ],
  ["only-index-imports-app", { "src/app.ts": CLICK, "src/waxseal.ts": 'export type { Click } from "./app.ts";' }],
  [
    "worker-imports-no-node-room",
    { "src/cli/main.ts": CLICK, "src/index.ts": 'export const main = () => import("./cli/main.ts");' },
  ],
  [
    "library-imports-pure-rooms",
    { "src/http/errors.ts": CLICK, "src/waxseal.ts": 'export type { Click } from "./http/errors.ts";' },
  ],
  ["pure-rooms-know-no-runtime", { "src/events/row.ts": 'import { env } from "cloudflare:workers"; env.DB;' }],
  [
    "node-needs-no-workers",
    { "src/platform/errors.ts": CLICK, "src/tokens/sign.ts": 'export type { Click } from "../platform/errors.ts";' },
  ],
  ["no-tests-in-src", { "test/world.ts": CLICK, "src/index.ts": 'export type { Click } from "../test/world.ts";' }],
  ["resolvable", { "src/index.ts": 'export { nothing } from "./nowhere.ts";' }],
  ["declared-dependencies", { ...packageNamed("postcss"), "src/index.ts": 'import "postcss";' }],
  ["published-imports-dependencies", { ...packageNamed("miniflare"), "src/cli/main.ts": 'import "miniflare";' }],
])("an import that the rule %s forbids is found", async (rule, files) => {
  expect(await broken(files)).toContain(rule);
});

it("has no objection to a capability that imports another by its index", async () => {
  const files = {
    "src/tracking/index.ts": 'export type { Click } from "./click.ts";',
    "src/tracking/click.ts": CLICK,
    "src/reports/api.ts": 'import type { Click } from "../tracking/index.ts"; export type Row = Click;',
  };
  expect(await broken(files)).toEqual([]);
});
