/**
 * `npm run dev`: the Worker on this machine. Prepares what is missing, starts `wrangler dev` with the arguments
 * given, and says where to look. Guarantees that Ctrl-C and SIGTERM end everything it started, with exit code 0.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import pc from "picocolors";
import { readDevVars } from "../cli/dev-vars.ts";
import { firstRun } from "./first-run.ts";
import { projectRoot } from "./project.ts";

const wranglerArguments = process.argv.slice(2);
const stopping = new AbortController();
let wrangler: ChildProcess | undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    stopping.abort();
    wrangler?.kill("SIGTERM");
  });
}

try {
  await firstRun({ persistTo: persistToIn(wranglerArguments), signal: stopping.signal });
  if (!stopping.signal.aborted) wrangler = startWrangler();
} catch (error) {
  if (!stopping.signal.aborted) throw error;
}

function startWrangler(): ChildProcess {
  const started = spawn(
    process.execPath,
    [join(projectRoot, "node_modules", "wrangler", "bin", "wrangler.js"), "dev", ...wranglerArguments],
    {
      cwd: projectRoot,
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: {
        ...process.env,
        // wrangler.toml's [build] says "node": that must be this one, not an older one of the system's.
        PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`,
      },
    },
  );
  started.on("message", (message) => {
    const address = addressIn(message);
    if (address !== undefined) welcome(address).catch(() => console.log(`Waxseal is starting: ${address}`));
  });
  started.on("error", (error) => {
    console.error(`wrangler did not start: ${error.message}`);
    process.exitCode = 1;
  });
  started.on("exit", (code) => {
    process.exitCode = stopping.signal.aborted ? 0 : (code ?? 1);
  });
  return started;
}

/** wrangler sends its parent `{"event":"DEV_SERVER_READY","ip":…,"port":…}`, as JSON text. */
function addressIn(message: unknown): string | undefined {
  if (typeof message !== "string") return undefined;
  const parsed: { event?: unknown; ip?: unknown; port?: unknown } = JSON.parse(message);
  if (parsed.event !== "DEV_SERVER_READY" || typeof parsed.port !== "number") return undefined;
  const local = parsed.ip === "127.0.0.1" || parsed.ip === "0.0.0.0" || parsed.ip === "::1" || parsed.ip === "*";
  return `http://${local ? "localhost" : parsed.ip}:${parsed.port}/`;
}

async function welcome(address: string): Promise<void> {
  // wrangler's address takes requests before the Worker behind it runs; the first answer says that it does.
  const health = await fetch(`${address}healthz`);
  const { API_KEYS = "" } = await readDevVars(join(projectRoot, ".dev.vars"));
  if (!health.ok) console.error(`\n${await health.text()}`);
  console.log(`
  ${pc.bold("Waxseal is running:")} ${pc.cyan(pc.underline(address))}
  Open it to see a sample email signed, opened, clicked and unsubscribed from, and the log filling beside it.

  The API key for ${address}v1/ is in .dev.vars:
  ${pc.dim(`Authorization: Bearer ${API_KEYS.split(",")[0]}`)}

  Ctrl-C ends it.
`);
}

function persistToIn(given: readonly string[]): string | undefined {
  const at = given.findIndex((each) => each === "--persist-to" || each.startsWith("--persist-to="));
  return at < 0 ? undefined : (given[at]?.split("=")[1] ?? given[at + 1]);
}
