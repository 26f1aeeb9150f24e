/** Every example of README.md and docs/ runs as printed, against a local Worker, and answers as its page says. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_TYPES, apiTypes } from "../../src/dev/api-types.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { freePort } from "../free-port.ts";
import type { OpenApiDocument } from "../http/answer-check.ts";
import { type ProviderServer, startProviderServer } from "../integrations/provider-server.ts";
import { type CommandServer, startCommandServer } from "./command-server.ts";
import { faultOf } from "./commands.ts";
import { settingsFaults } from "./configuration.ts";
import { differenceIn } from "./expected.ts";
import { jsonFaults } from "./json-examples.ts";
import { type MailSink, startMailSink } from "./mail-sink.ts";
import { type Block, commandsIn, type Page, readPages } from "./markdown.ts";
import { type ProgramHost, startProgram, startProgramHost } from "./programs.ts";
import { runShell } from "./shell.ts";

/** Reading order: what a page reports, later ones find in reports and suppressions. */
const FIRST = ["README.md", "docs/send.md", "docs/events.md", "docs/suppressions.md", "docs/reports.md"];
/** These change what the others find. */
const LAST = ["docs/privacy.md"];

/** Which test/package runs, with the package installed. */
const IN_AN_EMPTY_FOLDER = "docs/quick-start.md";
/** Of other languages, which test/languages runs where they are installed, and test/docs/analysts.test.ts. */
const IN_OTHER_TESTS = ["py", "php", "go", "sql"];

/** Of the mailing of docs/integrations/nodemailer.md, which has 10,000 for whoever says nothing. */
const RECIPIENTS = 250;

const EMAIL = `From: news@example.com
To: marie@example.com
Subject: November news
Content-Type: text/html; charset=utf-8

<p>Hello, <a href="https://example.com/">read on</a>. {{unsubscribe}}</p>
`.replaceAll("\n", "\r\n");

const pages = (await readPages()).toSorted((one, other) => rankOf(one) - rankOf(other));
let worker: InstrumentedWorker;
let sink: MailSink;
let providers: ProviderServer;
let commands: CommandServer;
let api: OpenApiDocument;
let programs: ProgramHost;
let folder: string;
let variables: Record<string, string>;

beforeAll(async () => {
  [worker, sink, providers, folder] = await Promise.all([
    startTestWorker({ assets: true, consumers: { "waxseal-events": { maxBatchTimeout: 0.05 } } }),
    startMailSink(),
    startProviderServer(),
    mkdtemp(join(tmpdir(), "waxseal-docs-")),
  ]);
  await writeFile(join(folder, "mail.eml"), EMAIL);
  await writeFile(join(folder, "opted-out.csv"), "email,at\ngerd@example.com,2026-03-01\n");
  const [client, oldClient] = await Promise.all([newClient(), newClient(), bounce("former@example.com")]);
  const apiKeys = { API_KEY: worker.apiKey, WAXSEAL_API_KEY: worker.apiKey, TOKEN_KEYS: worker.tokenKeys };
  variables = {
    ...apiKeys,
    ORIGIN: worker.origin,
    TRACKING_ORIGIN: worker.origin,
    WAXSEAL_ORIGIN: worker.origin,
    SMTP_URL: sink.url,
    RECIPIENTS: String(RECIPIENTS),
    PROVIDERS: providers.url,
    CLIENT_ID: client.id,
    CLIENT_SECRET: client.secret,
    OLD_CLIENT_ID: oldClient.id,
    WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    AWS_ACCESS_KEY_ID: "id",
    AWS_SECRET_ACCESS_KEY: "key",
    SENDGRID_API_KEY: "SG.key",
    MAILGUN_API_KEY: "key",
    POSTMARK_SERVER_TOKEN: "token",
    RESEND_API_KEY: "key",
    BREVO_API_KEY: "key",
    SPARKPOST_API_KEY: "key",
    MAILJET_API_KEY: "key",
    MAILJET_SECRET_KEY: "key",
    MAILERSEND_API_KEY: "key",
    MAILERSEND_DOMAIN_ID: "1",
    MANDRILL_API_KEY: "key",
    MAILTRAP_ACCOUNT_ID: "1",
    MAILTRAP_API_KEY: "key",
    UNISENDER_GO_API_KEY: "key",
    ZONE_ID: "zone",
  };
  commands = await startCommandServer({ cwd: folder, env: variables });
  api = (await (await fetch(`${worker.origin}/v1/openapi.json`)).json()) as OpenApiDocument;
  programs = startProgramHost(variables);
});
afterAll(async () => {
  await Promise.all([worker?.stop(), sink?.stop(), providers?.stop(), commands?.stop(), programs?.kill()]);
  await rm(folder, { recursive: true, force: true });
});

