/** The error that a command ends with: what is wrong, and what to do next. */

/** 2 is wrong usage, as with commander's own errors; from 129 on a signal has ended the command. */
export type ExitCode = 1 | 2 | 129 | 130 | 143;

export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly next: string;
  readonly exitCode: ExitCode;

  constructor(message: string, next: string, exitCode: ExitCode = 1) {
    super(message);
    this.next = next;
    this.exitCode = exitCode;
  }
}

/** The Worker cannot be reached, or has no time or no storage: the same request may succeed later. */
export class PassingError extends CommandError {}

/** The error of a command that was given the wrong options. */
export function usageError(message: string, next: string): CommandError {
  return new CommandError(message, next, 2);
}

/** The message of what was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
