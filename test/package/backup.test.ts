/**
 * A Worker of this machine with history: backed up, and restored into another one, by the command of the packed file
 * and the real wrangler.
 */
import { appendFile, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { projectRoot } from "../../src/dev/project.ts";
import { makeTokenKey } from "../../src/tokens/keys.ts";
import { startTestWorker } from "../dev/test-worker.ts";
import { waxseal } from "./strangers.ts";

const SETTINGS = { TOKEN_KEYS: makeTokenKey({ id: 1, development: true }), API_KEYS: "wxs_dev_backup" };

let root = "";

/** As `npm run dev` has it in a checkout. */
async function checkoutNamed(name: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder);
  await copyFile(join(projectRoot, "wrangler.toml"), join(folder, "wrangler.toml"));
  return folder;
}

/** What `look` sees of the Worker of that folder. */
async function inWorker<Seen>(folder: string, look: (worker: LocalWorker) => Promise<Seen>): Promise<Seen> {
  const worker = await startTestWorker({ persistTo: join(folder, ".wrangler", "state", "v3"), settings: SETTINGS });
  try {
    return await look(worker);
  } finally {
    await worker.stop();
  }
}

/** Every row of every table, and what programs read. */
async function contentsOf({ d1, origin, apiKey }: LocalWorker): Promise<Readonly<Record<string, unknown>>> {
  const database = await d1();
  const { results: tables } = await database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' ORDER BY name")
    .all<{ name: string }>();
  const contents: Record<string, unknown> = {};
  for (const { name } of tables) {
    const { results } = await database.prepare(`SELECT * FROM "${name}"`).all();
    contents[name] = results.map((row) => JSON.stringify(row)).toSorted();
  }
  const { results: schema } = await database
    .prepare("SELECT name, sql FROM sqlite_master WHERE name NOT GLOB '_cf_*' ORDER BY name")
    .all<{ name: string; sql: string | null }>();
  contents.schema = schema.map(({ name, sql }) => [name, sql?.replace("CREATE TABLE IF NOT EXISTS", "CREATE TABLE")]);
  const read = async (path: string) =>
    await (await fetch(`${origin}${path}`, { headers: { Authorization: `Bearer ${apiKey}` } })).text();
  const feed: string[] = [];
  for (let cursor = ""; ; ) {
    const page = JSON.parse(await read(`/v1/events?limit=100${cursor}`));
    feed.push(...page.data.map((event: unknown) => JSON.stringify(event)));
    if (page.data.length < 100) break;
    cursor = `&cursor=${page.next}`;
  }
  const { data: emails } = JSON.parse(await read("/v1/reports/emails"));
  const sources = await Promise.all(
    emails.map(({ email }: { email: { id: string } }) => read(`/v1/emails/${email.id}/source`)),
  );
  return { ...contents, feed, emails, sources };
}

/** Two kept emails to forty people, who get it, leave, bounce and complain. */
async function mail({ origin, apiKey }: LocalWorker): Promise<void> {
  const post = async (path: string, body: object) => {
    const headers = { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" };
    const answer = await fetch(`${origin}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    expect([path, answer.ok, await answer.text()]).toEqual([path, true, expect.not.stringContaining('"rejected":[{')]);
  };
  // No retry of theirs becomes due meanwhile.
  const at = Date.now() - 600_000;
  const types = ["sent", "delivered", "unsubscribed", "soft_bounced", "complained"];
  for (const id of ["harvest", "2"]) {
    const email = { id, name: `Letter "${id}"; it's ready` };
    const html = `<p>${id}: <a href="https://example.com/${id}">read</a></p>`;
    await post("/v1/decorate", { email, campaign: 5, person: 1, html, keepSource: true });
    const events = Array.from({ length: 120 }, (_, index) => ({
      type: types[index < 80 ? index % 2 : 2 + (index % 3)],
      ...{ email, campaign: { id: "5" }, send: `s${index >> 1}` },
      person: { id: `p${index >> 1}`, address: `p${index >> 1}@example.com` },
      at: new Date(at + index * 1_000).toISOString(),
    }));
    await post("/v1/events", { events });
  }
  await post("/v1/suppressions", {
    suppressions: [{ address: "gone@example.com", reason: "unsubscribed", cause: "asked", who: "ana" }],
  });
  await post("/v1/webhook-endpoints", { url: "https://hooks.example/" });
}

/** Lets two hundred events be of a week ago, and moves them into the archive. */
async function archiveMost({ d1, origin, apiKey }: LocalWorker): Promise<void> {
  const headers = { Authorization: `Bearer ${apiKey}` };
  // Which counts all of the log.
  expect((await fetch(`${origin}/v1/reports/emails`, { headers })).status).toBe(200);
  await (await d1()).exec("UPDATE events SET recorded_at = recorded_at - 604800000 WHERE seq <= 200");
  const run = await fetch(`${origin}/v1/archive/run`, { method: "POST", headers, body: '{"olderThanDays":2}' });
  expect(await run.json()).toMatchObject({ written: [{ lastSeq: 200 }], more: false });
}

/** What is wrong with its archive. */
async function archiveFaults({ origin, apiKey }: LocalWorker): Promise<unknown> {
  const headers = { Authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${origin}/v1/archive/check`, { method: "POST", headers, body: '{"deep":true}' });
  return await answer.json();
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "waxseal-test-"));
  // As `npm install wrangler` there would.
  await mkdir(join(root, "node_modules"));
  await symlink(join(projectRoot, "node_modules", "wrangler"), join(root, "node_modules", "wrangler"));
  await inWorker(await checkoutNamed("first"), async (worker) => {
    await mail(worker);
    const database = await worker.d1();
    const odd = `It's "odd";\nINSERT INTO "events" ("seq") VALUES(1);\u2028\r—`;
    await database.batch([
      database.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('email', 'odd', ?1, '')").bind(odd),
      // No later event may get its seq.
      database.prepare("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)"),
    ]);
    await archiveMost(worker);
  });
});

afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));

describe("waxseal backup and restore", () => {
  it("make of a second, migrated Worker the first one: every table, the feed, and the kept emails", async () => {
    const first = join(root, "first");
    const second = await checkoutNamed("second");
    const made = await waxseal(["backup", "--local", "--out", "../copy"], { cwd: first });
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining("Keep TOKEN_KEYS with it") });
    expect(made.stderr).toContain("Exporting the database");
    const copy = join(root, "copy");
    const files = (await readdir(copy, { recursive: true })).toSorted();
    const emails = files.filter((name) => name.endsWith(".html"));
    const archived = files.filter((name) => name.startsWith("archive"));
    expect(files).toEqual([...archived, "emails", ...emails, "manifest.json", "waxseal.sql"]);
    expect([archived.at(-1), emails.length]).toEqual([expect.stringMatching(/-200\.\S+\.v1\./), 2]);
    for (const name of [".", ...files]) expect((await stat(join(copy, name))).mode & 0o077).toBe(0);
    await inWorker(second, async () => undefined);
    const { code, stdout, stderr } = await waxseal(["restore", "../copy", "--local"], { cwd: second });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("Filling it");
    expect(stdout).toContain("TOKEN_KEYS of the backup's");
    const was = await inWorker(first, contentsOf);
    const [is, faults] = await inWorker(
      second,
      async (worker) => [await contentsOf(worker), await archiveFaults(worker)] as const,
    );
    for (const [name, content] of Object.entries(was)) expect([name, is[name]]).toEqual([name, content]);
    expect(Object.keys(is)).toEqual(Object.keys(was));
    expect(faults).toMatchObject({ data: [], checked: { segments: 1 } });
    const manifest = JSON.parse(await readFile(join(copy, "manifest.json"), "utf8"));
    const events = was.events as readonly string[];
    expect(manifest).toMatchObject({ migration: "0000_log.sql", rows: { events: events.length } });
    expect(manifest.lastSeq).toBe(Math.max(...events.map((row) => JSON.parse(row).seq)) + 1);
    // The same names, and no row of another table.
    expect(manifest.rows).toEqual(
      Object.fromEntries(Object.keys(manifest.rows).map((name) => [name, (was[name] as readonly unknown[]).length])),
    );
  });

  it.each<[what: string, args: readonly string[], said: RegExp]>([
    ["into a database with events", ["restore", "../copy", "--local"], /not empty: \w+ has \d+ rows/],
    ["a folder without a manifest", ["restore", "..", "--local"], /is no backup/],
    ["over what is there", ["backup", "--local", "--out", "../copy"], /nothing is overwritten/],
    ["in a folder of no Worker", ["backup", "--local", "--folder", ".."], /has no wrangler\.json or wrangler\.toml/],
  ])("refuse %s", async (_, args, said) => {
    const { code, stderr } = await waxseal(args, { cwd: join(root, "first") });
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  it("refuse a backup that was changed, and leave the database as it was", async () => {
    await appendFile(join(root, "copy", "waxseal.sql"), "\n");
    const { code, stderr } = await waxseal(["restore", "../copy", "--local"], { cwd: await checkoutNamed("third") });
    expect([code, stderr]).toEqual([1, expect.stringContaining("waxseal.sql was changed or cut off")]);
  });

  it("refuse a database that was never migrated", async () => {
    const { code, stderr } = await waxseal(["backup", "--local"], { cwd: await checkoutNamed("fourth") });
    expect([code, stderr]).toEqual([1, expect.stringContaining("never migrated")]);
  });
});