const withExamples = pages.filter(
  (page) => page.path !== IN_AN_EMPTY_FOLDER && (page.blocks.length > 0 || commandsIn(page).length > 0),
);

describe.each(withExamples)("$path", (page) => {
  const shell = page.blocks.filter(({ language }) => language === "sh");
  if (shell.length > 0)
    it("shell commands run, and answer what the page says", async () => {
      const { printed, noted } = await runShell(shell, {
        origin: worker.origin,
        commands: commands.url,
        cwd: folder,
        variables,
      });
      for (const command of noted) expect.soft(await faultOf(command), command.join(" ")).toBeUndefined();
      for (const [index, block] of shell.entries()) expectAnswer(page, block, printed[index] ?? "");
    });

  const ofPage = page.blocks.filter(({ language }) => language === "js");
  if (ofPage.length > 0)
    it("programs run, and print what the page says", async () => {
      for (const block of ofPage) {
        if (block.text.includes("createServer(")) await expectReceiver(block);
        else expectAnswer(page, block, await programs.run(block));
      }
    });

  const toml = page.blocks.filter(({ language }) => language === "toml");
  if (toml.length > 0)
    it("settings are taken by wrangler and by the Worker", () => {
      for (const { text, line } of toml) expect(settingsFaults(text), `line ${line}`).toEqual([]);
    });

  const json = page.blocks.filter(({ language, words }) => language === "json" && !words.includes("answer"));
  if (json.length > 0)
    it("JSON is of the form that it says", () => {
      for (const block of json) expect(jsonFaults(page, block, api), `line ${block.line}`).toEqual([]);
    });

  const commandsNamed = commandsIn(page);
  if (commandsNamed.length > 0)
    it("names commands that are there", async () => {
      for (const command of commandsNamed) expect(await faultOf(command), command.join(" ")).toBeUndefined();
    });

  if (page.blocks.length > 0)
    it("has no example that nothing runs", () => {
      const languages = page.blocks.map(({ language, words }) => (words.includes("answer") ? "answer" : language));
      for (const language of languages)
        expect(["sh", "js", ...IN_OTHER_TESTS, "toml", "json", "answer", "mermaid", "text"]).toContain(language);
    });
});

