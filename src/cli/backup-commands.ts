/** `waxseal backup` and `waxseal restore`: a copy of the database, of kept emails and of the archive, and back. */
import type { Command } from "commander";
import { backup } from "./backup/backup.ts";
import { restore } from "./backup/restore.ts";

export function addBackupCommands(program: Command): void {
  withTarget(program.command("backup"))
    .description("copy the database, the kept HTML of emails and the archive into a folder")
    .option("--out <folder>", "the folder to make (default: waxseal-backup-, and the moment)")
    .option("--no-archive", "leave out the files of the archive, which may be many")
    .action(backup);
  withTarget(program.command("restore"))
    .description("fill an empty database from a backup, and compare")
    .argument("<backup>", "the folder that waxseal backup made")
    .action(restore);
}

function withTarget(command: Command): Command {
  return command
    .option("--local", "the database of npm run dev (default: Cloudflare's)")
    .option("--folder <path>", "where wrangler.json or wrangler.toml is (default: the current one)");
}
