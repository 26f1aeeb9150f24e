/** The error that a command ends with: what is wrong, and what to do next. */

/** `usage`, like commander's own errors, is exit code 2; `failure` is 1. */
export type CommandErrorKind = "usage" | "failure";

export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly next: string;
  readonly exitCode: 1 | 2;

  constructor(
    message: string,
    { next, kind = "failure" }: { readonly next: string; readonly kind?: CommandErrorKind },
  ) {
    super(message);
    this.next = next;
    this.exitCode = kind === "usage" ? 2 : 1;
  }
}

/** The message of what was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
