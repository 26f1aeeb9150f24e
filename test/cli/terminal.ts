/** A program at a terminal: a pseudo-terminal of Python's, because Node has none. */
import { spawn } from "node:child_process";
import { expect, onTestFinished } from "vitest";
import { exitOf } from "./command.ts";

export interface Terminal {
  /** All that it has shown, without the sequences that move the cursor. */
  shown(): string;
  /** Waits until it shows the words, behind those that were waited for before; then types the keys. */
  answer(words: string, keys?: string): Promise<void>;
  /** Its exit code. */
  readonly ended: Promise<number | null>;
}

export const ENTER = "\r";
export const CTRL_C = "\u0003";
/** Empties the line. */
export const CTRL_U = "\u0015";

const PYTHON = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
/** A new pseudo-terminal has no width. */
const WITH_A_SIZE = ["sh", "-c", 'stty cols 100 rows 40; exec "$@"', "sh"];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin the sequences of terminals.
const SEQUENCE = /\u001b\[[\d;?]*[A-Za-z]/g;
const PATIENCE = { timeout: 120_000 };

export function startInTerminal(
  program: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Terminal {
  const child = spawn("python3", ["-c", PYTHON, ...WITH_A_SIZE, ...program], {
    ...options,
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
  });
  const shown = () => written.replace(SEQUENCE, "");
  let from = 0;
  return {
    shown,
    ended: exitOf(child),
    answer: async (words, keys) => {
      await expect.poll(() => shown().slice(from), PATIENCE).toContain(words);
      from = shown().length;
      if (keys !== undefined) child.stdin.write(keys);
    },
  };
}
