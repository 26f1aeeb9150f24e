/**
 * Real emails, decorated for one recipient, whose links and pixel are then requested from the real Worker. Each is
 * checked against an independent reading (Chromium's parser, a MIME encoder written for this test), never the
 * decorator's own.
 */
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emailFrame } from "../../src/dashboard/email-frame.ts";
import { compile, type DecorateOptions } from "../../src/decorate/index.ts";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { decorateFile } from "../../src/eml/decorate-file.ts";
import { readEmailFile } from "../../src/eml/email-file.ts";
import { sampleEmail } from "../../src/preview/sample-email.ts";
import { cleanHtml } from "../../src/sending/source/clean.ts";
import { locationOf } from "../../src/tokens/destination.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { temporaryFolder, waxseal } from "../cli/command.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { dangersIn } from "../sending/attacks.ts";
import { undecorated } from "./known-edits.ts";
import { MailClient, type Rendering, type SeenLink } from "./mail-client.ts";
import { messageOf, takenApart } from "./mime.ts";
import { realEmails } from "./real-emails.ts";

const RECIPIENT = { email: "1042", person: "7", campaign: "88012" };

let worker: LocalWorker;
let client: MailClient;

beforeAll(async () => {
  worker = await startTestWorker();
  client = await MailClient.start(worker.origin);
});
afterAll(async () => {
  await client?.close();
  await worker?.stop();
});

const emails = [
  ...realEmails.map((path) => ({ name: basename(path), original: readFileSync(path) })),
  // The one with links for Outlook, an opt-out and an unsubscribe link.
  { name: "sample-email.html", original: Buffer.from(sampleEmail.html) },
];

