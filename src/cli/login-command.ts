/** `waxseal login`, `logout` and `profiles`: the Workers that commands know by name. */
import type { Command } from "commander";
import { askForSecret, askForText } from "./ask.ts";
import { CommandError, usageError } from "./command-error.ts";
import { type Connection, checkOrigin } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { profilesFile, readProfiles, writeProfiles } from "./profiles.ts";
import { tableText } from "./table.ts";
import { sendRequest } from "./worker-api.ts";

const DEFAULT_PROFILE = "default";
const PROFILE_NAME = /^[\w.-]{1,64}$/;

export function addLoginCommands(program: Command): void {
  program
    .command("login")
    .description("remember a Worker's address and key; commands use it from then on")
    .option("--profile <name>", `what to call it (default: ${DEFAULT_PROFILE})`)
    .option("--origin <url>", "where the Worker answers (default: asks)")
    .option("--api-key <key>", "one of its API_KEYS (default: WAXSEAL_API_KEY, else asks)")
    .action(login);
  program
    .command("logout")
    .description("forget a Worker and its key")
    .argument("[profile]", "its name (default: the one in use)")
    .action(logout);
  program
    .command("profiles")
    .description("list the Workers that login remembers")
    .option("--json", "one object a line")
    .action(listProfiles);
}

async function login({ profile: name = DEFAULT_PROFILE, ...given }: Connection): Promise<void> {
  if (!PROFILE_NAME.test(name)) {
    throw usageError(`--profile ${name} is no name.`, "1 to 64 letters, digits, dots, hyphens and underscores.");
  }
  const origin = checkOrigin(
    given.origin ?? (await askForText("Where does the Worker answer?", "Give --origin https://t.example.com.")),
  );
  const apiKey =
    given.apiKey ??
    process.env.WAXSEAL_API_KEY ??
    (await askForSecret("One of its API_KEYS?", "Give it by --api-key or in WAXSEAL_API_KEY."));
  const { status } = await sendRequest({ origin, apiKey }, { path: "/v1/retries?limit=1" });
  // A client without the scope is known all the same.
  if (status !== 200 && status !== 403) {
    throw new CommandError(
      status === 401 ? `${origin} does not know this key.` : `${origin} answered ${status}.`,
      status === 401
        ? "Compare it with the Worker's API_KEYS."
        : `Is that a Waxseal Worker? Look at ${origin}/healthz.`,
    );
  }
  const { profiles } = await readProfiles();
  await writeProfiles({ current: name, profiles: { ...profiles, [name]: { origin, apiKey } } });
  console.log(`Logged in: commands talk to ${origin} from now on (profile ${name}).`);
  console.error(`The key is in ${profilesFile()}, readable by you alone; "waxseal logout" deletes it.`);
}

async function logout(given: string | undefined): Promise<void> {
  const { current, profiles } = await readProfiles();
  const name = given ?? current;
  const profile = name === undefined ? undefined : profiles[name];
  if (name === undefined || profile === undefined) {
    throw usageError(
      name === undefined ? "Nobody is logged in." : `There is no profile ${printable(name)}.`,
      '"waxseal profiles" lists them.',
    );
  }
  const others = Object.fromEntries(Object.entries(profiles).filter(([each]) => each !== name));
  await writeProfiles({ ...(current === undefined || current === name ? {} : { current }), profiles: others });
  console.log(`Forgot ${profile.origin} and its key (profile ${name}).`);
}

async function listProfiles({ json = false }: { readonly json?: boolean }): Promise<void> {
  const { current, profiles } = await readProfiles();
  const rows = Object.entries(profiles).map(([name, { origin }]) => ({ name, origin, current: name === current }));
  if (json) for (const row of rows) console.log(printableJson(row));
  else if (rows.length === 0) console.error('There is none; "waxseal login" makes one.');
  else {
    const cells = rows.map((row) => [row.name, row.origin, row.current ? "yes" : ""]);
    console.log(tableText(["profile", "Worker", "in use"], cells));
  }
}
