/**
 * `npm run demo [file]`: the whole life of one mail on a Worker of its own, which is gone afterwards. Exits 0 only when the
 * log holds exactly what happened.
 */
import { readFile } from "node:fs/promises";
import pc from "picocolors";
import { sampleEmail } from "../pages/sample-email.ts";
import { CommandError, wordsOf } from "./command-error.ts";
import { differences, logTable, settledLog } from "./demo-log.ts";
import { live, type Mail } from "./demo-visit.ts";
import { readEmailFile } from "./email-file.ts";
import { type LocalWorker, startLocalWorker } from "./local-worker.ts";

const IDS = { email: "1042", person: "7", campaign: "88012" };
const ADDRESS = "marie.lavande@example.com";
/** Three times what a message waits in the queue, below. */
const QUEUE_WAIT_S = 0.2;
const QUIET_MS = 600;
const DEADLINE_MS = 30_000;

const say = (line: string) => console.log(`${pc.green("✓")} ${line}`);
const warn = (line: string) => console.log(`${pc.yellow("!")} ${line}`);

try {
  process.exitCode = await demo(process.argv[2]);
} catch (error) {
  console.error(`${pc.red("✗")} ${wordsOf(error)}`);
  if (error instanceof CommandError) console.error(error.next);
  process.exitCode = 1;
}

async function demo(path: string | undefined): Promise<0 | 1> {
  const mail = path === undefined ? sampleEmail : await readMail(path);
  const complaints: string[] = [];
  const worker = await startLocalWorker({
    consumers: { "waxseal-events": { maxBatchTimeout: QUEUE_WAIT_S } },
    console: (message, level) =>
      level === "error" || level === "warn" ? complaints.push(message) : undefined,
  });
  stopOnSignals(worker);
  say(`started a Worker at ${worker.origin}, with a fresh database`);
  try {
    const { origin, apiKey } = worker;
    const expected = await live(mail, { origin, apiKey, ids: IDS, address: ADDRESS, say, warn });
    const wait = { count: expected.length, quietMs: QUIET_MS, deadlineMs: DEADLINE_MS };
    const log = await settledLog(await worker.d1(), wait);
    console.log(logTable(log));
    const wrong = differences(log, expected, IDS);
    for (const difference of wrong) console.error(`${pc.red("✗")} ${difference}`);
    if (wrong.length > 0) return 1;
    say("the log holds exactly what happened");
    return 0;
  } finally {
    for (const complaint of complaints) warn(`the Worker said: ${complaint}`);
    await worker.stop();
  }
}

async function readMail(path: string): Promise<Mail> {
  const { parts, remarks } = await readEmailFile(await readFile(path), path);
  for (const remark of remarks) warn(remark);
  const html = parts.find(({ kind }) => kind === "html")?.text;
  const text = parts.find(({ kind }) => kind === "text")?.text;
  if (html !== undefined || text !== undefined)
    return { ...(html === undefined ? {} : { html }), ...(text === undefined ? {} : { text }) };
  throw new CommandError(`${path} has no HTML and no plain text.`, { next: "Try another mail." });
}

function stopOnSignals(worker: LocalWorker): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      void worker.stop().finally(() => process.exit(130));
    });
  }
}
