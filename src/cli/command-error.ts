/** What a command tells a person when it cannot go on: what is wrong, and what to do next. */

/** The command was asked for something that cannot be; like commander's own refusals it ends with exit code 2. */
export type Blame = "usage" | "failure";

export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly next: string;
  readonly exitCode: 1 | 2;

  constructor(
    message: string,
    { next, blame = "failure" }: { readonly next: string; readonly blame?: Blame },
  ) {
    super(message);
    this.next = next;
    this.exitCode = blame === "usage" ? 2 : 1;
  }
}

/** The words of whatever was thrown. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
