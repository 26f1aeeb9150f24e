/** npx, as a program that is started without a shell. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "../command-error.ts";

export interface NodeInstallation {
  readonly platform: NodeJS.Platform;
  /** The path of Node. */
  readonly execPath: string;
  /** `npm_execpath`: the script of the npm that runs this process; undefined where none does. */
  readonly npmPath: string | undefined;
}

const THIS_NODE: NodeInstallation = {
  platform: process.platform,
  execPath: process.execPath,
  npmPath: process.env.npm_execpath,
};

/**
 * The program and its first arguments. On Windows `npx` is a batch file, which only a shell starts, and a shell splits
 * arguments at their spaces: there Node starts the script of npx.
 * @throws {CommandError} when Windows' Node has no npx
 */
export function npxCommand({
  platform,
  execPath,
  npmPath,
}: NodeInstallation = THIS_NODE): readonly [string, ...string[]] {
  if (platform !== "win32") return ["npx"];
  const folders = [
    ...(npmPath === undefined ? [] : [dirname(npmPath)]),
    join(dirname(execPath), "node_modules", "npm", "bin"),
  ];
  const script = folders.map((folder) => join(folder, "npx-cli.js")).find((path) => existsSync(path));
  if (script !== undefined) return [execPath, script];
  throw noNpx(`beside ${execPath}`);
}

function noNpx(where: string): CommandError {
  return new CommandError(
    `There is no npx ${where}, and no wrangler in this folder.`,
    "Install one here (npm install wrangler), and run it again.",
  );
}

/** What is wrong when npx could not be started. */
export function explainedStart(error: unknown): unknown {
  return Object(error).code === "ENOENT" ? noNpx("on the PATH") : error;
}
