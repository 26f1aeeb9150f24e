// Fails when a line of code or prose is longer than 120 characters. Biome's formatter breaks code, but not comments or
// strings. A line that is one unbreakable word, such as a token or a URL, may be longer.
import { globSync, readFileSync } from "node:fs";

const MAX_CHARACTERS = 120;
const FILES = ["{*,.*}.{md,mjs,toml}", "*.config.ts", ".ci/*", "{src,test}/**/*.ts", "{src,test,docs}/**/*.md"];

const longLines = globSync(FILES).flatMap((file) =>
  readFileSync(file, "utf8")
    .split("\n")
    .map((line, index) => ({
      file,
      number: index + 1,
      length: [...line].length,
      words: line.trim().split(/\s+/).length,
    }))
    .filter(({ length, words }) => length > MAX_CHARACTERS && words > 1),
);

for (const { file, number, length } of longLines) console.error(`${file}:${number} has ${length} characters`);
if (longLines.length > 0) {
  console.error(`${longLines.length} lines are longer than ${MAX_CHARACTERS} characters.`);
  process.exitCode = 1;
}
