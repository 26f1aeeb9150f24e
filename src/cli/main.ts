#!/usr/bin/env node
/** The `waxseal` command. Exit codes: 0 done, 1 failed, 2 wrong usage, 128 and its number: ended by a signal. */
import { nodeComplaint } from "./node-version.ts";

const complaint = nodeComplaint(process.versions.node);
if (complaint === undefined) {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader such as `head` has read enough.
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  // Not before: what the program imports is a SyntaxError to an older Node, and so is an await out here.
  void import("./program.ts").then(async ({ runWaxseal }) => {
    process.exitCode = await runWaxseal(process.argv.slice(2));
  });
} else {
  console.error(complaint);
  process.exitCode = 1;
}
