/** The command and the Worker of the packed file work where it is installed, without a checkout. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { WRANGLER } from "../../src/dev/project.ts";
import { freePort } from "../free-port.ts";
import { run, waxseal, write } from "./strangers.ts";

describe("the command", () => {
  it("says what it does", async () => {
    const { code, stdout } = await waxseal(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: waxseal");
  });

  it("decorates an email", async () => {
    const keys = (await waxseal(["keys", "new"])).stdout.trim();
    const mail = 'Subject: News\r\nContent-Type: text/html\r\n\r\n<p><a href="https://example.com">Read</a></p>\r\n';
    const path = await write("mail.eml", mail);
    const ids = ["--email", "1", "--person", "2", "--campaign", "3"];
    const where = ["--origin", "https://t.example.com", "--keys", keys];
    const { code, stdout, stderr } = await waxseal(["decorate", path, ...ids, ...where]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("https://t.example.com/c/");
    expect(stdout).toContain("List-Unsubscribe:");
  });
});

describe("the Worker", () => {
  it("serves from the packed files alone: it is healthy, decorates, and redirects", async () => {
    const [apiKey, tokenKeys] = await Promise.all(
      ["api", "new"].map(async (kind) => (await waxseal(["keys", kind])).stdout.trim()),
    );
    const origin = await startPackedWorker({ API_KEYS: apiKey ?? "", TOKEN_KEYS: tokenKeys ?? "" });
    const health = await fetch(`${origin}/healthz`);
    expect({ status: health.status, ...Object(await health.json()) }).toMatchObject({ status: 200, ok: true });
    const decorated = await fetch(`${origin}/v1/decorate`, {
      method: "POST",
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        ...{ email: { id: 1 }, person: { id: 2 }, campaign: { id: 3 } },
        html: '<a href="https://example.com/news">Read</a>',
      }),
    });
    const { html } = Object(await decorated.json());
    const [link = ""] = /http[^"]+\/c\/[^"]+/.exec(html) ?? [];
    const click = await fetch(link, { redirect: "manual" });
    expect([click.status, click.headers.get("Location")]).toEqual([302, "https://example.com/news"]);
    expect((await fetch(`${origin}/v1/docs`)).status).toBe(200);
  });
});

async function startPackedWorker(secrets: Readonly<Record<string, string>>): Promise<string> {
  const folder = inject("installedIn");
  const config = join(folder, "node_modules", "waxseal", "dist", "worker", "wrangler.json");
  const lines = Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`);
  const secretsFile = await write("secrets.env", lines.join(""));
  const state = ["--config", config, "--persist-to", join(folder, "state")];
  const env = { CI: "true", WRANGLER_HIDE_BANNER: "true" };
  const migrated = await run(process.execPath, [WRANGLER, "d1", "migrations", "apply", "DB", "--local", ...state], {
    env,
  });
  expect(migrated.code, migrated.stdout + migrated.stderr).toBe(0);
  const port = await freePort();
  const args = ["dev", ...state, "--env-file", secretsFile, "--port", `${port}`];
  const child = spawn(process.execPath, [WRANGLER, ...args], {
    cwd: folder,
    env: { ...process.env, ...env, WRANGLER_LOG: "error" },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
  });
  await once(child, "message");
  return `http://127.0.0.1:${port}`;
}
