/**
 * Real bounce messages, read by rules that name none of them. They are also the oddest MIME there is: the bytes that
 * Waxseal need not change stay the same.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { bounceReports } from "../../src/delivery/bounce-mail/index.ts";
import { NO_RETURNED_MAIL } from "../../src/delivery/bounce-mail/returned-mail.ts";
import { decorateFile } from "../../src/eml/decorate-file.ts";
import { type EmailFile, readEmailFile } from "../../src/eml/email-file.ts";
import { makeTokenKey, parseTokenKeys } from "../../src/tokens/keys.ts";
import { fault, readings } from "./expected-bounces.ts";
import { realBounces } from "./real-emails.ts";

const ORIGIN = "https://t.example.com";
const RECIPIENT = { email: "1042", person: "7", campaign: "88012" };

const keys = parseTokenKeys(makeTokenKey({ id: 1, development: true }));
if (!keys.ok) throw new Error(keys.reason);
const options = { keys: keys.value, origin: ORIGIN };

const bounces = realBounces.map((path) => ({ name: basename(path), path, content: readFileSync(path) }));
/** A message after another, as mailboxes hold them (RFC 4155). */
const isMailbox = ({ content }: { readonly content: Buffer }) =>
  /\n\nFrom \S+ .*\n[\w-]+: /.test(content.toString("latin1"));

async function fileIn(content: Buffer, name: string): Promise<EmailFile> {
  const file = await readEmailFile(content, name);
  if (!file.ok) throw new Error(file.reason.complaint);
  return file.value;
}

describe.each(bounces.filter((each) => !isMailbox(each)))("$name", ({ name, content }) => {
  it("is written back byte for byte when nothing is decorated", async () => {
    const file = await fileIn(content, name);
    const { texts } = decorateFile(file, options, { ...RECIPIENT, tracking: "none" });
    const written = await file.write(texts, []);
    expect(written.toString("latin1")).toBe(content.toString("latin1"));
  });

  it("is decorated, read again, and decorating it again changes nothing", async () => {
    const file = await fileIn(content, name);
    const { texts, headers, links } = decorateFile(file, options, RECIPIENT);
    const fields = Object.entries(headers).map(([field, value]) => ({ name: field, value }));
    const signed = await file.write(texts, fields);
    const again = await fileIn(signed, name);
    expect(again.parts.map(({ text }) => text)).toEqual(file.parts.map((part) => texts.get(part)));
    const once = decorateFile(again, options, RECIPIENT);
    expect(once.links).toEqual(links);
    expect((await again.write(once.texts, [])).toString("latin1")).toBe(signed.toString("latin1"));
  });
});

it.each(bounces.filter(isMailbox))("$name is a mailbox of several messages, and refused with that reason", async ({
  name,
  content,
}) => {
  const complaint = `${name} cannot be read as a MIME message: it is a mailbox of several messages.`;
  expect(await readEmailFile(content, name)).toMatchObject({ ok: false, reason: { complaint } });
});

describe("what real bounce messages say", async () => {
  const read = await readings();

  it("is read right of each recipient, and mails that are no bounces are none", () => {
    const wrong = read.flatMap(({ file, results, findings }) => {
      if (results.length === 0) return findings.length === 0 ? [] : [`${file}: is no bounce`];
      return results.flatMap((result) => {
        const why = fault(result, findings);
        return why === undefined ? [] : [`${file} ${result.recipient}: ${why}`];
      });
    });
    expect(read.flatMap(({ results }) => results).length).toBeGreaterThan(40);
    expect(wrong).toEqual([]);
  });

  it.each(read)("never loses a person who may come back: $file", ({ results, findings }) => {
    const lasting = results.filter((result) => result.class === "hard").map(({ recipient }) => recipient);
    const ended = findings.filter(({ bounce }) => bounce?.category === 2).map(({ recipient }) => recipient);
    expect(lasting).toEqual(expect.arrayContaining(ended));
  });

  it("is no event where the server only asks for patience", () => {
    const late = read.filter(({ findings }) => findings.some(({ action }) => action === "delayed"));
    expect(late.length).toBeGreaterThan(0);
    for (const { findings } of late) {
      const [report] = bounceReports({ findings, returned: NO_RETURNED_MAIL, id: "" });
      expect(report?.outcome).toEqual({ type: "deferred" });
    }
  });
});
