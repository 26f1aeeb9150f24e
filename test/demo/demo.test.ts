import { type ChildProcess, spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { unstable_splitSqlQuery } from "wrangler";
import { runDemo } from "../../src/demo/demo.ts";
import type { LocalWorkerOptions } from "../../src/dev/local-worker.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { exitOf, inProcess, npmEnvironment, type RunOptions, temporaryFolder } from "../cli/command.ts";
import { runningProcesses } from "../dev/processes.ts";
import { renewDatabase } from "../dev/renew-database.ts";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";

const EML = [
  "Subject: a",
  'Content-Type: multipart/alternative; boundary="b"',
  "",
  "--b",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "See https://a.example/=C3=A9t=C3=A9 and https://b.example/",
  "--b",
  "Content-Type: text/html; charset=iso-8859-1",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  '<a href=3D"https://a.example/=E9t=E9">a</a> <a href=3D"https://c.example/?x=3D1&amp;y=3D2">c</a>',
  '<a href=3D"https://c.example/?x=3D1&amp;y=3D2">c</a> <a href=3D"/c">c</a>',
  "--b--",
  "",
].join("\r\n");

/** What is in production's wrangler.toml, and must not reach the demo. */
const PRODUCTION = {
  TRACKING_ORIGIN: "https://t.example.com",
  RETRY_HOURS: "30",
  OPENS_PER: "email",
};

/** A folder with one file in it. */
async function folderWith(name: string, content: string | Buffer): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, name), content);
  return folder;
}

/** The cells of each row of the table, the head first. */
function rowsIn(stdout: string): string[][] {
  const table = Buffer.from(stdout, "latin1").toString();
  return [...table.matchAll(/^│(.*)│$/gm)].map(([, row = ""]) => row.split("│").map((cell) => cell.trim()));
}

const eventRowsIn = (stdout: string) => rowsIn(stdout).slice(1);

const eventsIn = (stdout: string) => eventRowsIn(stdout).map(([, event, , , about]) => `${event} ${about}`.trim());

/** Without the retry, which becomes due between other events. */
const reportedIn = (stdout: string) => eventsIn(stdout).filter((event) => event !== RETRY);

/** Of what a mail has to show once it is delivered; opens and clicks come by the queue, in any order. */
const visitsIn = (stdout: string) => reportedIn(stdout).slice(DELIVERY.length).sort();

const RETRY = "Retry due category 3, 4.2.2";

const DELIVERY = ["Sent", "Soft Bounced category 3, 4.2.2", "Sent", "Hard Bounced category 2, 5.1.1", "Delivered"];

/** Demos' Workers that have been stopped, with what they say to the one that has them. */
const stopped: { worker: InstrumentedWorker; owner: { asked: LocalWorkerOptions } }[] = [];
afterAll(() => Promise.all(stopped.map(({ worker }) => worker.stop())));

/** A new one, or one whose log is new. */
async function takeWorker(asked: LocalWorkerOptions, isNew = false): Promise<(typeof stopped)[number]> {
  const taken = isNew ? undefined : stopped.pop();
  if (taken !== undefined) {
    taken.owner.asked = asked;
    await renewDatabase(taken.worker);
    return taken;
  }
  const owner = { asked };
  const worker = await startTestWorker({
    ...asked,
    settings: { ...PRODUCTION, ...asked.settings },
    console: (message, level) => owner.asked.console?.(message, level),
  });
  return { worker, owner };
}

interface DemoRun extends RunOptions {
  /** SQL that spoils the log. */
  readonly broken?: string;
  /** Whether it needs a new Worker, which has seen no open: a message is opened once, also when the log is new. */
  readonly opensAgain?: boolean;
}

/** The demo in this process, with its Worker ready and the retry due soon. */
async function demo(file: string, { broken, opensAgain, ...options }: DemoRun = {}) {
  const startWorker = async (asked: LocalWorkerOptions) => {
    const taken = await takeWorker(asked, opensAgain);
    const d1 = await taken.worker.d1();
    for (const statement of broken === undefined ? [] : unstable_splitSqlQuery(broken))
      await d1.prepare(statement).run();
    return { ...taken.worker, stop: async () => void stopped.push(taken) };
  };
  return await inProcess(() => runDemo([file], { startWorker, retryLeadMs: 2_000 }), options);
}

