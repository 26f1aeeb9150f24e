/** The demo's lines on the terminal. Guarantees that nothing of a mail reaches it as a control sequence. */
import pc from "picocolors";
import { printable } from "../cli/printable.ts";

export function say(line: string): void {
  clearProgress();
  console.log(`${pc.green("✓")} ${printable(line)}`);
}

export function warn(line: string): void {
  clearProgress();
  console.log(`${pc.yellow("!")} ${printable(line)}`);
}

/** `next` is what to do about it. */
export function fail(lines: readonly string[], next: string): void {
  clearProgress();
  for (const line of lines) console.error(`${pc.red("✗")} ${printable(line)}`);
  console.error(next);
}

/** On a terminal a line that the next one replaces; nothing elsewhere. */
export function progress(line: string): void {
  clearProgress();
  if (process.stdout.isTTY) process.stdout.write(pc.dim(`… ${line}`));
}

export function clearProgress(): void {
  if (!process.stdout.isTTY) return;
  process.stdout.cursorTo(0);
  process.stdout.clearLine(0);
}

/** "1 link", "1,200 links" */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
