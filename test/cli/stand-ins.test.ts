/** What stands in the bundle in place of parts of libraries, and what a deploy makes of it all, against the libraries as they are. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BundleOptions, bundle, OWN_NAMES, STAND_INS, WORKER } from "../../src/cli/bundle.ts";
import { projectRoot } from "../../src/cli/project.ts";
import { readNamedCharacters } from "../../src/decorate/named-characters.ts";
import { sampleEmail } from "../../src/pages/sample-email.ts";
import type { TokenUse } from "../../src/token/claims.ts";
import { soups } from "../decorate/soups.ts";
import { abuseReport, dsn, raw, textBounce, unknownUser } from "../delivery/bounce-mail/mails.ts";
import vectors from "../token/vectors.json" with { type: "json" };
import lists from "../visitors/user-agents.json" with { type: "json" };
import { temporaryFolder } from "./command.ts";

async function imported<Module>(main: string, options: BundleOptions): Promise<Module> {
  const file = join(await temporaryFolder(), "module.mjs");
  await writeFile(file, (await bundle(main, options)).script);
  return await import(pathToFileURL(file).href);
}

/** A module of ours as it is deployed, and with the whole libraries as they are. */
async function bothOf<Module>(main: string): Promise<readonly [slim: Module, whole: Module]> {
  return [await imported<Module>(main, { deployed: true }), await imported<Module>(main, { whole: true })];
}

/** What the bundle may hold of our own: names from src/ and texts. */
async function ownFiles(): Promise<readonly (readonly [name: string, text: string])[]> {
  const src = join(projectRoot, "src");
  const names = (await readdir(src, { recursive: true })).filter((name) => /^(?!cli).*\.tsx?$/.test(name));
  expect(names.length).toBeGreaterThan(100);
  return await Promise.all(
    names.map(async (name) => [name, await readFile(join(src, name), "utf8")] as const),
  );
}

const bothScanners = () => bothOf<typeof import("../../src/decorate/scan.ts")>("src/decorate/scan.ts");
const bothReaders = () =>
  bothOf<typeof import("../../src/delivery/bounce-mail/mail.ts")>("src/delivery/bounce-mail/mail.ts");

const hrefsIn = ({ hrefs }: { readonly hrefs: readonly { readonly value: string }[] }) =>
  hrefs.map(({ value }) => value);