describe("GET /v1/openapi.json", () => {
  it("needs no key, and is a document of OpenAPI 3.1", async () => {
    const answer = await fetch(`${worker.origin}/v1/openapi.json`);
    const validator = new Validator();
    const document = v.parse(v.record(v.string(), v.unknown()), await answer.json());
    expect(await validator.validate(document)).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  it('is what the client\'s types are made from: otherwise run "npm run types:api"', async () => {
    const document = await (await fetch(`${worker.origin}/v1/openapi.json`)).text();
    expect(await apiTypes(document)).toBe(await readFile(join(projectRoot, API_TYPES), "utf8"));
  });
});

describe("the send of README.md", () => {
  it("reaches the mail server with pixel, decorated link and unsubscribe headers", () => {
    const [mail] = sink.mails;
    if (mail === undefined) throw new Error("no mail was sent");
    expect(mail.to).toEqual(["marie@example.com"]);
    const message = mail.raw.replaceAll("=\r\n", "").replaceAll("=3D", "=");
    const header = message.slice(0, message.indexOf("\r\n\r\n")).replace(/\r\n[ \t]+/g, " ");
    expect(header).toMatch(new RegExp(`^List-Unsubscribe: <${worker.origin}/u/[\\w-]+>$`, "m"));
    expect(header).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m);
    expect(header).toMatch(/^X-Waxseal-Message: [\w-]+\r?$/m);
    expect(message).toMatch(new RegExp(`<img src="${worker.origin}/o/[\\w-]+\\.gif"`));
    expect(message).toMatch(new RegExp(`href="${worker.origin}/c/[\\w-]+"`));
  });
});

it("the mailing of nodemailer's page reaches each of its readers once", () => {
  const readers = sink.mails.flatMap(({ to }) => to).filter((address) => address.startsWith("reader"));
  expect([readers.length, new Set(readers).size]).toEqual([RECIPIENTS, RECIPIENTS]);
});

it("the programs of all pages leave nothing open, so that each of them would end by itself", async () => {
  expect(await programs.end()).toBe(0);
});

describe("the programs of the providers' pages", () => {
  it("send a decorated copy with its token by the SDK of each", () => {
    expect(providers.requests.map(({ path }) => path).toSorted()).toEqual(
      [
        "/emails",
        "/email",
        "/v2/email/outbound-emails",
        "/v3/mail.example.com/messages",
        "/v3/mail/send",
        "/v3/smtp/email",
      ].toSorted(),
    );
    for (const { path, body } of providers.requests) {
      expect(JSON.stringify(body), path).toMatch(/X-Waxseal-Message/);
      expect(JSON.stringify(body), path).toContain("https://t.example.com/c/");
    }
  });
});

function rankOf({ path }: Page): number {
  if (LAST.includes(path)) return FIRST.length + 1;
  const at = FIRST.indexOf(path);
  return at < 0 ? FIRST.length : at;
}

async function newClient(): Promise<{ id: string; secret: string }> {
  const client = await post("/v1/clients", { name: "examples", scopes: ["read", "send"] });
  return v.parse(v.object({ id: v.string(), secret: v.string() }), client);
}

/** An invalid address, for an example to remove. */
async function bounce(address: string): Promise<void> {
  const send = { email: 1044, person: 9, campaign: 88014 };
  await post("/v1/events", { events: [{ type: "hard_bounced", ...send, address, category: 2 }] });
}

async function post(path: string, body: object): Promise<unknown> {
  const headers = { Authorization: `Bearer ${worker.apiKey}` };
  const answer = await fetch(worker.origin + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
  return await answer.json();
}

/** The answer printed behind a block, if there is one, is what the block printed. */
function expectAnswer({ blocks, path }: Page, block: Block, printed: string): void {
  const next = blocks[blocks.indexOf(block) + 1];
  if (next === undefined || !next.words.includes("answer")) return;
  const expected = next.text.replaceAll("http://localhost:8787", worker.origin);
  const difference =
    next.language === "json"
      ? differenceIn(JSON.parse(printed), JSON.parse(expected))
      : differenceIn(printed.trim(), expected.trim());
  expect(difference, `${path}, line ${next.line}; printed: ${printed}`).toBeUndefined();
}

/** A receiver of Standard Webhooks takes what is signed and refuses what is not. */
async function expectReceiver(block: Block): Promise<void> {
  const port = await freePort();
  const program = startProgram(block, { ...variables, PORT: String(port) });
  program.printed.catch(() => undefined);
  try {
    const now = new Date();
    const [id, timestamp] = ["evt_4711_5eed", now.toISOString()];
    const data = { id: "5eed", seq: 4711, at: timestamp, person: { id: 7 } };
    const body = JSON.stringify({ type: "email.clicked", timestamp, data });
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
      "webhook-signature": new Webhook(variables.WEBHOOK_SECRET ?? "").sign(id, now, body),
    };
    const post = (more: Record<string, string>) =>
      fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers: more });
    await expect
      .poll(() =>
        post(headers)
          .then(({ status }) => status)
          .catch(() => 0),
      )
      .toBe(204);
    expect((await post(headers)).status).toBe(204);
    expect((await post({})).status).toBe(401);
  } finally {
    program.process.kill();
  }
  expect((await program.printed).match(/^email\.clicked 7 .*Z$/gm)).toHaveLength(1);
}
