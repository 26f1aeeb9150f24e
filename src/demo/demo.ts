/**
 * `npm run demo` as a function: the whole life of one email, sent to two people, on a Worker of its own, which it stops
 * afterwards. Writes to the terminal.
 */
import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { CommandError, errorMessage } from "../cli/command-error.ts";
import { readEmail } from "../cli/email-argument.ts";
import { type LocalWorker, type LocalWorkerOptions, startLocalWorker } from "../dev/local-worker.ts";
import { sampleEmail } from "../preview/sample-email.ts";
import { parseTokenKeys } from "../tokens/keys.ts";
import { live, RETRY_HOURS } from "./life.ts";
import { differences, logTable, QUIET_MS, settledLog } from "./log.ts";
import { startRetryReceiver } from "./receiver.ts";
import type { DemoMail } from "./sender.ts";
import { clearProgress, fail, progress, say, warn } from "./terminal.ts";

/** Less than QUIET_MS, so that a last batch comes in time. */
const QUEUE_WAIT_S = QUIET_MS / 3_000;
const RETRY_LEAD_MS = 5_000;
/** The table's width where the output has no width of its own. */
const COLUMNS = 100;
/** The exit code of a command that Ctrl-C ended, as in shells. */
const INTERRUPTED = 130;
const OUR_FAULT = "That is a fault of Waxseal. See whether npm test passes.";

export interface DemoOptions {
  /** Starts the demo's Worker. Default: `startLocalWorker` */
  readonly startWorker?: (options: LocalWorkerOptions) => Promise<LocalWorker>;
  /** Whether Ctrl-C was pressed. */
  readonly isInterrupted?: () => boolean;
  /** See `Stage`. Default: 5,000 */
  readonly retryLeadMs?: number;
}

/**
 * @param args a file's name, "-" for standard input, nothing for a sample
 * @returns the exit code: 0 when the log holds exactly what happened, 1 when it does not, 2 when there is no such
 *   email, 130 after Ctrl-C
 */
export async function runDemo(args: readonly string[], options: DemoOptions = {}): Promise<number> {
  let code = 0;
  const program = new Command("npm run demo --")
    .description(
      "the life of one email: decorated, sent, bounced softly, sent again, delivered, opened, every link clicked, " +
        "unsubscribed from; to another person bounced hard; and the log of it",
    )
    .argument("[file]", "an .html, .txt or .eml file, or - for standard input (default: a sample)")
    .showHelpAfterError()
    .exitOverride()
    .action(async (file: string | undefined) => {
      code = await demo(file === undefined ? sampleEmail : await readMail(file), options);
    });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (options.isInterrupted?.() === true) {
      clearProgress();
      return INTERRUPTED;
    }
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    fail([errorMessage(error)], error instanceof CommandError ? error.next : OUR_FAULT);
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

async function demo(mail: DemoMail, options: DemoOptions): Promise<number> {
  const { startWorker = startLocalWorker, isInterrupted = () => false, retryLeadMs = RETRY_LEAD_MS } = options;
  const complaints: string[] = [];
  await using receiver = await startRetryReceiver();
  progress("starting a Worker");
  const worker = await startWorker({
    settings: { TRACKING_ORIGIN: "", RETRY_HOURS },
    consumers: { "waxseal-events": { maxBatchTimeout: QUEUE_WAIT_S } },
    console: (message, level) => (level === "error" || level === "warn" ? complaints.push(message) : undefined),
  });
  try {
    if (isInterrupted()) return INTERRUPTED;
    say(`started a Worker at ${worker.origin}, with a fresh database`);
    const { origin, apiKey } = worker;
    const keys = parseTokenKeys(worker.tokenKeys);
    if (!keys.ok) throw new Error(`the Worker's token keys are unusable: ${keys.reason}`);
    const expected = await live(mail, { origin, apiKey, keys: keys.value, receiver, retryLeadMs });
    progress("waiting for the log to be written");
    const log = await settledLog(await worker.d1(), expected.length);
    clearProgress();
    console.log(logTable(log, process.stdout.columns ?? COLUMNS));
    const wrong = differences(log, expected);
    if (wrong.length > 0) {
      fail(["the log is not what happened", ...wrong], OUR_FAULT);
      return 1;
    }
    say("the log holds exactly what happened");
    return 0;
  } finally {
    for (const complaint of complaints) warn(`the Worker logged: ${complaint}`);
    await worker.stop();
  }
}

async function readMail(file: string): Promise<DemoMail> {
  // npm runs scripts in the project's folder; INIT_CWD is the folder that it was called in.
  const here = process.env.npm_lifecycle_event === "demo" ? process.env.INIT_CWD : undefined;
  const path = file === "-" ? file : resolve(here ?? "", file);
  const { parts, remarks } = await readEmail(path, { name: file });
  for (const remark of remarks) warn(remark);
  const html = parts.find(({ kind }) => kind === "html")?.text;
  const text = parts.find(({ kind }) => kind === "text")?.text;
  if (html === undefined && text === undefined)
    throw new CommandError(`${file} has no HTML and no plain text.`, "Try another email.");
  return { ...(html === undefined ? {} : { html }), ...(text === undefined ? {} : { text }) };
}
