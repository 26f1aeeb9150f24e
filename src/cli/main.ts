#!/usr/bin/env node
/** The `waxseal` command. Exit codes: 0 done, 1 failed, 2 asked wrongly. */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { addClientsCommand } from "./clients-command.ts";
import { CommandError } from "./command-error.ts";
import { addDeadLettersCommand } from "./dead-letters-command.ts";
import { addDecorateCommand } from "./decorate-command.ts";
import { addKeysCommand } from "./keys-command.ts";
import { addPeopleCommand } from "./people-command.ts";
import { addMailabilityCommand } from "./suppressions-command.ts";

// Two folders up both in src/cli and in dist/cli.
const packageJson = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

const program = new Command("waxseal")
  .description(packageJson.description)
  .version(packageJson.version)
  .showHelpAfterError("(--help shows how)")
  .exitOverride();
addDecorateCommand(program);
addKeysCommand(program);
addDeadLettersCommand(program);
addMailabilityCommand(program);
addClientsCommand(program);
addPeopleCommand(program);

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read the output has read enough of it, as `head` does.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof CommandError) {
    console.error(`${pc.red("waxseal:")} ${error.message}\n${error.next}`);
    process.exitCode = error.exitCode;
  } else {
    throw error;
  }
}
