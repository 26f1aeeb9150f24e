/**
 * Fails when a line of code or prose, a file of code or styles, or a function is too long. Biome's formatter breaks
 * code, but not comments or strings; its rules of sizes leave out comments and the lines of a template. Comments count
 * here.
 */
import { globSync, readFileSync } from "node:fs";
import ts from "typescript";

const MAX_CHARACTERS = 120;
const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;

const CODE = ["{src,test}/**/*.{ts,tsx}", "*.config.ts", ".dependency-cruiser.ts"];
const STYLES = ["src/**/*.css"];
/** Made by programs. */
const GENERATED = ["src/client/api-types.ts"];
const PROSE = ["{*,.*}.{md,mjs,toml}", ".ci/*", "{src,test,docs}/**/*.md"];

/** Without what is in comments, which takes a third of the time. */
const PARSED = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };

/** A line that is one unbreakable word, such as a token or a URL, may be longer. */
function longLines(file: string, lines: readonly string[]): string[] {
  const long: string[] = [];
  for (const [index, line] of lines.entries()) {
    // A character has one code unit or two.
    if (line.length <= MAX_CHARACTERS) continue;
    const { length } = [...line];
    const words = line.trim().split(/\s+/).length;
    if (length > MAX_CHARACTERS && words > 1)
      long.push(`${file}:${index + 1} has ${length} characters, of ${MAX_CHARACTERS}`);
  }
  return long;
}

function longFile(file: string, lines: readonly string[]): string[] {
  const length = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  return length > MAX_FILE_LINES ? [`${file} has ${length} lines, of ${MAX_FILE_LINES}`] : [];
}

/** The functions that `describe` and its kin take are chapters of tests, and are as long as their file. */
function longFunctions(file: string, text: string): string[] {
  const long: string[] = [];
  const source = ts.createSourceFile(file, text, PARSED);
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  const visit = (node: ts.Node, parent: ts.Node) => {
    const first = lineAt(node.getStart(source));
    const length = lineAt(node.end) - first + 1;
    if (length <= MAX_FUNCTION_LINES) return;
    if (ts.isFunctionLike(node) && !isChapterOf(parent, source))
      long.push(`${file}:${first} begins a function of ${length} lines, of ${MAX_FUNCTION_LINES}`);
    ts.forEachChild(node, (child) => visit(child, node));
  };
  visit(source, source);
  return long;
}

function isChapterOf(parent: ts.Node, source: ts.SourceFile): boolean {
  return ts.isCallExpression(parent) && /^describe\b/.test(parent.expression.getText(source));
}

const findings: string[] = [];
for (const file of globSync([...CODE, ...STYLES, ...PROSE], { exclude: [...GENERATED, "**/node_modules/**"] })) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");
  findings.push(...longLines(file, lines));
  if (/\.(?:tsx?|css)$/.test(file)) findings.push(...longFile(file, lines));
  const mayHold = /\.tsx?$/.test(file) && lines.length > MAX_FUNCTION_LINES;
  if (mayHold) findings.push(...longFunctions(file, text));
}

for (const finding of findings) console.error(finding);
if (findings.length > 0) {
  console.error(`${findings.length} lines, files and functions are too long.`);
  process.exitCode = 1;
}
