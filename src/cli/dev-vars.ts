/**
 * `.dev.vars`, the secrets of a developer's machine. Guarantees that existing entries are never changed, only
 * missing ones added, and that a new file is readable by its owner alone.
 */
import { existsSync } from "node:fs";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { makeTokenKey } from "../tokens/keys.ts";
import { makeApiKey } from "./api-key.ts";

const OWNER_ONLY = 0o600;

const DEFAULTS: Readonly<Record<string, () => string>> = {
  ENVIRONMENT: () => "development",
  TOKEN_KEYS: () => makeTokenKey({ id: 1, development: true }),
  API_KEYS: () => makeApiKey({ development: true }),
};

/** The entries of a `.dev.vars`; none when there is no such file. */
export async function readDevVars(path: string): Promise<Readonly<Record<string, string | undefined>>> {
  return existsSync(path) ? parseEnv(await readFile(path, "utf8")) : {};
}

/** Adds the entries that are missing, and returns their names. */
export async function completeDevVars(path: string): Promise<string[]> {
  if (!existsSync(path)) {
    const comment = "# Secrets of this machine alone. Never commit them; a production Worker refuses them.\n";
    await writeFile(path, comment, { mode: OWNER_ONLY, flag: "wx" });
  }
  const text = await readFile(path, "utf8");
  const present = parseEnv(text);
  const missing = Object.entries(DEFAULTS).filter(([name]) => present[name] === undefined);
  const lines = missing.map(([name, make]) => `${name}="${make()}"\n`);
  const lineBreak = text === "" || text.endsWith("\n") ? "" : "\n";
  if (lines.length > 0) await appendFile(path, lineBreak + lines.join(""));
  return missing.map(([name]) => name);
}

/** Sets an entry of a `.dev.vars` to another value, wherever it is; every other byte stays as it is. */
export async function replaceDevVar(path: string, name: string, value: string): Promise<void> {
  const entry = new RegExp(`^([ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=).*$`, "gm");
  const text = await readFile(path, "utf8");
  await writeFile(
    path,
    text.replace(entry, (_entry, before: string) => `${before}"${value}"`),
  );
}
