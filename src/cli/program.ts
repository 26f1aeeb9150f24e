/** What `waxseal` does with its arguments, in this process: src/cli/main.ts runs it, and so do tests. */
import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { addArchiveCommand } from "./archive-command.ts";
import { addBackupCommands } from "./backup-commands.ts";
import { addClientsCommand } from "./clients-command.ts";
import { CommandError } from "./command-error.ts";
import { addDeadLettersCommand } from "./dead-letters-command.ts";
import { addDecorateCommand } from "./decorate-command.ts";
import { addDeployCommand } from "./deploy-command.ts";
import { addEventsCommands } from "./events-command.ts";
import { addKeysCommand } from "./keys-command.ts";
import { addLoginCommands } from "./login-command.ts";
import { addMessageCommand } from "./message-command.ts";
import { packageJson } from "./package-json.ts";
import { addPeopleCommand } from "./people-command.ts";
import { printable } from "./printable.ts";
import { addStatsCommand } from "./stats-command.ts";
import { addStatusCommand } from "./status-command.ts";
import { addSuppressionsCommand } from "./suppressions-command.ts";
import { addWebhooksCommand } from "./webhooks-command.ts";

/**
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 128 and its number: ended by a signal
 * @throws errors that are faults of Waxseal's
 */
export async function runWaxseal(args: readonly string[]): Promise<number> {
  const program = new Command("waxseal")
    .description(packageJson.description)
    .version(packageJson.version)
    .showHelpAfterError("(--help shows how)")
    .exitOverride();
  addDeployCommand(program);
  addBackupCommands(program);
  addArchiveCommand(program);
  addDecorateCommand(program);
  addKeysCommand(program);
  addDeadLettersCommand(program);
  addSuppressionsCommand(program);
  addClientsCommand(program);
  addPeopleCommand(program);
  addLoginCommands(program);
  addStatusCommand(program);
  addStatsCommand(program);
  addEventsCommands(program);
  addMessageCommand(program);
  addWebhooksCommand(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommandError)) throw error;
    console.error(`${pc.red("waxseal:")} ${printable(`${error.message}\n${error.next}`)}`);
    return error.exitCode;
  }
}
