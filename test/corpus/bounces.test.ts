/** Real bounce messages, the oddest MIME there is: what Waxseal has no business with comes out byte for byte. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { CommandError } from "../../src/cli/command-error.ts";
import { decorateFile } from "../../src/cli/decorate-file.ts";
import { readEmailFile } from "../../src/cli/email-file.ts";
import { makeTokenKey, parseTokenKeys } from "../../src/token/keys.ts";
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

describe.each(bounces.filter((each) => !isMailbox(each)))("$name", ({ name, content }) => {
  it("is written back byte for byte when nothing is decorated", async () => {
    const file = await readEmailFile(content, name);
    const { texts } = decorateFile(file, options, { ...RECIPIENT, tracking: "none" });
    const written = await file.write(texts, []);
    expect(written.toString("latin1")).toBe(content.toString("latin1"));
  });

  it("is decorated, read again, and nothing is left to decorate", async () => {
    const file = await readEmailFile(content, name);
    const { texts, headers } = decorateFile(file, options, RECIPIENT);
    const fields = Object.entries(headers).map(([field, value]) => ({ name: field, value }));
    const sealed = await file.write(texts, fields);
    const again = await readEmailFile(sealed, name);
    expect(again.parts.map(({ text }) => text)).toEqual(file.parts.map((part) => texts.get(part)));
    const once = decorateFile(again, options, RECIPIENT);
    expect(once.links).toEqual([]);
    expect((await again.write(once.texts, [])).toString("latin1")).toBe(sealed.toString("latin1"));
  });
});

it.each(
  bounces.filter(isMailbox),
)("$name is a mailbox of several messages, and refused with that reason", async ({ name, content }) => {
  await expect(readEmailFile(content, name)).rejects.toThrow(CommandError);
  await expect(readEmailFile(content, name)).rejects.toThrow("it is a mailbox of several messages");
});
