/** Runs `waxseal deploy` against a Cloudflare of the test's, and answers for the Worker at its address. */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { CommandError } from "../../../src/cli/command-error.ts";
import { deploy } from "../../../src/cli/deploy/deploy.ts";
import { type Ended, inProcess, waxseal } from "../command.ts";
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

interface WorldOptions {
  /** Whether it must find out which account it is, by a token that only its `.env` has. Default: false */
  readonly asksForAccount?: boolean;
  /** What its folder and its account are a copy of. Default: both are empty */
  readonly from?: LastingWorld;
}

/** Ends with the test. */
export async function deployWorld(options: WorldOptions = {}): Promise<DeployWorld> {
  const { end, remove, ...world } = await lastingWorld(options);
  onTestFinished(async () => {
    await end();
    await remove();
  });
  return world;
}

/** One that tests begin with: each has a copy of it, and saves the ten seconds of a first deploy. */
export interface LastingWorld extends DeployWorld {
  /** Nothing runs any more, and it can be copied. */
  end(): Promise<void>;
  remove(): Promise<void>;
}

export async function lastingWorld({ asksForAccount = false, from }: WorldOptions = {}): Promise<LastingWorld> {
  const root = await mkdtemp(join(tmpdir(), "waxseal-test-"));
  if (from !== undefined) await cp(join(from.folder, ".."), root, { recursive: true });
  const cloudflare = await startCloudflare(join(root, "cloudflare"), from?.cloudflare.account);
  const folder = join(root, "waxseal");
  await mkdir(folder, { recursive: true });
  // A project around it, of another account: wrangler looks for a configuration upwards.
  await writeFile(join(root, "wrangler.toml"), `name = "shop"\naccount_id = "${"f".repeat(32)}"\n`);
  const call = (path: string) => cloudflare.account.runtime.fetch(`https://waxseal.acme.workers.dev${path}`);
  stubFetch(cloudflare, call);
  const commands: Promise<Ended>[] = [];
  const noted = (command: Promise<Ended>) => {
    commands.push(command);
    return command;
  };
  const env = await environmentOf(root, cloudflare, asksForAccount);
  return {
    cloudflare,
    folder,
    env,
    call,
    deploy: (...args) => noted(waxseal(["deploy", ...args], { cwd: folder, env })),
    waxseal: (...args) => noted(waxseal(args, { cwd: folder, env })),
    deployBuild: (worker) => noted(inProcess(() => reported(() => deploy({}, worker)), { cwd: folder, env })),
    end: async () => {
      // A test that ended before its command: no wrangler is to outlive it.
      cloudflare.failAt(/./, "hang up");
      await Promise.allSettled(commands);
      vi.unstubAllGlobals();
      await cloudflare.stop();
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Calls of the Worker's addresses go to the Worker. */
function stubFetch(cloudflare: Cloudflare, call: DeployWorld["call"]): void {
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const isIts = url.hostname.endsWith(".workers.dev") || cloudflare.account.domains.includes(url.hostname);
    return isIts ? await call(url.pathname) : await fetch(input, init);
  });
}

async function environmentOf(
  root: string,
  cloudflare: Cloudflare,
  asksForAccount: boolean,
): Promise<Readonly<Record<string, string>>> {
  const { CLOUDFLARE_API_TOKEN, ...cloudflareEnv } = cloudflare.env;
  const account = { CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID, CLOUDFLARE_API_TOKEN };
  if (asksForAccount) await writeFile(join(root, "waxseal", ".env"), `CLOUDFLARE_API_TOKEN=${CLOUDFLARE_API_TOKEN}\n`);
  const { TMPDIR = "/tmp", NODE_COMPILE_CACHE } = process.env;
  return {
    ...cloudflareEnv,
    ...(asksForAccount ? {} : account),
    XDG_CONFIG_HOME: join(root, "config"),
    TMPDIR,
    // Each wrangler is a fifth faster by what another one compiled.
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
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
