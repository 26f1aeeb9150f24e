/** The pages of README.md and docs/ are whole: links lead somewhere, and what they list is what there is. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { unstable_readConfig } from "wrangler";
import { BOT_PATTERNS } from "../../src/bots/bot.ts";
import { EnvironmentVariables } from "../../src/config/variables.ts";
import { PROVIDERS } from "../../src/delivery/providers/index.ts";
import { makeApiDocument } from "../../src/dev/api-document.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { FEED_TYPES } from "../../src/feed/event-answer.ts";
import { ACTIVITY_TYPES } from "../../src/marketo/activity-types.ts";
import { HONEYPOT_LINK_ID } from "../../src/tokens/claims.ts";
import type { OpenApiDocument } from "../http/answer-check.ts";
import { anchorsIn, codeInColumn, linksIn, type Page, readPages } from "./markdown.ts";

const LONGEST_LINE = 120;
const README_BYTES = 6 * 1024;

const pages = await readPages();
const pageAt = (path: string): Page => {
  const page = pages.find((each) => each.path === path);
  if (page === undefined) throw new Error(`there is no ${path}`);
  return page;
};
/** Of each file of src/. */
const allSources = async () => {
  const files = (await readdir(join(projectRoot, "src"), { recursive: true })).filter((name) => name.endsWith(".ts"));
  return await Promise.all(files.map((name) => sourceOf(`src/${name}`)));
};
const sourceOf = (path: string) => readFile(join(projectRoot, path), "utf8");

describe.each(pages)("$path", (page) => {
  it("links to files and headings that are there", () => {
    for (const target of linksIn(page).filter((each) => !/^https?:/.test(each))) {
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page.path : normalize(join(dirname(page.path), file));
      expect(existsSync(join(projectRoot, path)), `${page.path} → ${target}`).toBe(true);
      if (anchor !== undefined && path.endsWith(".md"))
        expect([...anchorsIn(pageAt(path))], `${page.path} → ${target}`).toContain(anchor);
    }
  });

  it("names files that are there", () => {
    const paths = [...page.text.matchAll(/`((?:src|test|migrations|docs)\/[\w/.-]+)`/g)].map(([, path = ""]) => path);
    for (const path of paths) expect(existsSync(join(projectRoot, path)), path).toBe(true);
  });

  it("has no line longer than 120 characters", () => {
    const long = page.text.split("\n").filter((line) => line.length > LONGEST_LINE);
    expect(long).toEqual([]);
  });
});

describe("README.md", () => {
  it("is at most 6 KB", () => {
    expect(Buffer.byteLength(pageAt("README.md").text)).toBeLessThanOrEqual(README_BYTES);
  });
});

/** What access.md calls a part of the API. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["/v1/clients", "clients"],
  ["/v1/dead-letters", "dead letters"],
  ["/v1/archive", "the archive"],
  ["/v1/settings", "settings"],
  ["/v1/people", "people"],
  ["/v1/webhook-endpoints", "webhook endpoints"],
]);

/** Of the page "Try it", which no deployed Worker has. */
const LOGGED_IN_DEVELOPMENT = ["reader not stored"];
/** What answers is no operation. */
const UNDESCRIBED = ["GET /v1/openapi.json"];

/** The names of constants that a list has, as names of languages, sorted. */
function languagesIn(found: readonly string[] | null): readonly string[] {
  const [, list = ""] = found ?? [];
  const names = [...list.matchAll(/\b([A-Z])([A-Z]+)\b/g)].map(
    ([, first, rest = ""]) => `${first}${rest.toLowerCase()}`,
  );
  return names.flatMap((name) => (name === "Nordic" ? ["Danish", "Norwegian", "Swedish"] : [name])).toSorted();
}

