/**
 * Checks of commands that reach outside this machine and so are not run: what `wrangler`, `npm` and `aws` were given.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { experimental_getWranglerCommands } from "wrangler";
import { addBackupCommands } from "../../src/cli/backup-commands.ts";
import { addDeployCommand } from "../../src/cli/deploy-command.ts";
import { projectRoot } from "../../src/dev/project.ts";

/** One command that was not run: the program's name and its arguments. */
export type NotedCommand = readonly [program: string, ...args: string[]];

/** What is wrong with a command; undefined: nothing that can be seen without running it. */
export async function faultOf([program, ...args]: NotedCommand): Promise<string | undefined> {
  switch (program) {
    case "wrangler":
      return wranglerFault(args);
    case "waxseal":
      return remoteFault(args);
    case "npm":
      return await npmFault(args);
    case "vitest":
      return args.find((arg) => arg.startsWith("test/") && !existsSync(join(projectRoot, arg)));
    case "aws":
    case "curl":
      return jsonFault(args);
    default:
      return undefined;
  }
}

type Subtree = ReturnType<typeof experimental_getWranglerCommands>["registry"];
const { registry, globalFlags } = experimental_getWranglerCommands();

interface Argument {
  readonly type?: string;
  readonly choices?: readonly unknown[];
}

/** The subcommand is there, knows each option, and gets all arguments that it demands. */
function wranglerFault(words: readonly string[]): string | undefined {
  let node: Subtree = registry;
  let depth = 0;
  for (const word of words) {
    const next = node.subtree.get(word);
    if (next === undefined) break;
    node = next;
    depth++;
  }
  const { definition } = node;
  if (definition?.type !== "command") return `there is no command "wrangler ${words.join(" ")}"`;
  const known: Readonly<Record<string, Argument>> = { ...globalFlags, ...definition.args };
  const positional = [...(definition.positionalArgs ?? [])];
  const given = new Set<string>();
  for (let at = depth; at < words.length; at++) {
    const word = words[at] ?? "";
    const name = word.startsWith("--") ? word.slice(2) : positional.shift();
    if (name === undefined || !(name in known)) return `wrangler ${words.join(" ")}: there is no ${word}`;
    given.add(name);
    const argument = known[name];
    const value = !word.startsWith("--") ? word : argument?.type === "boolean" ? undefined : words[++at];
    const { choices } = argument ?? {};
    if (value !== undefined && Array.isArray(choices) && !choices.includes(value))
      return `wrangler ${words.join(" ")}: ${name} takes ${choices.join(", ")}`;
  }
  const missing = Object.entries(definition.args ?? {}).find(
    ([name, { demandOption }]) => demandOption === true && !given.has(name),
  );
  return missing === undefined ? undefined : `wrangler ${words.join(" ")}: ${missing[0]} is missing`;
}

/** Commands that reach Cloudflare know each option. */
function remoteFault([name = "", ...args]: readonly string[]): string | undefined {
  const program = new Command();
  addDeployCommand(program);
  addBackupCommands(program);
  const command = program.commands.find((each) => each.name() === name);
  const known = command?.options.map(({ long }) => long) ?? [];
  const unknown = args.find((arg) => arg.startsWith("--") && !known.includes(arg));
  return unknown === undefined ? undefined : `waxseal ${name}: there is no ${unknown}`;
}

/** "npm run NAME" needs a script of that name. */
async function npmFault([command = "", name = ""]: readonly string[]): Promise<string | undefined> {
  if (["audit", "ci", "install", "pack", "pkg", "publish"].includes(command)) return undefined;
  const script = command === "run" ? name : command;
  const { scripts } = JSON.parse(await readFile(join(projectRoot, "package.json"), "utf8"));
  return script in scripts ? undefined : `package.json has no script "${script}"`;
}

/** Every argument that begins like JSON is JSON. */
function jsonFault(args: readonly string[]): string | undefined {
  for (const arg of args.filter((each) => /^\s*[{[]/.test(each))) {
    try {
      JSON.parse(arg);
    } catch (error) {
      return `${error instanceof Error ? error.message : error} in ${arg}`;
    }
  }
  return undefined;
}
