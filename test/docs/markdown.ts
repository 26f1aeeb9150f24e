/**
 * Reads fenced code blocks, links, headings and table cells from Markdown files: only the Markdown that these pages
 * use.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../src/dev/project.ts";
import type { NotedCommand } from "./commands.ts";

export interface Block {
  /** "sh", "js", … */
  readonly language: string;
  /** The words behind the language: "answer", "fails". */
  readonly words: readonly string[];
  readonly text: string;
  /** Of its first line in the file. */
  readonly line: number;
}

export interface Page {
  /** Relative to the project's root: "docs/send.md". */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const FENCE = /^```(\S*) ?(.*)\n([\s\S]*?)^```$/gm;

export async function readPage(path: string): Promise<Page> {
  const text = await readFile(join(projectRoot, path), "utf8");
  const blocks = [...text.matchAll(FENCE)].map(({ 1: language = "", 2: words = "", 3: body = "", index }) => ({
    language,
    words: words.split(" ").filter((word) => word !== ""),
    text: body,
    line: text.slice(0, index).split("\n").length + 1,
  }));
  return { path, text, blocks };
}

/** All Markdown files of the project, those of docs/ among them. */
export async function readPages(): Promise<readonly Page[]> {
  const inRoot = (await readdir(projectRoot)).filter((name) => name.endsWith(".md"));
  const inDocs = (await readdir(join(projectRoot, "docs"), { recursive: true }))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`);
  return await Promise.all([...inRoot, ...inDocs].map(readPage));
}

/** The text without its code blocks. */
export function proseOf({ text }: Page): string {
  return text.replace(FENCE, "");
}

/** Targets of the links in a page's prose. */
export function linksIn(page: Page): readonly string[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** The anchors that GitHub gives to a page's headings. */
export function anchorsIn(page: Page): ReadonlySet<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

/** Commands of npm and wrangler in a page's prose: `npm run dev`, `npx wrangler deploy`. */
export function commandsIn(page: Page): readonly NotedCommand[] {
  const codes = [...proseOf(page).matchAll(/`(?:npx )?((?:npm|wrangler) [^`]+)`/g)];
  return codes.map(([, code = ""]) => {
    const [program = "", ...args] = code.split(" ");
    return [program, ...args] as const;
  });
}

/** What is in backquotes in a column of the page's tables, the first column being 0. */
export function codeInColumn({ text }: Page, column: number): readonly string[] {
  const rows = [...text.matchAll(/^\| (.*) \|$/gm)].map(([, row = ""]) => row.split(" | ")[column] ?? "");
  return rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code));
}
