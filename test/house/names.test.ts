/** One exported name means one thing: who has read it in one room knows it in all. */
import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** Made by openapi-typescript, which names what it makes. */
const GENERATED = ["src/client/api-types.ts"];
const DECLARED = /^(export )?(?:async |abstract |declare )*(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
const LISTED = /^export (?:type )?\{([^}]*)\}/gm;

/** What a file exports under a name of its own. What it only passes on from another file is not among it. */
function ownNames(source: string): ReadonlySet<string> {
  const declared = [...source.matchAll(DECLARED)];
  const listed = [...source.matchAll(LISTED)].flatMap(([, names = ""]) => names.split(",")).map((each) => each.trim());
  const renamed = listed.flatMap((each) => / as (\w+)$/.exec(each)?.[1] ?? []);
  const isExported = ([, exported, name = ""]: RegExpExecArray) => exported !== undefined || listed.includes(name);
  return new Set([...renamed, ...declared.filter(isExported).map(([, , name = ""]) => name)]);
}

/** The names that several files export, each with its files. */
function sharedNames(files: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
  const filesOf = new Map<string, string[]>();
  for (const [path, source] of Object.entries(files)) {
    for (const name of ownNames(source)) filesOf.set(name, [...(filesOf.get(name) ?? []), path]);
  }
  return Object.fromEntries([...filesOf].filter(([, paths]) => paths.length > 1));
}

it("finds a name that two files export for different things, and none that a file passes on", () => {
  const files = {
    "a.ts": "export const One = v.object({});\nexport type One = {};\nexport async function two() {}\nconst three = 3;",
    "b.ts": 'export { One, type four } from "./a.ts";\nexport interface two {}\nconst three = 3;\nexport { three };',
    "c.ts": 'export class three {}\nexport * from "./a.ts";\nexport { One as five } from "./a.ts";',
    "d.ts": 'export type { two } from "./b.ts";\nexport type five = string;\nconst four = 4;',
  };
  expect(sharedNames(files)).toEqual({ two: ["a.ts", "b.ts"], three: ["b.ts", "c.ts"], five: ["c.ts", "d.ts"] });
});

it("no two files of the source export one name for different things", () => {
  const paths = globSync("src/**/*.{ts,tsx}").filter((path) => !GENERATED.includes(path));
  const files = Object.fromEntries(paths.map((path) => [path, readFileSync(path, "utf8")]));
  expect(sharedNames(files)).toEqual({});
});
