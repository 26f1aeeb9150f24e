import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readDevVars } from "../../src/cli/dev-vars.ts";
import { createClient } from "../../src/client/index.ts";
import { exitOf, lastingCheckout, npmEnvironment } from "../cli/command.ts";
import { runningProcesses } from "./processes.ts";

interface Started {
  readonly child: ChildProcess;
  /** The address it announced, once it did. */
  readonly address: Promise<string>;
  readonly exit: Promise<number | null>;
}

/** A command at the head of a process group, as a shell starts it. */
function start(root: string, [command = "", ...args]: readonly string[]): Started {
  const child = spawn(command, args, {
    cwd: root,
    env: npmEnvironment(),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = exitOf(child);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, "SIGKILL");
    await exit;
  });
  const address = new Promise<string>((resolve, reject) => {
    let said = "";
    const listen = (chunk: Buffer) => {
      said += chunk.toString();
      const [, url] = /(?:Waxseal is running:|Ready on) (http:\/\/localhost:\d+)/.exec(said) ?? [];
      if (url !== undefined) resolve(url);
    };
    child.stdout?.on("data", listen);
    child.stderr?.on("data", listen);
    void exit.then((code) => reject(new Error(`ended with code ${code}:\n${said}`)));
  });
  // Nobody may ask for it.
  address.catch(() => undefined);
  return { child, address, exit };
}

async function groupOf({ pid }: ChildProcess): Promise<string[]> {
  return (await runningProcesses()).filter(({ group }) => group === pid).map(({ name }) => name);
}

/** What the address that is announced leads to, as a browser follows it. */
async function firstPage(address: string): Promise<string> {
  const signedIn = await fetch(address, { redirect: "manual" });
  const [Cookie = ""] = signedIn.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
  const page = await fetch(new URL(signedIn.headers.get("Location") ?? "", address), { headers: { Cookie } });
  return await page.text();
}

const FIRST_PAGE = "<title>Try it · Waxseal</title>";
/** On a busy machine processes take their time to end. */
const ENDING = { timeout: 30_000 };
/** Of the feed: those of the seed history. */
const TYPES = [
  ...(["sent", "delivered", "hard_bounced", "soft_bounced"] as const),
  ...(["opened", "clicked", "unsubscribed"] as const),
];
const DEV = [process.execPath, "src/dev/dev.ts"];

/** One for all, fresh for the first. */
let root: string;
beforeAll(async () => {
  const checkout = await lastingCheckout();
  root = checkout.root;
  return checkout.remove;
});

describe("plain wrangler dev", () => {
  it("serves from a fresh checkout without .dev.vars, follows changes of the API, and ends on SIGTERM", async () => {
    const wrangler = join(root, "node_modules", ".bin", "wrangler");
    const { child, address } = start(root, [wrangler, "dev", "--port", "0"]);
    expect((await fetch(`${await address}/healthz`)).status).toBe(200);
    expect(await firstPage(await address)).toContain(FIRST_PAGE);
    const viewer = await fetch(`${await address}/v1/docs/swagger-ui-bundle.js`);
    expect([viewer.status, (await viewer.arrayBuffer()).byteLength > 1_000_000]).toEqual([200, true]);
    // It describes the operations as they are, also while they are edited.
    const describes = async (summary: string) =>
      (await (await fetch(`${await address}/v1/openapi.json`)).text()).includes(`"summary":"${summary}"`);
    expect(await describes("List due retries")).toBe(true);
    const file = join(root, "src", "retries", "api.ts");
    const source = await readFile(file, "utf8");
    await writeFile(file, source.replace('"List due retries"', '"List late retries"'));
    await expect.poll(() => describes("List late retries")).toBe(true);
    expect(await groupOf(child)).toContain("workerd");
    child.kill("SIGTERM");
    await expect.poll(() => groupOf(child), ENDING).toEqual([]);
    await writeFile(file, source);
  });
});

describe("npm run dev", () => {
  it("serves at another port when 8787 is taken, and ends on Ctrl-C, which reaches all processes", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) =>
      taken.once("error", () => resolve()).listen(8787, "127.0.0.1", () => resolve()),
    );
    onTestFinished(() => void taken.close());
    const { child, address, exit } = start(root, DEV);
    const origin = await address;
    expect(origin).not.toBe("http://localhost:8787");
    expect((await fetch(`${origin}/healthz`)).status).toBe(200);
    expect(await firstPage(origin)).toContain(FIRST_PAGE);
    await expectMonthOfMail(origin);
    expect(await groupOf(child)).toContain("workerd");
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await exit).toBe(0);
    await expect.poll(() => groupOf(child), ENDING).toEqual([]);
  });

  it("ends on SIGTERM, also before it serves", async () => {
    const { child, exit } = start(root, [...DEV, "--port", "0"]);
    // Its own process, and those of wrangler.
    await expect.poll(async () => (await groupOf(child)).length).toBeGreaterThan(1);
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
    await expect.poll(() => groupOf(child), ENDING).toEqual([]);
  });
});

/** What fills an empty log: five emails, each with what becomes of emails. */
async function expectMonthOfMail(origin: string): Promise<void> {
  const { API_KEYS: apiKey = "" } = await readDevVars(join(root, ".dev.vars"));
  const api = createClient({ origin, apiKey });
  const query = { limit: 1_000 };
  const emails = async () => (await api.GET("/v1/reports/emails", { params: { query } })).data?.data ?? [];
  await expect.poll(async () => (await emails()).map(({ opened }) => opened > 10)).toEqual(Array(5).fill(true));
  for (const type of TYPES) {
    const { data } = await api.GET("/v1/events", { params: { query: { type, limit: 1 } } });
    expect(data?.data, type).toMatchObject([{ type }]);
  }
  for (const { email, sent, opened, clicked, bots } of await emails())
    expect([sent > opened, opened > clicked, bots.clicks > 0], String(email?.id)).toEqual([true, true, true]);
}
