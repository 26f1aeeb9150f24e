/** waxseal/nodemailer: mails of the real nodemailer, as an SMTP server receives them. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createTransport, type SendMailOptions, type Transporter } from "nodemailer";
import PostalMime from "postal-mime";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Decorated, DecorateOptions } from "../../src/decorate/index.ts";
import { type NodemailerFields, type NodemailerOptions, waxseal } from "../../src/integrations/nodemailer.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { type Mail, type MailSink, startMailSink } from "../docs/mail-sink.ts";
import { verifyDkim } from "./dkim.ts";

type Mailed = SendMailOptions & { readonly waxseal?: NodemailerFields["waxseal"] | undefined };

const parsed = parseTokenKeys("1:dev:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE");
if (!parsed.ok) throw new Error(parsed.reason);
const keys = parsed.value;
const OPTIONS: DecorateOptions = { keys, origin: "https://t.example.com" };
const HTML = '<p>Hello, <a href="https://example.com/news">read on</a>. {{unsubscribe}}</p>';
const TEXT = "Read on: https://example.com/news\n\n{{unsubscribe}}\n";
const MAIL = { from: "news@example.com", to: "marie@example.com", subject: "November news" };
const MARIE = { email: 1042, person: 7, campaign: 88012 };
const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const DKIM = {
  domainName: "example.com",
  keySelector: "s1",
  privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
};

let sink: MailSink;
let folder: string;
beforeAll(async () => {
  sink = await startMailSink();
  folder = mkdtempSync(join(tmpdir(), "waxseal-nodemailer-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await sink.stop();
});
afterEach(() => {
  vi.restoreAllMocks();
});

function transporterWith(options: Partial<NodemailerOptions> = {}, dkim?: typeof DKIM): Transporter {
  const transporter = createTransport({ url: sink.url, ...(dkim === undefined ? {} : { dkim }) });
  transporter.use("compile", waxseal({ ...OPTIONS, ...options }));
  return transporter;
}

function mailTo(mail: Mailed): Mailed {
  return { ...MAIL, waxseal: MARIE, ...mail };
}

/** The mail as the server received it. */
async function send(mail: Mailed, options: Partial<NodemailerOptions> = {}): Promise<Mail> {
  await transporterWith(options).sendMail(mailTo(mail));
  const received = sink.mails.at(-1);
  if (received === undefined) throw new Error("no mail was received");
  return received;
}

async function read({ raw }: Mail) {
  const mail = await PostalMime.parse(raw);
  const header = (name: string) =>
    mail.headers.filter(({ key }) => key === name.toLowerCase()).map(({ value }) => value);
  return { html: mail.html ?? "", text: mail.text ?? "", header, mail };
}

/** What the error says; that no mail went out. */
async function refusal(mail: Mailed): Promise<string> {
  const before = sink.mails.length;
  const error: unknown = await transporterWith()
    .sendMail(mailTo({ html: HTML, ...mail }))
    .catch((reason) => reason);
  expect(sink.mails).toHaveLength(before);
  return error instanceof Error ? `${error.name}: ${error.message}` : "sent";
}

