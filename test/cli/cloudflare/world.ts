/** Runs `waxseal deploy` against a Cloudflare of the test's, and answers for the Worker at its address. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { CommandError } from "../../../src/cli/command-error.ts";
import { deploy } from "../../../src/cli/deploy/deploy.ts";
import { type Ended, inProcess, temporaryFolder, waxseal } from "../command.ts";
import { ACCOUNT_ID, type Cloudflare, startCloudflare } from "./server.ts";

export interface DeployWorld {
  readonly cloudflare: Cloudflare;
  /** Where it is deployed from. */
  readonly folder: string;
  /** `waxseal deploy …` in that folder. */
  deploy(...args: readonly string[]): Promise<Ended>;
  /** The same with another build of the Worker. */
  deployBuild(worker: string): Promise<Ended>;
  /** The environment of its commands. */
  readonly env: Readonly<Record<string, string>>;
  /** `waxseal …` in that folder. */
  waxseal(...args: readonly string[]): Promise<Ended>;
  /** Calls the Worker that was deployed. */
  call(path: string): Promise<Response>;
}

export const SENDER = ["--sender", "Maison Lavande"];

/** @param asksForAccount whether it must find out which account it is, by a token that only its `.env` has */
export async function deployWorld({ asksForAccount = false } = {}): Promise<DeployWorld> {
  const [cloudflare, root] = await Promise.all([startCloudflare(), temporaryFolder()]);
  const folder = join(root, "waxseal");
  await mkdir(folder);
  // A project around it, of another account: wrangler looks for a configuration upwards.
  await writeFile(join(root, "wrangler.toml"), `name = "shop"\naccount_id = "${"f".repeat(32)}"\n`);
  const call = (path: string) => cloudflare.account.runtime.fetch(`https://waxseal.acme.workers.dev${path}`);
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isIts = url.hostname.endsWith(".workers.dev") || cloudflare.account.domains.includes(url.hostname);
    return isIts ? await call(url.pathname) : await fetch(input, init);
  });
  const commands: Promise<Ended>[] = [];
  const noted = (command: Promise<Ended>) => {
    commands.push(command);
    return command;
  };
  onTestFinished(async () => {
    // A test that ended before its command: no wrangler is to outlive it.
    cloudflare.failAt(/./, "hang up");
    await Promise.allSettled(commands);
    vi.unstubAllGlobals();
    await cloudflare.stop();
  });
  const { CLOUDFLARE_API_TOKEN, ...cloudflareEnv } = cloudflare.env;
  const account = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID, CLOUDFLARE_API_TOKEN };
  if (asksForAccount) await writeFile(join(folder, ".env"), `CLOUDFLARE_API_TOKEN=${CLOUDFLARE_API_TOKEN}\n`);
  const { TMPDIR = "/tmp", NODE_COMPILE_CACHE } = process.env;
  const env = {
    ...cloudflareEnv,
    ...(asksForAccount ? {} : account),
    XDG_CONFIG_HOME: join(root, "config"),
    TMPDIR,
    // Each wrangler is a fifth faster by what another one compiled.
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
  };
  return {
    cloudflare,
    folder,
    env,
    call,
    deploy: (...args) => noted(waxseal(["deploy", ...args], { cwd: folder, env })),
    waxseal: (...args) => noted(waxseal(args, { cwd: folder, env })),
    deployBuild: (worker) => noted(inProcess(() => reported(() => deploy({}, worker)), { cwd: folder, env })),
  };
}

async function reported(command: () => Promise<void>): Promise<number> {
  try {
    await command();
    return 0;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    console.error(`${error.message}\n${error.next}`);
    return error.exitCode;
  }
}
