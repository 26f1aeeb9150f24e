#!/usr/bin/env node
/** The `waxseal` command. Exit codes: 0 done, 1 failed, 2 wrong usage, 128 and its number: ended by a signal. */
import { runWaxseal } from "./program.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader such as `head` has read enough.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runWaxseal(process.argv.slice(2));
