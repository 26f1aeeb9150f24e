/**
 * `npm run dev`: the Worker on this machine. Starts `wrangler dev` with the arguments given, whose [build] prepares
 * what is missing, and says where to look. Guarantees that Ctrl-C and SIGTERM end everything it started, with exit
 * code 0.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import pc from "picocolors";
import { announceDevServer, retractDevServer } from "../cli/dev-server.ts";
import { readDevVars } from "../cli/dev-vars.ts";
import { PERSIST_TO, projectRoot, WRANGLER, wranglerEnvironment } from "./project.ts";
import { seedSampleHistory } from "./sample/seed.ts";

const wranglerArguments = process.argv.slice(2);
let isStopping = false;

const wrangler = spawn(process.execPath, [WRANGLER, "dev", ...wranglerArguments], {
  cwd: projectRoot,
  stdio: ["inherit", "inherit", "inherit", "ipc"],
  env: wranglerEnvironment({ [PERSIST_TO]: persistToIn(wranglerArguments) }),
});
wrangler.on("message", (message) => {
  const address = addressIn(message);
  if (address === undefined) return;
  announceDevServer(projectRoot, new URL(address).origin);
  welcome(address).catch(() => console.log(`Waxseal is starting: ${address}`));
});
wrangler.on("error", (error) => {
  console.error(`wrangler did not start: ${error.message}`);
  process.exitCode = 1;
});
wrangler.on("exit", (code) => {
  retractDevServer(projectRoot);
  process.exitCode = isStopping ? 0 : (code ?? 1);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    isStopping = true;
    wrangler.kill("SIGTERM");
  });
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
  const [apiKey = ""] = API_KEYS.split(",");
  const seeded = health.ok ? await seed(address, apiKey) : 0;
  console.log(`
  ${pc.bold("Waxseal is running:")} ${pc.cyan(pc.underline(address))}
  Open it: you are signed in, and have an email to open, click and unsubscribe from, and the log beside it.
  The dashboard around it${seeded > 0 ? ` has a month of invented mail (${seeded} events)` : " shows what the log has"}.

  The API key for ${address}v1/ is in .dev.vars:
  ${pc.dim(`Authorization: Bearer ${apiKey}`)}
  Commands in this folder find both: ${pc.dim("npx waxseal status")}

  Ctrl-C ends it.
`);
}

/** The Worker runs without the sample history, too. */
async function seed(address: string, apiKey: string): Promise<number> {
  try {
    return await seedSampleHistory({ origin: new URL(address).origin, apiKey }, Date.now());
  } catch (error) {
    console.error(`\nThe sample history could not be recorded: ${String(error)}`);
    return 0;
  }
}

function persistToIn(given: readonly string[]): string | undefined {
  const at = given.findIndex((each) => each === "--persist-to" || each.startsWith("--persist-to="));
  return at < 0 ? undefined : (given[at]?.split("=")[1] ?? given[at + 1]);
}
