/** Runs `waxseal deploy` against a Cloudflare of the test's, and answers for the Worker at its address. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { type Ended, temporaryFolder, waxseal } from "../command.ts";
import { type Cloudflare, startCloudflare } from "./server.ts";

export interface DeployWorld {
  readonly cloudflare: Cloudflare;
  /** Where it is deployed from. */
  readonly folder: string;
  /** `waxseal deploy …` in that folder. */
  deploy(...args: readonly string[]): Promise<Ended>;
  /** Calls the Worker that was deployed. */
  call(path: string): Promise<Response>;
}

export const SENDER = ["--sender", "Maison Lavande"];

export async function deployWorld(): Promise<DeployWorld> {
  const [cloudflare, root] = await Promise.all([startCloudflare(), temporaryFolder()]);
  const folder = join(root, "waxseal");
  await mkdir(folder);
  const call = (path: string) => cloudflare.account.runtime.fetch(`https://waxseal.acme.workers.dev${path}`);
  const { fetch } = globalThis;
  vi.stubGlobal("fetch", async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    return url.hostname.endsWith(".workers.dev") ? await call(url.pathname) : await fetch(input, init);
  });
  onTestFinished(async () => {
    vi.unstubAllGlobals();
    await cloudflare.stop();
  });
  const env = { ...cloudflare.env, XDG_CONFIG_HOME: join(root, "config"), TMPDIR: process.env.TMPDIR ?? "/tmp" };
  return {
    cloudflare,
    folder,
    call,
    deploy: (...args) => waxseal(["deploy", ...args], { cwd: folder, env }),
  };
}
