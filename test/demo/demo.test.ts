import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runningProcesses } from "../../src/dev/processes.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { exitOf, freshCheckout, npmEnvironment, run, temporaryFolder } from "../cli/command.ts";

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
  '<a href=3D"https://a.example/=E9t=E9">a</a>',
  "--b--",
  "",
].join("\r\n");

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

const eventsIn = (stdout: string) =>
  rowsIn(stdout)
    .slice(1)
    .map(([, event, , , about]) => `${event} ${about}`.trim());

/** Of what a mail has to show once it is delivered; opens and clicks come by the queue, in any order. */
const visitsIn = (stdout: string) => eventsIn(stdout).slice(DELIVERY.length).sort();

const DELIVERY = [
  "Sent",
  "Soft Bounced category 3, 4.2.2",
  "Sent",
  "Hard Bounced category 2, 5.1.1",
  "Delivered",
];

describe("npm run demo", () => {
  it("shows the life of an HTML mail and exits with 0", async () => {
    const cwd = await folderWith(
      "mail.html",
      '<a href="https://a.example/?x=1&amp;y=2">a</a> <a href="https://a.example/?x=1&amp;y=2">b</a> <a href="/c">c</a>',
    );
    const { code, stdout, stderr } = await run("demo/main.ts", ["mail.html"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(visitsIn(stdout)).toEqual([
      "Clicked https://a.example/?x=1&y=2",
      "Clicked https://a.example/?x=1&y=2",
      "Opened",
      "Unsubscribed",
    ]);
    expect(stdout).toContain("relative /c:");
    expect(stdout).toContain("the log holds exactly what happened");
  });

  it("shows what became of both sends, and each step", async () => {
    const { code, stdout } = await run("demo/main.ts", ["mail.txt"], {
      cwd: await folderWith("mail.txt", "Hello"),
    });
    expect(code).toBe(0);
    expect(eventsIn(stdout)).toEqual([...DELIVERY, "Unsubscribed"]);
    const [sent, soft, otherSent, hard, delivered, unsubscribed] = rowsIn(stdout)
      .slice(1)
      .map(([, , , send]) => send);
    expect(sent).toMatch(/^[0-9a-f]{16}$/);
    expect([soft, delivered, unsubscribed]).toEqual([sent, sent, ""]);
    expect(hard).toBe(otherSent);
    expect(otherSent).not.toBe(sent);
    const steps =
      Buffer.from(stdout, "latin1")
        .toString()
        .match(/(?<=^✓ ).*/gm) ?? [];
    expect(steps.slice(1).map((step) => step.replace(/\d{4}-.*Z/, "…"))).toEqual([
      "decorated for marie.lavande@example.com: 5 characters, 0 links",
      "told: sent an hour ago, and bounced softly, 452 4.2.2 mailbox full; she is not suppressed",
      "decorated for basile.lavande@example.com",
      "told: sent, and bounced hard, 550 5.1.1 no such user",
      "/v1/suppressions/check: suppressed, invalid, for ever (550 5.1.1 no such user)",
      "decorating for him is refused from now on: 409 suppressed",
      "GET /v1/retries: its second attempt is due, at …",
      "the webhook brought the same, its signature is right",
      "told: sent again, and delivered; no retry is due any more",
      "no HTML, so no pixel",
      "clicked 0 links: each leads to exactly its original",
      "opened the unsubscribe page, which changes nothing",
      "submitted its form",
      "decorating for her is refused from now on: 409 suppressed",
      "the log holds exactly what happened",
    ]);
  });

  it("shows that of a plain text, which has no pixel", async () => {
    const cwd = await folderWith("mail.txt", "See https://a.example/. Or {{unsubscribe}}");
    const { code, stdout } = await run("demo/main.ts", ["mail.txt"], { cwd });
    expect(code).toBe(0);
    expect(visitsIn(stdout)).toEqual(["Clicked https://a.example/", "Unsubscribed"]);
  });

  it("shows that of a whole message, and clicks a link of both its parts once", async () => {
    const cwd = await folderWith("mail.eml", EML);
    const { code, stdout } = await run("demo/main.ts", ["mail.eml"], { cwd });
    expect(code).toBe(0);
    expect(visitsIn(stdout)).toEqual([
      "Clicked https://a.example/été",
      "Clicked https://b.example/",
      "Opened",
      "Unsubscribed",
    ]);
  });

  it("finds the file where the person is, whose folder npm has left", async () => {
    const folder = await folderWith("mail.txt", "Hello");
    const env = { npm_lifecycle_event: "demo", INIT_CWD: folder };
    expect((await run("demo/main.ts", ["mail.txt"], { env })).code).toBe(0);
  });

  it("exits with 1 and says what is wrong when the log is not what happened", async () => {
    const root = await freshCheckout();
    const doubled = `CREATE TRIGGER doubled AFTER INSERT ON events WHEN NEW.type = 10 BEGIN
      INSERT INTO events (id, type, at, email, person, campaign)
      VALUES (NEW.id || 'x', NEW.type, NEW.at, NEW.email, 'somebody', NEW.campaign); END;`;
    await writeFile(join(root, "migrations", "9999_doubled.sql"), doubled);
    const { said, exit } = start(root, ["-"], "<p>Hello</p>");
    expect(await exit).toBe(1);
    expect(await said).toMatch(
      /the log is not what happened\n.* too much, at seq \d: Opened of person somebody\n/,
    );
  });

  it("names what of a send is missing, and what is there twice", async () => {
    const root = await freshCheckout();
    const broken = `CREATE TRIGGER lost BEFORE INSERT ON events WHEN NEW.type = 27 BEGIN SELECT RAISE(IGNORE); END;
      CREATE TRIGGER doubled AFTER INSERT ON events WHEN NEW.type = 7 BEGIN
      INSERT INTO events (id, type, at, email, person, campaign, send)
      VALUES (NEW.id || 'x', NEW.type, NEW.at, NEW.email, NEW.person, NEW.campaign, NEW.send); END;`;
    await writeFile(join(root, "migrations", "9999_broken.sql"), broken);
    const { said, exit } = start(root, ["-"], "<p>Hello</p>");
    expect(await exit).toBe(1);
    expect(await said).toMatch(
      /missing: Soft Bounced category 3, 4\.2\.2 of send \w{16} of person 7\n.* too much, at seq \d+: Delivered of send \w{16} of person 7\n/,
    );
  });

  it("exits with 1 when an address that does not exist is not suppressed", async () => {
    const root = await freshCheckout();
    const lost = "CREATE TRIGGER lost BEFORE INSERT ON suppressions BEGIN SELECT RAISE(IGNORE); END;";
    await writeFile(join(root, "migrations", "9999_lost.sql"), lost);
    const { said, exit } = start(root, ["-"], "<p>Hello</p>");
    expect(await exit).toBe(1);
    expect(await said).toContain(
      'must end mailing for ever; /v1/suppressions/check says {"suppressed":false,"reasons":[]}',
    );
  });

  it("has settings of its own, whatever wrangler.toml says for production", async () => {
    const root = await freshCheckout();
    const path = join(root, "wrangler.toml");
    const production = (await readFile(path, "utf8"))
      .replace('TRACKING_ORIGIN = ""', 'TRACKING_ORIGIN = "https://t.example.com"')
      .replace('RETRY_HOURS = "1 4 12 24"', 'RETRY_HOURS = "30"')
      .replace('RETRY_WEBHOOK_URL = ""', 'RETRY_WEBHOOK_URL = "https://sender.example.com/retries"')
      .replace('OPENS_PER = "campaign"', 'OPENS_PER = "email"');
    await writeFile(path, production);
    expect(production.match(/t\.example\.com"\n|"30"|sender\.example|= "email"/g)).toHaveLength(4);
    const { exit, said } = start(root, ["-"], "<p>Hello</p>");
    expect(await exit, await said).toBe(0);
  });

  it.each([
    ["a file that is not there", "nowhere.html", 2, "nowhere.html cannot be read"],
    ["a folder", ".", 2, "cannot be read"],
    ["a message without words", "mail.eml", 1, "mail.eml has no HTML and no plain text."],
    ["a mail too large for the API", "mail.html", 1, "too large for the API, which takes up to 1 MiB"],
  ])("says what to do with %s", async (_what, file, expected, words) => {
    const cwd = await folderWith("mail.html", "a".repeat(1_100_000));
    await writeFile(join(cwd, "mail.eml"), "Content-Type: image/png\r\n\r\nx");
    const { code, stderr } = await run("demo/main.ts", [file], { cwd });
    expect(code).toBe(expected);
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).not.toContain("    at ");
  });

  it("exits with 2 and shows how it is used when asked for two mails", async () => {
    const { code, stderr } = await run("demo/main.ts", ["a.html", "b.html"]);
    expect(code).toBe(2);
    expect(stderr).toContain("Usage: npm run demo");
  });

  it.each([
    ["before its Worker runs", 300],
    ["while its Worker runs", "started a Worker"],
  ])("ends on Ctrl-C %s and leaves nothing behind", async (_when, moment) => {
    const temporary = await temporaryFolder();
    const links = Array.from({ length: 3000 }, (_, n) => `<a href="https://a.example/${n}">${n}</a>`).join(
      "",
    );
    const { child, exit, until } = start(projectRoot, ["-"], links, { TMPDIR: temporary });
    await until(moment);
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await exit).not.toBe(0);
    await expect.poll(() => groupOf(child)).toEqual([]);
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

/** The demo of a checkout at the head of a process group, as a shell starts it. */
function start(root: string, args: readonly string[], input: string, env: NodeJS.ProcessEnv = {}): Started {
  const child = spawn(process.execPath, ["src/demo/main.ts", ...args], {
    cwd: root,
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