describe("a mail", () => {
  it("has the pixel, links, unsubscribe link and headers of its recipient", async () => {
    const { html, text, header } = await read(await send({ html: HTML, text: TEXT }));
    const [token = ""] = header("X-Waxseal-Message");
    expect(verifyToken(keys, "message", token)).toMatchObject({
      ok: true,
      value: { email: "1042", person: "7", campaign: "88012" },
    });
    expect(html).toMatch(
      /href="https:\/\/t\.example\.com\/c\/[\w-]+".*https:\/\/t\.example\.com\/u\/[\w-]+.*\/o\/[\w-]+\.gif"/s,
    );
    expect(text).toMatch(/^Read on: https:\/\/t\.example\.com\/c\/[\w-]+/);
    expect(header("List-Unsubscribe")).toEqual([expect.stringMatching(/^<https:\/\/t\.example\.com\/u\/[\w-]+>$/)]);
    expect(header("List-Unsubscribe-Post")).toEqual(["List-Unsubscribe=One-Click"]);
  });

  it("is signed by DKIM after it is decorated, both headers of unsubscribing with it", async () => {
    const mail = {
      ...MAIL,
      html: HTML,
      text: TEXT,
      waxseal: { ...MARIE, person: "0198f2a4-7c1e-7e0a-9a3b-2f4c5d6e7f80" },
    };
    await transporterWith({ bounceAddress: "bounces@mail.example.com" }, DKIM).sendMail(mail);
    const raw = sink.mails.at(-1)?.raw ?? "";
    const check = verifyDkim(raw, publicKey);
    expect(check.isValid).toBe(true);
    expect(check.signedFields).toEqual(expect.arrayContaining(["list-unsubscribe", "list-unsubscribe-post"]));
    expect(verifyDkim(raw.replace("Hello", "Hallo"), publicKey).isValid).toBe(false);
    expect(verifyDkim(raw.replace("One-Click", "Two-Click"), publicKey).isValid).toBe(false);
  });

  it.each<[string, Mailed]>([
    ["a Buffer", { html: Buffer.from(HTML) }],
    ["a stream", { html: Readable.from([HTML]) }],
    ["content in base64", { html: { content: Buffer.from(HTML).toString("base64"), encoding: "base64" } }],
  ])("is decorated when its HTML is %s", async (_, mail) => {
    expect((await read(await send(mail))).html).toContain("https://t.example.com/o/");
  });

  it("is decorated when its HTML is in a file, and keeps what else it says of the part", async () => {
    const path = join(folder, "mail.html");
    writeFileSync(path, HTML);
    const mail = await send({ html: { path, contentTransferEncoding: "base64", headers: { "X-Part": "html" } } });
    expect((await read(mail)).html).toContain("https://t.example.com/o/");
    expect(mail.raw).toContain("Content-Transfer-Encoding: base64");
    expect(mail.raw).toContain("X-Part: html");
  });

  it("without HTML goes out as text: no pixel, the rest as ever", async () => {
    const { html, text, header } = await read(await send({ text: TEXT }));
    expect([html, text.includes("https://t.example.com/c/"), header("List-Unsubscribe").length]).toEqual(["", true, 1]);
  });

  it("keeps attachments, a calendar, other alternatives and headers", async () => {
    const { mail, header } = await read(
      await send({
        html: HTML,
        attachments: [{ filename: "mail.html", content: HTML }],
        alternatives: [{ contentType: "text/markdown", content: "Hello" }],
        icalEvent: { content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR" },
        headers: { "X-Own": "kept" },
        list: { help: "help@example.com" },
      }),
    );
    const attached = mail.attachments.find(({ filename }) => filename === "mail.html")?.content ?? "";
    expect(typeof attached === "string" ? attached : new TextDecoder().decode(attached)).toBe(HTML);
    expect([header("X-Own"), header("List-Help")]).toEqual([["kept"], ["<mailto:help@example.com>"]]);
  });

  it.each<[string, Mailed]>([
    ["an object", { headers: { "list-unsubscribe": "<mailto:old@example.com>" } }],
    ["a list", { headers: [{ key: "list-unsubscribe", value: "<mailto:old@example.com>" }] }],
    ["nodemailer's own for lists", { list: { unsubscribe: "mailto:old@example.com" } }],
  ])("has one List-Unsubscribe, the copy's, whatever it names in %s", async (_, mail) => {
    const { header } = await read(await send({ html: HTML, ...mail }));
    expect(header("List-Unsubscribe")).toEqual([expect.stringContaining("https://t.example.com/u/")]);
  });

  it("of no list offers no unsubscribing, and keeps what the sender offers", async () => {
    const { header } = await read(
      await send({ html: "<p>1234</p>", list: { unsubscribe: "mailto:own@example.com" } }, { unsubscribe: "none" }),
    );
    expect(header("List-Unsubscribe")).toEqual(["<mailto:own@example.com>"]);
    expect(header("X-Waxseal-Message")).toHaveLength(1);
  });

  it("with `waxseal: false` goes out as it is", async () => {
    const { html, header } = await read(await send({ html: HTML, waxseal: false, cc: "paul@example.com" }));
    expect([html.trim(), header("X-Waxseal-Message")]).toEqual([HTML, []]);
  });
});

describe("the envelope sender", () => {
  const options = { bounceAddress: "bounces@mail.example.com" };

  it("carries the token to where bounces come back to", async () => {
    const mail = await send({ html: HTML }, options);
    const [, token = ""] = /^bounces\+([a-z2-7]+)@mail\.example\.com$/.exec(mail.from) ?? [];
    expect(verifyToken(keys, "message", token)).toMatchObject({ ok: true, value: { person: "7" } });
    expect(mail.to).toEqual(["marie@example.com"]);
  });

  it("goes to whom headers name, if nothing else does", async () => {
    const mail = await send({ html: HTML, to: undefined, headers: { to: ["Marie <marie@example.com>"] } }, options);
    expect([mail.to, (await read(mail)).header("To")]).toEqual([["marie@example.com"], ["Marie <marie@example.com>"]]);
  });

  it("is the bounce address when ids are too long for it, and the mail's own where it names one", async () => {
    const person = "x".repeat(64);
    expect((await send({ html: HTML, waxseal: { ...MARIE, person } }, options)).from).toBe(options.bounceAddress);
    const envelope = { from: "own@example.com", to: "marie@example.com" };
    expect((await send({ html: HTML, envelope }, options)).from).toBe("own@example.com");
    expect((await send({ html: HTML, envelope: { to: "paul@example.com" } }, options)).to).toEqual([
      "paul@example.com",
    ]);
  });
});

describe("a mail that cannot be decorated is refused by a sentence that names its field:", () => {
  it.each<[string, Mailed, RegExp]>([
    [
      "three recipients",
      { to: ["a@example.com", "B <b@example.com>"], cc: "c@example.com" },
      /^to makes 3 recipients .* a copy of their own$/,
    ],
    ["a list in one text", { to: '"Doe, Marie" <marie@example.com>, paul@example.com' }, /^to makes 2 recipients/],
    ["a group", { to: "Team: a@example.com, b@example.com;" }, /^to makes 2 recipients/],
    ["a hidden one", { bcc: { name: "", address: "archive@example.com" } }, /^to makes 2 recipients/],
    ["others in headers", { headers: { Cc: "b@example.com, c@example.com" } }, /^cc makes 3 recipients/],
    ["one in a list of headers", { headers: [{ key: "bCC ", value: "b@example.com" }] }, /^to makes 2 recipients/],
    ["one in a header", { headers: { key: "bcc", value: ["b@example.com"] } as never }, /^to makes 2 recipients/],
    ["headers alone", { to: undefined, headers: { to: ["a@example.com", "b@example.com"] } }, /^to makes 2 recipients/],
    [
      "an envelope",
      { envelope: { from: "n@example.com", to: ["a@example.com", "b@example.com"] } },
      /^to makes 2 recip/,
    ],
    ["nobody named", { waxseal: undefined }, /^waxseal is missing: .* or false to send the mail as it is$/],
    ["a wrong id", { waxseal: { ...MARIE, person: "marie@example.com" } }, /^person is not an id/],
    ["no part", { html: undefined }, /^html is missing, and so is text$/],
    ["a whole message", { raw: "Subject: x\r\n\r\nx" }, /^raw is a finished message/],
    ["AMP", { amp: "<!doctype html><html ⚡4email></html>" }, /^amp would be shown instead of the HTML/],
    [
      "an HTML alternative",
      { alternatives: [{ contentType: "text/html", content: HTML }] },
      /^alternatives\[0\] of text\/html/,
    ],
    ["an alternative of a file", { alternatives: [{ path: "mail.html" }] }, /^alternatives\[0\] has no contentType/],
    ["an alternative alone", { alternatives: { content: "Hello" } as never }, /^alternatives\[0\] has no contentType/],
    ["a part of MIME", { html: { raw: "Content-Type: text/html\r\n\r\nx" } }, /^html is neither a text nor/],
    ["another charset", { html: Buffer.from([0xe9]) }, /^html is not in UTF-8$/],
    [
      "Mailgun's variables",
      { headers: { "x-mailgun-recipient-variables": "{}" } },
      /^X-Mailgun-Recipient-Variables lets/,
    ],
    [
      "SendGrid's list",
      { headers: { "X-SMTPAPI": JSON.stringify({ unique_args: {}, to: ["a@example.com"] }) } },
      /^X-SMTPAPI lets the provider /,
    ],
    [
      "a header by which SendGrid sends it to others",
      { headers: { "X-SMTPAPI": JSON.stringify({ filters: { bcc: { settings: { enable: 1 } } } }) } },
      /^X-SMTPAPI lets the provider .* by "filters\.bcc"/,
    ],
  ])("%s", async (_, mail, sentence) => {
    const [name, ...message] = (await refusal(mail)).split(": ");
    expect([name, message.join(": ")]).toEqual(["DecorateError", expect.stringMatching(sentence)]);
  });

  it("a file that is not to be read stays unread", async () => {
    expect(await refusal({ html: { path: "/etc/hostname" }, disableFileAccess: true })).toMatch(/^Error: File access/);
  });

  it("one person twice is one recipient", async () => {
    expect((await send({ html: HTML, cc: "marie@example.com" })).to).toEqual(["marie@example.com"]);
  });

  it("a wrong option fails at once", () => {
    expect(() => waxseal({ ...OPTIONS, origin: "https://t.example.com/" })).toThrow(/^origin /);
    expect(() => waxseal({ ...OPTIONS, keys: "1:short" })).toThrow(/^keys are wrong: entry 1 /);
    expect(() => waxseal({ ...OPTIONS, bounceAddress: "bounces+x@example.com" })).toThrow(/^bounceAddress /);
  });
});

describe("templates", () => {
  it("are compiled once for all recipients, and variables filled for each", async () => {
    const copies: Decorated[] = [];
    const transporter = transporterWith({ variables: true, onCopy: (copy) => copies.push(copy) });
    const html = '<p>Dear {{name}}, <a href="https://example.com/">read on</a> {{unsubscribe}}</p>';
    for (const [person, name] of ["Anna", "Béa"].entries())
      await transporter.sendMail(mailTo({ html, waxseal: { ...MARIE, person, variables: { name } } }));
    expect(copies.map(({ html: copy }) => /Dear ([^,]+)/.exec(copy ?? "")?.[1])).toEqual(["Anna", "Béa"]);
    // The same object, not only one with the same id.
    expect(copies[0]?.links[0]).toBe(copies[1]?.links[0]);
    expect(copies.flatMap(({ warnings }) => warnings)).toEqual([]);
  });

  it("whose links differ from person to person are warned of, once", async () => {
    const written = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const warnings: string[] = [];
    const transporter = transporterWith();
    const telling = transporterWith({ onWarning: ({ code }) => warnings.push(code) });
    for (const person of [1, 2, 3, 4]) {
      const html = `<a href="https://example.com/account/${person}">Your account</a>`;
      await transporter.sendMail(mailTo({ html, waxseal: { ...MARIE, person } }));
      await telling.sendMail(mailTo({ html, waxseal: { ...MARIE, person } }));
    }
    expect(warnings).toEqual(["personal_links"]);
    expect(written.mock.calls.flat()).toEqual([expect.stringMatching(/^waxseal: email 1042: personal_links: /)]);
  });
});
