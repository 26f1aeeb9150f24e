import { type ChildProcess, spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { differences, type LoggedEvent, logTable } from "../../src/cli/demo-log.ts";
import { shown } from "../../src/cli/demo-terminal.ts";
import { runningProcesses } from "../../src/cli/processes.ts";
import { projectRoot } from "../../src/cli/project.ts";
import { exitOf, freshCheckout, npmEnvironment, run, temporaryFolder } from "./command.ts";

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
    .map(([, event, , , link]) => `${event} ${link}`.trim())
    .sort();

describe("npm run demo", () => {
  it("shows the life of an HTML mail and exits with 0", async () => {
    const cwd = await folderWith(
      "mail.html",
      '<a href="https://a.example/?x=1&amp;y=2">a</a> <a href="https://a.example/?x=1&amp;y=2">b</a> <a href="/c">c</a>',
    );
    const { code, stdout, stderr } = await run("demo.ts", ["mail.html"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(eventsIn(stdout)).toEqual([
      "Clicked https://a.example/?x=1&y=2",
      "Clicked https://a.example/?x=1&y=2",
      "Opened",
      "Unsubscribed",
    ]);
    expect(stdout).toContain("relative /c:");
    expect(stdout).toContain("the log holds exactly what happened");
  });

  it("shows that of a plain text, which has no pixel", async () => {
    const cwd = await folderWith("mail.txt", "See https://a.example/. Or {{unsubscribe}}");
    const { code, stdout } = await run("demo.ts", ["mail.txt"], { cwd });
    expect(code).toBe(0);
    expect(eventsIn(stdout)).toEqual(["Clicked https://a.example/", "Unsubscribed"]);
  });

  it("shows that of a whole message, and clicks a link of both its parts once", async () => {
    const cwd = await folderWith("mail.eml", EML);
    const { code, stdout } = await run("demo.ts", ["mail.eml"], { cwd });
    expect(code).toBe(0);
    expect(eventsIn(stdout)).toEqual([
      "Clicked https://a.example/été",
      "Clicked https://b.example/",
      "Opened",
      "Unsubscribed",
    ]);
  });

  it("finds the file where the person is, whose folder npm has left", async () => {
    const folder = await folderWith("mail.txt", "Hello");
    const env = { npm_lifecycle_event: "demo", INIT_CWD: folder };
    expect((await run("demo.ts", ["mail.txt"], { env })).code).toBe(0);
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
      /the log is not what happened\n.* too much, at place \d: Opened of email 1042, person somebody, campaign 88012\n/,
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
    const { code, stderr } = await run("demo.ts", [file], { cwd });
    expect(code).toBe(expected);
    expect(stderr).toContain(words);
    expect(stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(stderr).not.toContain("    at ");
  });

  it("exits with 2 and shows how it is used when asked for two mails", async () => {
    const { code, stderr } = await run("demo.ts", ["a.html", "b.html"]);
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
  const child = spawn(process.execPath, ["src/cli/demo.ts", ...args], {
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

const IDS = { email: "1042", person: "7", campaign: "88012" };
const LINK = { id: "0a1b2c3d", url: "https://a.example/" };

function logged(type: number, others: Partial<LoggedEvent> = {}): LoggedEvent {
  return { place: 1, type, at: 1_793_000_000_000, ...IDS, link: null, link_id: null, ...others };
}

const CLICK = logged(11, { link: LINK.url, link_id: LINK.id });

describe("the differences between a log and what happened", () => {
  it("are none when each event is there once, in any order", () => {
    const log = [logged(9), CLICK, logged(10)];
    const expected = [{ type: "opened" }, { type: "clicked", link: LINK }, { type: "unsubscribed" }] as const;
    expect(differences(log, expected, IDS)).toEqual([]);
  });

  it("name an event that is missing, one that is there twice and one that nobody made", () => {
    const log = [CLICK, { ...CLICK, place: 2 }, logged(8, { place: 3 })];
    expect(differences(log, [{ type: "opened" }, { type: "clicked", link: LINK }], IDS)).toEqual([
      "missing: Opened",
      "too much, at place 2: Clicked 0a1b2c3d https://a.example/",
      "too much, at place 3: Hard Bounced",
    ]);
  });

  it("see another link, another id of the same link, and another person", () => {
    for (const wrong of [{ link: "https://a.example" }, { link_id: "0a1b2c3e" }, { person: "8" }]) {
      const all = differences([{ ...CLICK, ...wrong }], [{ type: "clicked", link: LINK }], IDS);
      expect(all.map((each) => each.split(" ")[0])).toEqual(["missing:", "too"]);
    }
  });
});

describe("the table of the log", () => {
  it.each([80, 64])("keeps within %i columns, links cut", (columns) => {
    const log = [CLICK, { ...CLICK, place: 123_456, link: `https://例え.example/${"あ".repeat(300)}` }];
    const rows = stripVTControlCharacters(logTable(log, columns)).split("\n");
    // A kana takes two columns.
    const width = (row: string) => row.length + (row.match(/[あ例え]/g)?.length ?? 0);
    expect(new Set(rows.map(width))).toEqual(new Set([columns]));
    expect(rows[4]).toMatch(/… +│$/);
  });

  it("shows links whole where there is room", () => {
    expect(logTable([CLICK], 200)).toContain("│ Clicked │ 07:33:20.000 │ 0a1b2c3d │ https://a.example/ │");
  });
});

describe("a line on the terminal", () => {
  it("holds no control sequence of a mail's, and no half characters", () => {
    expect(shown("https://a.example/\u009b31m\u202e\ud800é\n")).toBe(
      "https://a.example/%C2%9B31m%E2%80%AE\ufffdé\n",
    );
  });
});