describe.each(emails)("$name", ({ name, original }) => {
  let signed: Buffer;
  /** Of the original, with pictures shown, in light and dark. */
  let before: Rendering;
  beforeAll(async () => {
    signed = await decorated(original, name);
    before = await client.render(original, "shown", ["light", "dark"]);
  });

  it("leads every web link to exactly its original, and leaves every other address as it was", async () => {
    const links = await client.linksOf(original);
    const after = await client.linksOf(signed);
    const led = await Promise.all(after.map(async ({ element, href }) => ({ element, href: await followed(href) })));
    expect(led).toEqual(links.map((link) => ({ element: link.element, href: expected(link) })));
    const { addresses } = undecorated(signed.toString("latin1"), original.toString("latin1"), worker.origin);
    expect(addresses).toEqual(addressesOf(after));
  });

  it("keeps every byte outside the addresses, but for one pixel", () => {
    const bytes = original.toString("latin1");
    const { html, pixels } = undecorated(signed.toString("latin1"), bytes, worker.origin);
    expect(html).toBe(bytes);
    expect(pixels).toBe(1);
  });

  it("looks the same, pixel loaded, in light and dark; without the pixel's position; with images blocked", async () => {
    const after = await client.render(signed, "shown", ["light", "dark"]);
    expect([before.pixelLoads, after.pixelLoads]).toEqual([0, after.openings]);
    await expectSame(after, before, name);
    await expectSame(await client.render(withoutPosition(signed), "shown", ["light"]), before, name);
    const blocked = await client.render(original, "blocked", ["light"]);
    await expectSame(await client.render(signed, "blocked", ["light"]), blocked, name);
  });

  it("looks the same with a honeypot in it", async () => {
    const honeypotped = await decorated(original, name, { honeypotLink: true });
    expect(honeypotped.length > signed.length).toBe(signed.includes(`${worker.origin}/c/`));
    await expectSame(await client.render(honeypotped, "shown", ["light", "dark"]), before, name);
  });

  it("has a badge at each of its links in the dashboard, and nothing that runs, loads or leads away", async () => {
    const keys = parseTokenKeys(worker.tokenKeys);
    if (!keys.ok) throw new Error(keys.reason);
    const options = { keys: keys.value, origin: worker.origin, honeypotLink: true };
    const template = compile(decoderOf(original).decode(original), options);
    const cleaned = cleanHtml(template.markedHtml() ?? "", {
      pictures: true,
      personal: { person: {}, parameters: [] },
    });
    if (!cleaned.ok) throw new Error(cleaned.reason);
    const frame = emailFrame(cleaned.value, []);
    const ids = [...frame.matchAll(/ id="waxseal-link-([\w]+)"/g)].map(([, id]) => id);
    expect(new Set(ids)).toEqual(new Set(template.links.map(({ id }) => id)));
    expect(ids).toHaveLength(new Set(ids).size);
    const places = template.links.length === 0 ? 0 : (signed.toString("latin1").match(/\/c\/[\w-]{24}/g) ?? []).length;
    expect(frame.match(/class="waxseal-badge/g) ?? []).toHaveLength(places);
    const ofEmail = frame.replace("<title>Links of the email</title>", "").replaceAll(' tabindex="-1"', "");
    expect(dangersIn(ofEmail)).toEqual([]);
    expect(frame).not.toMatch(/\/[cou]\/[\w-]{24}|\S@(?!2x\.png)\w+\.\w/);
  });

  it("comes out of the Worker as out of the command", async () => {
    const { decode } = decoderOf(original);
    const answer = await fetch(`${worker.origin}/v1/decorate`, {
      method: "POST",
      headers: { Authorization: `Bearer ${worker.apiKey}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        email: { id: RECIPIENT.email },
        person: { id: RECIPIENT.person },
        campaign: { id: RECIPIENT.campaign },
        html: decode(original),
      }),
    });
    expect(await answer.json()).toMatchObject({ html: decode(signed) });
  });

  it.each([
    "quoted-printable",
    "base64",
  ] as const)("comes out of a message in %s the same, and the message around it as it was", async (encoding) => {
    // Line ends of text are the message's (RFC 2045 §6.7, rule 4), except in base64, where most senders keep their own.
    const canonical = (html: Buffer) => {
      const bytes = html.toString("latin1");
      return encoding === "base64" ? bytes : bytes.replace(/\r?\n/g, "\r\n");
    };
    const { charset } = decoderOf(original);
    const message = messageOf({ html: canonical(original), charset, encoding });
    const apart = takenApart(message, encoding);
    expect(apart.html).toBe(canonical(original));
    const after = takenApart(await decoratedByCommand(message), encoding);
    expect(after.html).toBe(canonical(signed));
    expect(after.around).toEqual(apart.around);
    expect(after.body.split("\r\n").filter((line) => line.length > 76)).toEqual([]);
  });
});

it("would see a pixel that shows, and one that takes room", async () => {
  const email = Buffer.from("<!doctype html><body><p style='height:400px'>Hello</p></body>");
  const rendering = await client.render(email, "shown", ["light"]);
  for (const style of ["position:absolute;background:#fdfdfd", "opacity:0"]) {
    const pixel = `<img src="${worker.origin}/o/x.gif" width="1" height="1" style="${style}"></body>`;
    const other = await client.render(Buffer.from(email.toString().replace("</body>", pixel)), "shown", ["light"]);
    expect(unlike(rendering, other)).toHaveLength(rendering.pictures.size);
  }
});

async function decorated(original: Buffer, name: string, more: Partial<DecorateOptions> = {}): Promise<Buffer> {
  const keys = parseTokenKeys(worker.tokenKeys);
  if (!keys.ok) throw new Error(keys.reason);
  const file = await readEmailFile(original, name);
  if (!file.ok) throw new Error(file.reason.complaint);
  const { texts } = decorateFile(file.value, { keys: keys.value, origin: worker.origin, ...more }, RECIPIENT);
  return await file.value.write(texts, []);
}

async function decoratedByCommand(message: string): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "mail.eml"), message, "latin1");
  const ids = Object.entries(RECIPIENT).flatMap(([name, id]) => [`--${name}`, id]);
  const seq = ["--origin", worker.origin, "--keys", worker.tokenKeys, "--out", "signed.eml"];
  const { code, stderr } = await waxseal(["decorate", "mail.eml", ...ids, ...seq], { cwd: folder });
  expect(code, stderr).toBe(0);
  return await readFile(join(folder, "signed.eml"), "latin1");
}

function decoderOf(email: Buffer): { readonly charset: string; readonly decode: (bytes: Buffer) => string } {
  const [, declared = "windows-1252"] = /charset="?([\w-]+)/.exec(email.toString("latin1")) ?? [];
  const charset = isUtf8(email) ? "utf-8" : declared;
  const decoder = new TextDecoder(charset, { ignoreBOM: true });
  return { charset, decode: (bytes) => decoder.decode(bytes) };
}

const PLACEHOLDER = /\{\{|\{%|\*\||%%|<%|\$\{|\[\[/;

/** The address, or "→ " and where it has to lead when it is a web link. */
function expected({ href, optedOut }: SeenLink): string {
  if (href === "{{unsubscribe}}") return "→ the unsubscribe page";
  // What browsers drop (WHATWG URL, "basic URL parser").
  const url = href.replace(/^[\0- ]+|[\0- ]+$/g, "").replace(/[\t\n\r]/g, "");
  const isWeb = /^https?:\/\//i.test(url) && URL.canParse(url) && !PLACEHOLDER.test(url);
  return isWeb && !optedOut ? `→ ${locationOf(url)}` : href;
}

/** The address, or "→ " and where the Worker leads from it. */
async function followed(href: string): Promise<string> {
  if (!href.startsWith(`${worker.origin}/`)) return href;
  const answer = await fetch(href, { redirect: "manual" });
  const page = await answer.text();
  if (href.startsWith(`${worker.origin}/u/`) && answer.status === 200 && page.includes("<form"))
    return "→ the unsubscribe page";
  return answer.status === 302 ? `→ ${answer.headers.get("Location")}` : `${href} answered ${answer.status}`;
}

/** Each once: Chromium may have made two elements of a link. */
function addressesOf(links: readonly SeenLink[]): string[] {
  return [...new Set(links.map(({ href }) => href).filter((href) => href.startsWith(`${worker.origin}/`)))];
}

/** The pixel as Gmail leaves it, which allows no `position`. */
function withoutPosition(email: Buffer): Buffer {
  const kept = email.toString("latin1").replace(/(\.gif"[^>]* style=")[^">]*?(?=float:)/, "$1");
  expect(kept.length).toBeLessThan(email.length);
  return Buffer.from(kept, "latin1");
}

/**
 * The views of `rendering` that differ in `other`. Pictures of one browser have the same pixels when they have the same
 * bytes.
 */
function unlike(rendering: Rendering, other: Rendering): string[] {
  const views = [...rendering.pictures.keys()];
  return views.filter((view) => !rendering.pictures.get(view)?.equals(other.pictures.get(view) ?? Buffer.of()));
}

/** Pictures that differ are kept for people to see. */
async function expectSame(after: Rendering, before: Rendering, name: string): Promise<void> {
  const views = unlike(after, before);
  if (views.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), "waxseal-looks-"));
  for (const view of views) {
    await writeFile(join(folder, `${name} ${view} before.png`), before.pictures.get(view) ?? "");
    await writeFile(join(folder, `${name} ${view} after.png`), after.pictures.get(view) ?? "");
  }
  expect.fail(`${name} looks different at ${views.join(", ")}: see ${folder}`);
}