describe("the demo, whatever wrangler.toml says for production", () => {
  it("shows the events of both sends of a plain text, which has no pixel, and each step", async () => {
    const cwd = await folderWith("mail.txt", "See https://a.example/. Or {{unsubscribe}}");
    const { code, stdout } = await demo("mail.txt", { cwd });
    expect(code).toBe(0);
    expect(eventsIn(stdout).filter((event) => event === RETRY)).toHaveLength(1);
    expect(reportedIn(stdout).slice(0, DELIVERY.length)).toEqual(DELIVERY);
    expect(visitsIn(stdout)).toEqual(["Clicked https://a.example/", "Unsubscribed"]);
    const rows = eventRowsIn(stdout).filter(([, event]) => event !== "Retry due");
    const [sent, soft, otherSent, hard, delivered] = rows.map(([, , , send]) => send);
    expect(sent).toMatch(/^[0-9a-f]{8}…$/);
    expect([soft, delivered]).toEqual([sent, sent]);
    expect(hard).toBe(otherSent);
    expect(otherSent).not.toBe(sent);
    expect(rows.find(([, event]) => event === "Unsubscribed")?.[3]).toBe("");
    const steps =
      Buffer.from(stdout, "latin1")
        .toString()
        .match(/(?<=^✓ ).*/gm) ?? [];
    expect(steps.slice(1).map((step) => step.replace(/\d{4}-.*Z|\d+(?= characters)/, "…"))).toEqual([
      "added a webhook endpoint for retries",
      "decorated for marie.lavande@example.com: … characters, 1 link",
      "reported: sent an hour ago, and bounced softly, 452 4.2.2 mailbox full; she is not suppressed",
      "GET /v1/retries: its second attempt is due, at …",
      "decorated for basile.lavande@example.com",
      "reported: sent, and bounced hard, 550 5.1.1 no such user",
      "/v1/suppressions/check: suppressed, invalid, for ever (550 5.1.1 no such user)",
      "decorating for him is refused from now on: 409 suppressed",
      "the webhook brought it, as the feed has it, and its signature is right",
      "reported: sent again, and delivered; no retry is due any more",
      "no HTML, so no pixel",
      "clicked 1 link: each leads to exactly its original",
      "opened the unsubscribe page, which changes nothing",
      "submitted its form",
      "decorating for her is refused from now on: 409 suppressed",
      "the log holds exactly what happened",
    ]);
  });

  it("shows the life of a whole message, and clicks a link of both its parts once", async () => {
    const cwd = await folderWith("mail.eml", EML);
    const { code, stdout, stderr } = await demo("mail.eml", { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(visitsIn(stdout)).toEqual([
      "Clicked https://a.example/été",
      "Clicked https://b.example/",
      "Clicked https://c.example/?x=1&y=2",
      "Clicked https://c.example/?x=1&y=2",
      "Opened",
      "Unsubscribed",
    ]);
    expect(stdout).toContain("relative /c:");
    expect(stdout).toContain("the log holds exactly what happened");
  });

  it("finds the file in the folder that npm was called in", async () => {
    const folder = await folderWith("mail.eml", "Content-Type: image/png\r\n\r\nx");
    const env = { npm_lifecycle_event: "demo", INIT_CWD: folder };
    expect(await demo("mail.eml", { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("mail.eml has no HTML and no plain text."),
    });
  });

  it("ends with 1 and names what is missing and what is there twice when the log is not what happened", async () => {
    const { code, stdout, stderr } = await demo("-", {
      input: Buffer.from("<p>Hello</p>"),
      opensAgain: true,
      broken: `CREATE TRIGGER lost BEFORE INSERT ON events WHEN NEW.type = 27 BEGIN SELECT RAISE(IGNORE); END;
      CREATE TRIGGER doubled_sends AFTER INSERT ON events WHEN NEW.type = 7 BEGIN
      INSERT INTO events (id, type, at, recorded_at, email, person, campaign, send)
      VALUES (NEW.id || 'x', NEW.type, NEW.at, NEW.at, NEW.email, NEW.person, NEW.campaign, NEW.send); END;
      CREATE TRIGGER doubled_opens AFTER INSERT ON events WHEN NEW.type = 10 BEGIN
      INSERT INTO events (id, type, at, recorded_at, email, person, campaign)
      VALUES (NEW.id || 'x', NEW.type, NEW.at, NEW.at, NEW.email, 'somebody', NEW.campaign); END;`,
    });
    expect(code).toBe(1);
    expect(Buffer.from(stdout, "latin1").toString()).toContain("✓ clicked 0 links");
    expect(stderr).toMatch(
      /the log is not what happened\n.* missing: Soft Bounced category 3, 4\.2\.2 of 1042\/7\/88012\/\w{16}\n/,
    );
    expect(stderr).toMatch(/ too much, at seq \d+: Delivered of 1042\/7\/88012\/\w{16}\n/);
    expect(stderr).toMatch(/ too much, at seq \d+: Opened of 1042\/somebody\/88012\n/);
  });

  it("ends with 1 when an address that does not exist is not suppressed", async () => {
    const { code, stderr } = await demo("-", {
      input: Buffer.from("<p>Hello</p>"),
      broken: "CREATE TRIGGER lost BEFORE INSERT ON suppressions BEGIN SELECT RAISE(IGNORE); END;",
    });
    expect(code).toBe(1);
    expect(stderr).toContain(
      'must end mailing for ever; /v1/suppressions/check says {"suppressed":false,"reasons":[]}',
    );
  });

  it.each([
    ["a file that is not there", "nowhere.html", 2, "nowhere.html cannot be read"],
    ["a folder", ".", 2, "cannot be read"],
    ["a message without words", "mail.eml", 1, "mail.eml has no HTML and no plain text."],
    ["a mail too large for the API", "mail.html", 1, "too large for the API, which takes up to 1 MiB"],
  ])("says what to do with %s", async (_what, file, expected, words) => {
    const cwd = await folderWith("mail.html", "a".repeat(1_100_000));
    await writeFile(join(cwd, "mail.eml"), "Content-Type: image/png\r\n\r\nx");
    const { code, stderr } = await demo(file, { cwd });
    expect(code).toBe(expected);
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).not.toContain("    at ");
  });

  it("ends with 2 and shows its usage when two mails are given", async () => {
    const { code, stderr } = await inProcess(() => runDemo(["a.html", "b.html"]), {});
    expect(code).toBe(2);
    expect(stderr).toContain("Usage: npm run demo");
  });
});

describe("npm run demo", () => {
  it.each([
    ["before its Worker runs", 300],
    ["while its Worker runs", "started a Worker"],
  ])("ends on Ctrl-C %s and leaves nothing behind", async (_when, moment) => {
    const temporary = await temporaryFolder();
    const links = Array.from({ length: 3000 }, (_, n) => `<a href="https://a.example/${n}">${n}</a>`).join("");
    const { child, exit, until } = start(links, { TMPDIR: temporary });
    await until(moment);
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await exit).not.toBe(0);
    await expect.poll(() => groupOf(child), { timeout: 30_000 }).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
  });
});

interface Started {
  readonly child: ChildProcess;
  /** All that it wrote, once it has ended. */
  readonly said: Promise<string>;
  readonly exit: Promise<number | null>;
  /** That many milliseconds, or until it has said these words. */
  until(moment: number | string): Promise<void>;
}

/** The demo at the head of a process group, as a shell starts it. */
function start(input: string, env: NodeJS.ProcessEnv): Started {
  const child = spawn(process.execPath, ["src/demo/main.ts", "-"], {
    cwd: projectRoot,
    env: { ...npmEnvironment(), ...env },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  const exit = exitOf(child);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, "SIGKILL");
    await exit;
  });
  let said = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  return {
    child,
    exit,
    said: exit.then(() => said),
    async until(moment) {
      if (typeof moment === "number") return await new Promise((resolve) => setTimeout(resolve, moment));
      await new Promise<void>((resolve, reject) => {
        const listen = () => (said.includes(moment) ? resolve() : undefined);
        listeners.add(listen);
        listen();
        void exit.then((code) => reject(new Error(`ended with code ${code}:\n${said}`)));
      });
    },
  };
}

async function groupOf({ pid }: ChildProcess): Promise<string[]> {
  return (await runningProcesses()).filter(({ group }) => group === pid).map(({ name }) => name);
}