describe("the bundle", () => {
  it("holds each of the stand-ins, and nothing that they stand for", async () => {
    const { script } = await bundle(WORKER);
    for (const file of Object.values(STAND_INS)) expect(script).toContain(`\n// ${file}\n`);
    const parts = [...script.matchAll(/^\/\/ (?:node_modules\/)?(.+)$/gm)].map(([, part]) => part);
    expect(parts).toEqual(
      expect.arrayContaining(["parse5/dist/tokenizer/index.js", "postal-mime/dist/esm/mime-node.js"]),
    );
    for (const part of Object.keys(STAND_INS)) expect(parts).not.toContain(part);
    for (const leftOut of ["emitCurrentDoctype", "iso-ir-149"]) expect(script).not.toContain(leftOut);
  });

  it("holds no parse errors as it is deployed", async () => {
    const { script } = await bundle(WORKER, { deployed: true });
    expect(script).toContain("content-transfer-encoding");
    for (const error of ["eofInTag", "unexpectedNullCharacter", "missingAttributeValue"])
      expect(script).not.toContain(error);
  });

  it("shortens no property that our own files read", async () => {
    for (const [name, text] of await ownFiles()) {
      const read = [...text.matchAll(/\.([\w$]+)/g)].filter(([, property = ""]) => OWN_NAMES.test(property));
      // What stands in for hmac.ts reads none.
      if (name !== "token/hmac.ts") expect(read, name).toEqual([]);
    }
  });

  it("leaves out of Hono what none of our files calls", async () => {
    for (const [name, text] of await ownFiles()) expect(text, name).not.toMatch(/\.(?:mount|parseBody)\(/);
  });
});

describe("decorating", () => {
  it("knows all 2,231 names of characters, and reads each in a link as the library does, whatever is behind it", async () => {
    const [slim, whole] = await bothScanners();
    const { texts, bare } = readNamedCharacters();
    expect(texts.size + bare.size).toBe(2231);
    for (const [name, text] of texts) {
      const html = ["", ";", "=", ";=", "x", "9", "é", "&", " "]
        .map((behind) => `<a href="https://x.com/?&${name}${behind}">&${name}${behind}</a>`)
        .join("");
      const scan = slim.scanHtml(html);
      expect(hrefsIn(scan)[1]).toBe(`https://x.com/?${text}`);
      expect(JSON.stringify(scan)).toBe(JSON.stringify(whole.scanHtml(html)));
    }
  });

  it("reads every character reference by number as the library does", async () => {
    const [slim, whole] = await bothScanners();
    const numbers = [
      ...Array(0x180).keys(),
      0xd7ff,
      0xd800,
      0xdfff,
      0xe000,
      0xfffe,
      0x10ffff,
      0x110000,
      2 ** 60,
    ];
    for (const number of numbers) {
      const hexadecimal = number.toString(16);
      const html = [`#${number}`, `#x${hexadecimal}`, `#X${hexadecimal.toUpperCase()}`, `#00${number}`]
        .flatMap((reference) => [`${reference};`, reference, `${reference}g`, `${reference}=`])
        .map((reference) => `<a href='https://x.com/?&${reference}'>&${reference}`)
        .join("");
      expect(hrefsIn(slim.scanHtml(html))).toEqual(hrefsIn(whole.scanHtml(html)));
    }
  });

  it("finds in any markup what it finds with the whole libraries", async () => {
    const [slim, whole] = await bothScanners();
    const { texts, bare } = readNamedCharacters();
    const pieces = fc.constantFrom(
      ...["&", "&#", "&#x", ";", "=", "80", "ff", "0", "x", " ", '"', "'", "<", ">", "é", "\0", "\r\n"],
      ...["notit", "ampamp", "CounterClockwiseContourIntegral", "CounterClockwiseContourIntegralx", "apos"],
      ...bare,
      ...[...texts.keys()].slice(0, 200),
    );
    const references = fc
      .array(pieces, { maxLength: 12 })
      .map((all) => `<a href="https://x.com/?&${all.join("")}">${all.join("")}`);
    fc.assert(
      fc.property(fc.oneof(references, soups), (html) => {
        expect(JSON.stringify(slim.scanHtml(html))).toBe(JSON.stringify(whole.scanHtml(html)));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("sealing", () => {
  it("opens each token of the test vectors with the runtime's HMAC, and seals a mail as with the library's", async () => {
    const [slim, whole] = await bothOf<typeof import("../../src/waxseal.ts")>("src/waxseal.ts");
    const keys = slim.parseTokenKeys(vectors.token_keys);
    const wholeKeys = whole.parseTokenKeys(vectors.token_keys);
    if (!keys.ok || !wholeKeys.ok) throw new Error("the vectors' keys are none");
    for (const { use, claims, token } of vectors.valid)
      expect(slim.openToken(keys.value, use as TokenUse, token)).toEqual({ ok: true, value: claims });
    for (const { use, text, reason } of vectors.refused)
      expect(slim.openToken(keys.value, use as TokenUse, text)).toEqual({ ok: false, reason });
    const message = { email: "1", person: "2", campaign: "3" };
    const origin = "https://t.example.com";
    const sealed = slim.decorate(sampleEmail.html, { keys: keys.value, origin }, message);
    expect(sealed.links.length).toBeGreaterThan(3);
    const { html, links } = whole.decorate(sampleEmail.html, { keys: wholeKeys.value, origin }, message);
    expect(sealed).toMatchObject({ html, links });
  });
});

describe("reading bounce mails", () => {
  const mails: Readonly<Record<string, Uint8Array>> = {
    "a report": dsn({
      recipients: [unknownUser("marie@example.com")],
      original: ["From: news@mail.example.com", "Subject: =?utf-8?B?w4ZvbHVz?="],
    }),
    "a text": textBounce("<marie@example.com>: user unknown", ["Message-ID: <1@mx.example.com>"]),
    "a complaint": abuseReport("abuse", ["From: news@mail.example.com"], ["Source-IP: 192.0.2.1"]),
    "encoded words, charsets and base64": raw(
      "From: =?iso-8859-1?Q?Syst=E8me?= <MAILER-DAEMON@mx.example.com> (Postfix), x@example.com",
      "To: a@example.com, Group: b@example.com, c@example.com;",
      "Subject: =?utf-8?Q?Non_remis_=E2=80=93?= =?utf-8?Q?_suite?=",
      'Content-Type: multipart/mixed; boundary="b"',
      "",
      "--b",
      "Content-Type: text/plain; charset=windows-1252",
      "Content-Transfer-Encoding: quoted-printable",
      "",
      "Adresse inconnue=85",
      "--b",
      'Content-Type: text/rfc822-headers; name="x"',
      "Content-Transfer-Encoding: base64",
      "",
      "RnJvbTogbmV3c0BtYWlsLmV4YW1wbGUuY29t",
      "--b--",
    ),
    "charsets by all sorts of names": raw(
      `Subject: ${"latin2 ISO_8859-2:1987 koi8-r ms_kanji cp932 x-euc-jp ks_c_5601-1987 windows-1251 x-unknown hz-gb-2312 replacement utf-7 toString"
        .split(" ")
        .map((label) => `=?${label}?B?4uXx8g==?=`)
        .join(" ")}`,
      "From: a@example.com",
      "To: b@example.com",
      "",
      "Unknown user",
    ),
  };

  it.each(Object.entries(mails))("reads %s as with the whole library", async (_name, mail) => {
    const [slim, whole] = await bothReaders();
    const read = await slim.readMail(mail);
    expect(read?.headers.size).toBeGreaterThan(2);
    expect(read).toEqual(await whole.readMail(mail));
  });

  it("reads the sender of a mail and the words of one in HTML", async () => {
    const [slim] = await bothReaders();
    const read = await slim.readMail(
      raw(
        "From: =?utf-8?Q?Syst=C3=A8me?= <MAILER-DAEMON@mx.example.com>",
        "Content-Type: text/html",
        "",
        "<p>No &lt;marie@example.com&gt;<br>here</p>",
      ),
    );
    expect(read?.from).toBe("Système <MAILER-DAEMON@mx.example.com>");
    expect(read?.text.trim()).toBe("No <marie@example.com>\nhere");
  });
});

describe("telling devices", () => {
  it("reads each user agent of published lists as with the whole library", async () => {
    const [slim, whole] =
      await bothOf<typeof import("../../src/visitors/device.ts")>("src/visitors/device.ts");
    const userAgents = Object.values(lists).flatMap((list) => list.userAgents);
    const devices = userAgents.map(slim.deviceOf);
    expect(new Set(devices.map(({ platform }) => platform)).size).toBeGreaterThan(3);
    expect(devices).toEqual(userAgents.map(whole.deviceOf));
  });
});
