/** The pictures of the README and docs/ are those that `npm run screenshots` takes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { PICTURES } from "../browser/pictures.ts";

const read = (...path: readonly string[]) => readFileSync(join(projectRoot, ...path), "utf8");
const TAKEN = PICTURES.map(({ name }) => `${name}.png`).sort();

it("each picture that is kept is taken by the command, and each that it takes is kept", () => {
  expect(readdirSync(join(projectRoot, "docs", "images")).sort()).toEqual(TAKEN);
});

it("each picture is shown, and none that is not taken", () => {
  const texts = [read("README.md"), read("docs", "dashboard.md")];
  const shown = texts.flatMap((text) => Array.from(text.matchAll(/\(\S*images\/([^)]+)\)/g), ([, name]) => name));
  expect([...new Set(shown)].sort()).toEqual(TAKEN);
});
