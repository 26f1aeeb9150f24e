/**
 * Where `npm run dev` answers: it says so in a file of its checkout for as long as it runs, so that commands beside it
 * need no address.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { isRunning } from "./running-process.ts";

const FILE = join(".wrangler", "waxseal-dev.json");

const DevServer = v.object({ origin: v.string(), pid: v.number() });

/** Says where the Worker of this checkout answers. */
export function announceDevServer(root: string, origin: string): void {
  const path = join(root, FILE);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify({ origin, pid: process.pid }));
}

/** Takes that back. */
export function retractDevServer(root: string): void {
  if (announcedIn(root)?.pid === process.pid) rmSync(join(root, FILE), { force: true });
}

/** The origin of the Worker that runs in `folder`; undefined when none does. */
export function runningDevServer(folder: string): string | undefined {
  const announced = announcedIn(folder);
  return announced !== undefined && isRunning(announced.pid) ? announced.origin : undefined;
}

function announcedIn(folder: string): v.InferOutput<typeof DevServer> | undefined {
  try {
    return v.parse(DevServer, JSON.parse(readFileSync(join(folder, FILE), "utf8")));
  } catch {
    return undefined;
  }
}
