import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import iconv from "iconv-lite";
import { describe, expect, it } from "vitest";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { KEYS, spawnWaxseal, temporaryFolder, waxseal } from "./command.ts";

const ORIGIN = "https://t.example.com";
const FOR_MARIE = ["--email", "1042", "--person", "7", "--campaign", "88012", "--origin", ORIGIN, "--keys", KEYS];

/** The destination and id of each click address, in order. */
function clicksIn(text: string) {
  const keys = parseTokenKeys(KEYS);
  if (!keys.ok) throw new Error(keys.reason);
  return text
    .split(`${ORIGIN}/c/`)
    .slice(1)
    .map((rest) => verifyToken(keys.value, "click", rest))
    .map((claims) => (claims.ok ? claims.value.link : claims.reason));
}

/** The text without what decorating put in: pixel, and token in place of each address. */
function undecorated(html: string, addresses: readonly string[]): string {
  let next = 0;
  return html
    .replace(/<img src="[^"]*\/o\/[^>]*>/, "")
    .replace(/https:\/\/t\.example\.com\/c\/[\w-]+/g, () => addresses[next++] ?? "");
}

describe("waxseal decorate", () => {
  it("decorates an HTML file to standard output, and prints the header fields beside it", async () => {
    const input = Buffer.from('<p>Hi <a href="https://a.example/?x=1&amp;y=2#z">a</a></p>');
    const { code, stdout, stderr } = await spawnWaxseal(["decorate", "-", ...FOR_MARIE], { input });
    expect(code).toBe(0);
    expect(clicksIn(stdout)).toEqual([{ id: expect.any(String), url: "https://a.example/?x=1&y=2#z" }]);
    expect(stdout).toContain(`<img src="${ORIGIN}/o/`);
    expect(stderr).toMatch(/^List-Unsubscribe: <https:\/\/t\.example\.com\/u\/[\w-]+>$/m);
    expect(stderr).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
    expect(stderr).toMatch(/^X-Waxseal-Message: [\w-]+$/m);
  });

  it("prints the envelope sender where bounces have an address", async () => {
    const flags = [...FOR_MARIE, "--bounce-address", "bounces@mail.example.com"];
    const { stderr } = await waxseal(["decorate", "-", ...flags], { input: Buffer.from("<p>Hi</p>") });
    const [, token = ""] = /envelope sender\): bounces\+([a-z2-7]+)@mail\.example\.com$/m.exec(stderr) ?? [];
    const keys = parseTokenKeys(KEYS);
    expect(keys.ok && verifyToken(keys.value, "message", token)).toMatchObject({ ok: true, value: { person: "7" } });
  });

  it.each([
    ["iso-8859-5", "Привет"],
    ["windows-1252", "Été à 5 €"],
    ["shift_jis", "日本語"],
    ["utf-8", "Grüße 😀"],
  ])("keeps every other byte of a file in %s", async (charset, words) => {
    const link = `<a href="https://a.example/">${words}</a>`;
    const html = `<html><head><meta charset="${charset}"></head><body>${words} ${link}</body></html>`;
    const input = iconv.encode(html, charset);
    const { code, stdout } = await waxseal(["decorate", "-", ...FOR_MARIE], { input });
    expect(code).toBe(0);
    expect(undecorated(stdout, ["https://a.example/"])).toBe(input.toString("latin1"));
  });

  it("shows nothing of a mail as a control sequence", async () => {
    const input = Buffer.from('<a href="/c\u009b31m\u202e">a</a>');
    const { stderr } = await waxseal(["decorate", "-", ...FOR_MARIE], { input });
    expect(stderr).toContain("/c%C2%9B31m%E2%80%AE");
    expect(stderr).not.toMatch(/[\u009b\u202e]/);
  });

  it("reads the letters of an address in the charset of the file", async () => {
    const html =
      '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><a href="https://a.example/été">x</a>';
    const { stdout } = await waxseal(["decorate", "-", ...FOR_MARIE], {
      input: iconv.encode(html, "windows-1252"),
    });
    expect(clicksIn(stdout)).toEqual([{ id: expect.any(String), url: "https://a.example/été" }]);
  });

  it.each([
    ["UTF-16", "utf-16le", "", "it seems to be in UTF-16 or UTF-32 without a byte order mark"],
    ["UTF-16", "utf-16be", "", "it seems to be in UTF-16 or UTF-32 without a byte order mark"],
    ["UTF-32", "utf-32le", "\ufeff", "it is in UTF-32, which mail clients do not read"],
  ])("refuses a file in %s (%s) that a mail client would not read", async (_name, charset, mark, complaint) => {
    const html = `${mark}<html><body><a href="https://a.example/">Grüße</a></body></html>`;
    const input = iconv.encode(html, charset, { addBOM: false });
    expect(await waxseal(["decorate", "-", ...FOR_MARIE], { input })).toEqual({
      code: 1,
      stdout: "",
      stderr: `waxseal: - cannot be read: ${complaint}.\nSave it as UTF-8 and try again.\n`,
    });
  });

  it("keeps bytes that are not of the charset the file names, and leaves an address with one alone", async () => {
    const html = (href: string) =>
      `\ufeff<meta charset=utf-8>\r\n<p>caf\xe9\0\r\n` +
      `<a href="https://a.example/caf\xe9">\xff</a><a href="${href}">é</a>`;
    const input = Buffer.from(html("https://a.example/").replace("\ufeff", "\xef\xbb\xbf"), "latin1");
    const { code, stdout, stderr } = await waxseal(["decorate", "-", ...FOR_MARIE], { input });
    expect(code).toBe(0);
    expect(clicksIn(stdout)).toEqual([{ id: expect.any(String), url: "https://a.example/" }]);
    expect(undecorated(stdout, ["https://a.example/"])).toBe(input.toString("latin1"));
    expect(stderr).toContain("malformed https://a.example/caf");
  });

  it("decorates a whole message: HTML, text and header, with the same link ids and one message token", async () => {
    const folder = await temporaryFolder();
    const message = [
      "Subject: a",
      "List-Unsubscribe: <mailto:old@example.com>",
      'Content-Type: multipart/alternative; boundary="b"',
      "",
      "--b",
      "Content-Type: text/plain; charset=utf-8",
      "",
      "See https://a.example/ or {{unsubscribe}}",
      "--b",
      "Content-Type: text/html; charset=utf-8",
      "Content-Transfer-Encoding: base64",
      "",
      Buffer.from('<a href="https://a.example/">a</a>').toString("base64"),
      "--b--",
      "",
    ].join("\r\n");
    await writeFile(join(folder, "mail.eml"), message);
    const { code, stdout, stderr } = await waxseal(["decorate", "mail.eml", ...FOR_MARIE, "--out", "signed.eml"], {
      cwd: folder,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toBe("note The List-Unsubscribe in the header was replaced.\n");
    const signed = await readFile(join(folder, "signed.eml"), "latin1");
    const [header = "", text = "", html = ""] = signed.split("--b\r\n");
    expect(header).toMatch(
      new RegExp(
        [
          "^List-Unsubscribe: <https://t\\.example\\.com/u/[\\w-]+>",
          "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
          "X-Waxseal-Message: [\\w-]+",
          "Subject: a\r\n",
        ].join("\r\n"),
      ),
    );
    expect(header).not.toContain("mailto");
    const [unsubscribe] = /https:\/\/t\.example\.com\/u\/[\w-]+/.exec(header) ?? [];
    expect(text).toContain(` or ${unsubscribe}\r\n`);
    const decodedHtml = Buffer.from(html.split("\r\n\r\n")[1] ?? "", "base64").toString();
    expect(clicksIn(text)).toEqual(clicksIn(decodedHtml));
    expect(clicksIn(text)).toEqual([{ id: expect.any(String), url: "https://a.example/" }]);
  });

  it("finds keys and origin in .dev.vars of its folder, and the environment before them", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, ".dev.vars"), `TOKEN_KEYS="${KEYS}"\nTRACKING_ORIGIN="https://stored.example"\n`);
    const ids = FOR_MARIE.slice(0, 6);
    const input = Buffer.from("<p>a</p>");
    expect((await waxseal(["decorate", "-", ...ids], { cwd: folder, input })).stdout).toContain(
      "https://stored.example/o/",
    );
    const env = { TRACKING_ORIGIN: "https://environment.example" };
    expect((await waxseal(["decorate", "-", ...ids], { cwd: folder, input, env })).stdout).toContain(
      "https://environment.example/o/",
    );
  });

  it("names links that it left alone on standard error, and succeeds", async () => {
    const input = Buffer.from('<a href="/relative">a</a>');
    const { code, stderr } = await waxseal(["decorate", "-", ...FOR_MARIE], { input });
    expect(code).toBe(0);
    expect(stderr).toContain("relative /relative");
  });

  it("fills the placeholders that are named, by options or by the setting", async () => {
    const input = Buffer.from("<p>*|UNSUB|* [[stop]] {{unsubscribe}}</p>");
    const filled = async (args: readonly string[], env = {}) => {
      const { stdout } = await waxseal(["decorate", ...FOR_MARIE, ...args, "-"], { input, env });
      return stdout.replace(/https:\/\/t\.example\.com\/u\/[\w-]+/g, "X").replace(/<img.*>/, "");
    };
    const placeholder = "--unsubscribe-placeholder";
    expect(await filled([placeholder, "*|UNSUB|*", placeholder, "[[stop]]"])).toBe("<p>X X X</p>");
    expect(await filled([], { UNSUBSCRIBE_PLACEHOLDERS: " *|UNSUB|* [[stop]] " })).toBe("<p>X X X</p>");
    expect(await filled([])).toBe("<p>*|UNSUB|* [[stop]] X</p>");
  });

  it("leaves links and pixel out of a message without tracking, and still adds the unsubscribe header", async () => {
    const folder = await temporaryFolder();
    const body = '<a href="https://a.example/">a</a> <a href="{{unsubscribe}}">stop</a>';
    const message = `Subject: x\r\nContent-Type: text/html\r\n\r\n${body}\r\n`;
    await writeFile(join(folder, "mail.eml"), message);
    const none = ["--tracking", "none", "--honeypot-link"];
    const { stdout } = await waxseal(["decorate", "mail.eml", ...FOR_MARIE, ...none], { cwd: folder });
    const [, unsubscribe = ""] = /^List-Unsubscribe: <([^>]*)>/m.exec(stdout) ?? [];
    expect(unsubscribe).toMatch(/^https:\/\/t\.example\.com\/u\/[\w-]+$/);
    expect(stdout).toContain("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
    expect(stdout.slice(stdout.indexOf("\r\n\r\n") + 4)).toBe(`${body.replace("{{unsubscribe}}", unsubscribe)}\r\n`);
  });

  it("names the same pseudonym in every anonymous copy", async () => {
    const input = Buffer.from('<a href="https://a.example/">a</a>');
    const anonymous = ["decorate", "-", ...FOR_MARIE, "--tracking", "anonymous"];
    const [one, other] = [await waxseal(anonymous, { input }), await waxseal(anonymous, { input })];
    expect(one.stdout).toBe(other.stdout);
    expect(one.stdout).not.toBe((await waxseal(["decorate", "-", ...FOR_MARIE], { input })).stdout);
  });

  it("places the pixel at the top of the body when asked to, and warns of what is about the whole mail", async () => {
    const body = `<body><p>${"a".repeat(102_400)}</p></body>`;
    const top = await waxseal(["decorate", "-", ...FOR_MARIE, "--pixel", "top"], { input: Buffer.from(body) });
    expect(top.stdout).toMatch(/^<body><img [^>]*><p>a/);
    expect(top.stderr).toMatch(/^clipped The HTML is longer than 102,400 bytes/m);
    expect(
      (await waxseal(["decorate", "-", ...FOR_MARIE, "--pixel", "middle"], { input: Buffer.from(body) })).code,
    ).toBe(2);
  });

  it("puts the honeypot in when asked to, into the HTML alone", async () => {
    const input = Buffer.from('<a href="https://a.example/">a</a>');
    const ids = async (...flags: string[]) => {
      const { stdout } = await waxseal(["decorate", "-", ...FOR_MARIE, ...flags], { input });
      return clicksIn(stdout).map((link) => (typeof link === "string" ? link : link.id));
    };
    const [id] = await ids();
    expect(await ids("--honeypot-link")).toEqual([id, "honeypot"]);
    expect(await ids("--honeypot-link", "--format", "text")).not.toContain("honeypot");
  });

  it("warns of a developer's key, unless the links lead to this machine", async () => {
    const input = Buffer.from("<p>a</p>");
    const development = ["--keys", KEYS.replace("1:", "1:dev:")];
    const warning = "Signed with a developer's key";
    expect((await waxseal(["decorate", "-", ...FOR_MARIE, ...development], { input })).stderr).toContain(warning);
    const local = [...development, "--origin", "http://localhost:8787"];
    expect((await waxseal(["decorate", "-", ...FOR_MARIE, ...local], { input })).stderr).not.toContain(warning);
    expect((await waxseal(["decorate", "-", ...FOR_MARIE], { input })).stderr).not.toContain(warning);
  });

  it("ends with code 1 when it cannot write where it should", async () => {
    const out = ["--out", join("no", "such", "folder.html")];
    const { code, stderr } = await waxseal(["decorate", "-", ...FOR_MARIE, ...out], {
      input: Buffer.from("a"),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^waxseal: no\/such\/folder\.html cannot be written: .*\nCheck the path given by --out\.\n$/,
    );
  });

  it("ends with code 1 on a file that is not what it is said to be", async () => {
    const { code, stdout, stderr } = await waxseal(["decorate", "-", ...FOR_MARIE, "--format", "eml"], {
      input: Buffer.from("<p>a</p>"),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("does not begin with a header.\nIs it a message as it is sent");
  });

  it.each([
    ["without an id", ["decorate", "-"], "--email"],
    [
      "with an empty placeholder",
      ["decorate", "-", ...FOR_MARIE, "--unsubscribe-placeholder", " "],
      "--unsubscribe-placeholder contains",
    ],
    ["with an id that is none", ["decorate", "-", ...FOR_MARIE, "--person", "a b"], "person is not an id"],
    [
      "with keys that are none",
      ["decorate", "-", ...FOR_MARIE, "--keys", "1:x"],
      "entry 1 has a secret that is not 32 bytes",
    ],
    [
      "with an origin that is none",
      ["decorate", "-", ...FOR_MARIE, "--origin", "t.example.com"],
      "origin is not an origin",
    ],
    ["without keys", ["decorate", "-", ...FOR_MARIE.slice(0, 8)], "waxseal keys new"],
    ["without an origin", ["decorate", "-", ...FOR_MARIE.slice(0, 6), "--keys", KEYS], "--origin"],
    ["without the file", ["decorate", "nowhere.html", ...FOR_MARIE], "nowhere.html cannot be read"],
    ["with another tracking", ["decorate", "-", ...FOR_MARIE, "--tracking", "some"], "full, anonymous, none"],
  ])("ends with code 2 and says what to do %s", async (_how, args, words) => {
    const { code, stdout, stderr } = await waxseal(args, { input: Buffer.from("<p>a</p>") });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("    at ");
  });

  it("ends with code 1 on an email that no server would take", async () => {
    const { code, stderr } = await waxseal(["decorate", "-", ...FOR_MARIE], {
      input: Buffer.alloc(25_000_001, "a"),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("25,000,000");
  });
});
