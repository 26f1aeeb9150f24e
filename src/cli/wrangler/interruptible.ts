/** What this process does when it is asked to end while another one works for it. */
import { CommandError } from "../command-error.ts";

/** With the exit code of a command that the signal has ended: 128 and the signal's number. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type EndingSignal = keyof typeof EXIT_CODES;

/** The process was asked to end. */
export class Interrupted extends CommandError {
  constructor(signal: EndingSignal) {
    super(`It was ended by ${signal}.`, "Run it again when you want to go on.", EXIT_CODES[signal]);
  }
}

/**
 * Runs `work`, whose signal is aborted with an `Interrupted` when this process is asked to end. It must end soon then:
 * the process waits for it, and its caller undoes what it must not leave.
 */
export async function interruptible<Answer>(work: (asked: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const controller = new AbortController();
  const signals = Object.keys(EXIT_CODES) as readonly EndingSignal[];
  const handlers = signals.map((signal) => [signal, () => controller.abort(new Interrupted(signal))] as const);
  for (const [signal, handler] of handlers) process.on(signal, handler);
  try {
    return await work(controller.signal);
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}
