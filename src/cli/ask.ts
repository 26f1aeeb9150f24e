/** Questions on the terminal, asked on standard error, so that standard output holds the answer of a command alone. */
import { confirm, password, select, text } from "@clack/prompts";
import { CommandError, usageError } from "./command-error.ts";

const ON_STDERR = { output: process.stderr };

/**
 * Asks before what cannot be undone. Returns when the answer is yes, and at once with `yes` (the option `--yes`).
 * @param question what will happen, as a question: "Erase person 7?"
 * @throws {CommandError} when the answer is no, and where nobody can answer
 */
export async function confirmIrreversible(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!canAsk()) throw usageError(`${question} This cannot be undone.`, "Say yes by --yes.");
  const answer = await confirm({ message: `${question} This cannot be undone.`, initialValue: false, ...ON_STDERR });
  if (answer !== true) throw new CommandError("Nothing was done.", "Answer yes, or give --yes, to do it.");
}

/** @throws {CommandError} when it is cancelled, and, with `advice`, where nobody can answer */
export async function askForText(message: string, advice: string): Promise<string> {
  if (!canAsk()) throw usageError(message, advice);
  return answerOf(await text({ message, ...ON_STDERR }));
}

/** The same without showing what is typed. */
export async function askForSecret(message: string, advice: string): Promise<string> {
  if (!canAsk()) throw usageError(message, advice);
  return answerOf(await password({ message, ...ON_STDERR }));
}

export interface AnswerOptions {
  /** Taken when Enter is pressed. */
  readonly byDefault: string | undefined;
  /** What is wrong with an answer, in a sentence. */
  readonly faultOf: (answer: string) => string | undefined;
}

/** Asks until the answer is right. @throws {CommandError} when it is cancelled */
export async function askForAnswer(message: string, { byDefault, faultOf }: AnswerOptions): Promise<string> {
  return answerOf(
    await text({
      message,
      ...(byDefault === undefined ? {} : { defaultValue: byDefault, placeholder: byDefault }),
      validate: (answer) => faultOf(answer?.trim() || (byDefault ?? "")),
      ...ON_STDERR,
    }),
  );
}

/** One of several, by what it is called. @throws {CommandError} when it is cancelled */
export async function askForChoice(message: string, choices: Readonly<Record<string, string>>): Promise<string> {
  const options = Object.entries(choices).map(([value, label]) => ({ value, label }));
  return answerOf(await select({ message, options, ...ON_STDERR }));
}

/** Whether somebody can answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

function answerOf(answer: unknown): string {
  if (typeof answer === "string") return answer.trim();
  throw new CommandError("Nothing was done.", "Start again when you have the answer.");
}
