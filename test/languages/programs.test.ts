/**
 * The programs of docs/integrations/ in other languages run as printed, and sign as the vectors say. A language that is
 * not installed is named and left out, so that the tests need none of them; .ci/run installs all.
 */
import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import PostalMime from "postal-mime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { type MailSink, startMailSink } from "../docs/mail-sink.ts";
import { readPage } from "../docs/markdown.ts";
import { LANGUAGES, type Language } from "./languages.ts";

const vectorsText = await readFile(join(projectRoot, "test/tokens/vectors.json"), "utf8");
/** What PHP's mail() gives to, which appends the envelope sender as `-f`. */
const SENDMAIL = `#!/bin/sh
{ printf 'X-Arguments: %s\\r\\n' "$*"; cat; } > "$MAIL_FILE"
`;
const installed = await Promise.all(LANGUAGES.map(({ probe }) => run(probe, "").then(({ code }) => code === 0)));
const found = LANGUAGES.filter((_, index) => installed[index]);
const missing = LANGUAGES.filter((_, index) => !installed[index]);
if (missing.length > 0) console.warn(`Not installed, and so not run: ${missing.map(({ page }) => page).join(", ")}`);

let worker: InstrumentedWorker;
let sink: MailSink;
let folder: string;
beforeAll(async () => {
  [worker, sink, folder] = await Promise.all([
    startTestWorker({ settings: { BOUNCE_ADDRESS: "bounces@mail.example.com" } }),
    startMailSink(),
    mkdtemp(join(tmpdir(), "waxseal-languages-")),
  ]);
  const sendmail = await write("sendmail", SENDMAIL);
  await chmod(sendmail, 0o755);
  await write("php.ini", `sendmail_path = "${sendmail} -t -i"\n`);
});
afterAll(async () => {
  await Promise.all([worker?.stop(), sink?.stop()]);
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

it("at least one language is installed", () => {
  expect(found).not.toEqual([]);
});

describe.each(found)("$page", (language) => {
  it("decorates, sends and reports a mail by the page's program", async () => {
    const [program] = await blocksOf(language);
    const file = await write(`send.${language.fence}`, program?.text ?? "");
    const ended = await run(language.run(file), "", {
      TRACKING_ORIGIN: worker.origin,
      API_KEY: worker.apiKey,
      SMTP_URL: sink.url,
      MAIL_FILE: join(folder, "mail.eml"),
      PHPRC: folder,
    });
    expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: "sent\n" });
    const { from, raw } = await received(language);
    const { html = "", headers } = await PostalMime.parse(raw);
    const header = (name: string) => headers.find(({ key }) => key === name)?.value;
    expect(from).toMatch(/^bounces[+][a-z2-7]+@mail\.example\.com$/);
    expect(html).toContain(`${worker.origin}/o/`);
    expect(header("list-unsubscribe")).toMatch(new RegExp(`^<${worker.origin}/u/[\\w-]+>$`));
    expect(header("list-unsubscribe-post")).toBe("List-Unsubscribe=One-Click");
    const answer = await fetch(`${worker.origin}/v1/events`, { headers: { Authorization: `Bearer ${worker.apiKey}` } });
    expect((await answer.text()).toLowerCase()).toContain(`news from ${language.page}`);
  });

  it("signs every vector by the page's code", async () => {
    const [, tokens] = await blocksOf(language);
    const { page, fence, vectors } = language;
    const isOneFile = fence !== "go";
    const library = await write(`${page}-tokens.${fence}`, (tokens?.text ?? "") + (isOneFile ? vectors : ""));
    const files = isOneFile ? [library] : [library, await write(`${page}-vectors.${fence}`, vectors)];
    const ended = await run(language.run(...files), vectorsText);
    expect(ended.code, ended.stderr).toBe(0);
    const expected = JSON.parse(vectorsText);
    expect(JSON.parse(ended.stdout)).toEqual({
      tokens: expected.valid.map(({ token }: { readonly token: string }) => token),
      pseudonyms: expected.pseudonyms.map(({ pseudonym }: { readonly pseudonym: string }) => pseudonym),
    });
  });
});

async function blocksOf({ page, fence }: Language) {
  return (await readPage(`docs/integrations/${page}.md`)).blocks.filter(({ language }) => language === fence);
}

async function write(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** By SMTP, or from PHP's mail(). */
async function received({ page }: Language): Promise<{ readonly from: string; readonly raw: string }> {
  if (page !== "php") return sink.mails.at(-1) ?? { from: "", raw: "" };
  const raw = await readFile(join(folder, "mail.eml"), "latin1");
  return { from: /^X-Arguments: .*-f(\S+)/.exec(raw)?.[1] ?? "", raw };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  [program, ...args]: readonly [string, ...string[]],
  input: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { PATH, HOME } = process.env;
  const child = spawn(program, args, { env: { PATH, HOME, GOPROXY: "off", ...variables } });
  const code = new Promise<number | null>((resolve) => {
    child.on("error", () => resolve(null));
    child.on("close", resolve);
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, stdout, stderr };
}