describe("what the pages list", () => {
  it("settings.md names every setting", () => {
    const named = codeInColumn(pageAt("docs/settings.md"), 0);
    const { vars } = unstable_readConfig({ config: join(projectRoot, "wrangler.toml") });
    const settings = new Set([...Object.keys(EnvironmentVariables.entries), ...Object.keys(vars)]);
    expect(named.toSorted()).toEqual([...settings].toSorted());
  });

  it("errors.md names every code", async () => {
    const sources = await allSources();
    const codes = sources.flatMap((source) =>
      [...source.matchAll(/\bcode: "([a-z_]+)"/g)].map(([, code = ""]) => code),
    );
    expect(codes.length).toBeGreaterThan(5);
    expect(new Set(codeInColumn(pageAt("docs/errors.md"), 1))).toEqual(new Set(codes));
  });

  it("providers.md has a row for every provider, whose page names its webhook and its variable", () => {
    const { text } = pageAt("docs/providers.md");
    for (const [name, { setting }] of PROVIDERS) {
      const row = text.split("\n").find((line) => line.startsWith("| [") && line.includes(`](providers/${name}.md) |`));
      expect(row, name).toContain(`| \`${setting.variable}\``);
      const page = pageAt(`docs/providers/${name}.md`).text;
      expect(page).toContain(`/v1/webhooks/${name}`);
      expect(page).toContain(setting.variable);
    }
  });

  it("command-line.md names every command and option of decorate", async () => {
    const { text } = pageAt("docs/command-line.md");
    const sources = await Promise.all(
      (await readdir(join(projectRoot, "src/cli")))
        .filter((name) => name.endsWith("-command.ts"))
        .map((name) => sourceOf(`src/cli/${name}`)),
    );
    for (const source of sources) {
      const [, group = ""] = /program\s*\.command\("([\w-]+)"\)/.exec(source) ?? [];
      expect(text).toContain(`waxseal ${group}`);
      const commands = [...source.matchAll(/(?<!program\s*)\.command\("([\w-]+)"\)/g)].map(([, name = ""]) => name);
      for (const name of commands) expect(text).toContain(`waxseal ${group} ${name}`);
    }
    const decorate = sources.find((source) => source.includes('.command("decorate")')) ?? "";
    const options = [...decorate.matchAll(/"(--[a-z-]+)[ "]/g)].map(([, name = ""]) => name);
    expect(options.length).toBeGreaterThan(5);
    for (const option of options) expect(text).toContain(option);
  });

  it("package.md names the file that npm packs", async () => {
    const { name, version } = JSON.parse(await sourceOf("package.json"));
    expect(pageAt("docs/package.md").text).toContain(`npm install ../waxseal/${name}-${version}.tgz`);
  });

  it("bots.md names every pattern, and the honeypot's link id", () => {
    const { text } = pageAt("docs/bots.md");
    for (const pattern of Object.values(BOT_PATTERNS)) expect(text).toContain(`\`${pattern}`);
    expect(text).toContain(`link id is \`${HONEYPOT_LINK_ID}\``);
  });

  it("bounce-mails.md names every language whose words are read", async () => {
    const words = await sourceOf("src/delivery/bounce-mail/failure-words.ts");
    const phrases = await sourceOf("src/delivery/phrases/languages.ts");
    const failures = languagesIn(/UNDELIVERED = anyOf\(\s*\[([^\]]*)/.exec(words));
    const recipients = languagesIn(/NO_SUCH_RECIPIENT_IN_OTHER_LANGUAGES: [^=]* = \[([^\]]*)/.exec(phrases));
    const text = pageAt("docs/bounce-mails.md").text.replaceAll(/\s+/g, " ");
    const [, notices = "", more = ""] =
      /write in words, in ([^;]*);.* in those languages, and in ([^.]*)\./.exec(text) ?? [];
    const namesIn = (list: string) => list.split(/, | and /).toSorted();
    expect(namesIn(notices)).toEqual(failures);
    expect(namesIn(more)).toEqual(recipients.filter((language) => !failures.includes(language)));
    expect(pageAt("CHANGELOG.md").text).toContain(`read in ${failures.length} languages`);
  });

  it("design/suppressions.md names every file that inserts suppressions", async () => {
    const files = (await readdir(join(projectRoot, "src"), { recursive: true })).filter((name) => name.endsWith(".ts"));
    const sources = await Promise.all(
      files.map(async (name) => [`src/${name}`, await sourceOf(`src/${name}`)] as const),
    );
    const inserting = sources.flatMap(([path, source]) =>
      source.includes(`INSERT INTO ${"$"}{suppressions}`) ? [path] : [],
    );
    const { text } = pageAt("docs/design/suppressions.md");
    const [, said = ""] = /## Who writes\n([\s\S]*?)\nComplaints/.exec(text) ?? [];
    expect([...said.matchAll(/^\| `(.*?)`/gm)].map(([, path]) => path).toSorted()).toEqual(inserting.toSorted());
  });

  it("archive.md has the id of every type of event, and events.md its name in the feed", () => {
    const ids = Object.values(EVENT_TYPES).map(({ id }) => String(id));
    for (const id of ids) expect(pageAt("docs/archive.md").text).toMatch(new RegExp(`^\\|.*\\b${id} \\| `, "m"));
    const { text } = pageAt("docs/events.md");
    for (const type of Object.keys(FEED_TYPES)) expect(text).toContain(`\`${type}\``);
  });

  it("marketo.md names every error code", async () => {
    const [, codes = ""] = /MESSAGES = \{([^}]*)\}/.exec(await sourceOf("src/marketo/envelope.ts")) ?? [];
    const [, table = ""] = /## Errors\n([\s\S]*)/.exec(pageAt("docs/marketo.md").text) ?? [];
    const named = [...table.matchAll(/^\| (\d[\d, ]*) \|/gm)].flatMap(([, cell = ""]) => cell.split(", "));
    expect(named.toSorted()).toEqual([...codes.matchAll(/"(\d+)":/g)].map(([, code]) => code).toSorted());
  });

  it("marketo.md names every activity type", () => {
    const { text } = pageAt("docs/marketo.md");
    for (const { id, name } of ACTIVITY_TYPES) expect(text).toContain(`| ${name} | ${id} |`);
  });

  it("operate.md names lines that the Worker logs, and every error among them", async () => {
    const lines = codeInColumn(pageAt("docs/operate.md"), 0).filter((line) => line.includes(" "));
    const sources = await allSources();
    for (const line of lines)
      expect(
        sources.some((source) => source.includes(`"${line}`)),
        line,
      ).toBe(true);
    const errors = sources.flatMap((source) =>
      [...source.matchAll(/\b(?:logger\.error|logFailure|commitInTime)\((?:.*, )?"([^"]+)"/g)].map(
        ([, text = ""]) => text,
      ),
    );
    expect(errors.length).toBeGreaterThan(20);
    for (const error of errors) expect([...lines, ...LOGGED_IN_DEVELOPMENT]).toContain(error);
  });

  it("access.md says what only the scope admin allows", async () => {
    const app = await sourceOf("src/app.ts");
    const paths = [...app.matchAll(/"(\/v1\/[\w-]+)[^"]*": \{([^}]*)\}/g)];
    const rooms = Map.groupBy(paths, ([, room = ""]) => room);
    const methodsOf = (room: string) =>
      (rooms.get(room) ?? []).flatMap(([, , text = ""]) => [
        ...text.matchAll(/\b([A-Z]+): (.*?)(?=, [A-Z]+: |,?\s*$)/gm),
      ]);
    const alone = [...rooms.keys()].flatMap((room) => {
      const methods = methodsOf(room);
      const isAdmins = ([, , handler = ""]: RegExpExecArray) => handler.includes("admin(");
      if (methods.every(isAdmins)) return [WORDS.get(room) ?? room];
      return methods.filter(isAdmins).map(([, method]) => `\`${method} ${room}\``);
    });
    expect(alone.length).toBeGreaterThan(5);
    const [, said = ""] = /^Only `admin` allows ([\s\S]*?)\n\n/m.exec(pageAt("docs/access.md").text) ?? [];
    for (const each of alone) expect(said.replaceAll(/\s+/g, " ")).toContain(each);
  });

  it("docs/ names every path of /v1", async () => {
    const paths = [...(await sourceOf("src/app.ts")).matchAll(/"(\/v1\/[\w/.-]+)"/g)].map(([, path = ""]) => path);
    const text = pages.map((page) => page.text).join("\n");
    expect(paths.length).toBeGreaterThan(10);
    for (const path of paths) expect(text, path).toContain(path.replace(/\.csv$/, ""));
  });

  it("names no call of /v1 that there is none of", async () => {
    const { paths } = JSON.parse(await makeApiDocument()) as OpenApiDocument;
    // Written without names: "<provider>" in prose is "{provider}" in the document.
    const formOf = (path: string) => path.replaceAll(/[<{][^>}]*[>}]/g, "{}");
    const there = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${formOf(path)}`),
    );
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/\b(GET|POST|PUT|PATCH|DELETE)\s+(\/v1\/[a-z/.-]*(?:[<{]\w+[>}][a-z/.-]*)*)/g)].map(
        ([, method, call = ""]) => ({ path, call: `${method} ${formOf(call.replace(/[.]$/, ""))}` }),
      ),
    );
    expect(named.length).toBeGreaterThan(50);
    for (const { path, call } of named) expect([...there, ...UNDESCRIBED], path).toContain(call);
  });
});
