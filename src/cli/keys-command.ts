/** `waxseal keys`: makes, rotates and lists a Worker's secrets, on standard output; advice goes to standard error. */
import { type Command, Option } from "commander";
import { makeTokenKey, rotateTokenKeys } from "../tokens/keys.ts";
import { makeApiKey } from "./api-key.ts";
import { CommandError } from "./command-error.ts";
import { replaceDevVar } from "./dev-vars.ts";
import { DEV_VARS, type FoundTokenKeys, findDevelopersTokenKeys, findTokenKeys } from "./settings.ts";
import { tableText } from "./table.ts";

interface KeysOptions {
  readonly keys?: string;
}

export function addKeysCommand(program: Command): void {
  const keys = program.command("keys").description("make, rotate and list the secrets of a Worker");
  const keysOption = () => new Option("--keys <keys>", `TOKEN_KEYS (default: of the environment, else of ${DEV_VARS})`);
  keys
    .command("new")
    .description("make the first token key")
    .action(() => {
      console.log(makeTokenKey({ id: 1, development: false }));
      console.error(`${setIt("TOKEN_KEYS")} and keep a copy: without it no link that it signed works again.`);
    });
  keys
    .command("rotate")
    .description("put a new token key in front: it signs from now on, the others still verify")
    .addOption(keysOption())
    .addOption(new Option("--write", `rotate those of ${DEV_VARS}, in the file`).conflicts("keys"))
    .action(rotate);
  keys
    .command("list")
    .description("show the ids of the token keys, not the secrets")
    .addOption(keysOption())
    .action(list);
  keys
    .command("api")
    .description("make an API key for /v1")
    .action(() => {
      console.log(makeApiKey({ development: false }));
      console.error(`${setIt("API_KEYS")}; several are separated by commas.`);
    });
}

function setIt(secret: string): string {
  return `Set it with "npx wrangler secret put ${secret}"`;
}

async function rotate({ keys: given, write = false }: KeysOptions & { readonly write?: boolean }): Promise<void> {
  if (write) {
    await replaceDevVar(DEV_VARS, "TOKEN_KEYS", rotated(await findDevelopersTokenKeys()));
    console.error(`Wrote the new TOKEN_KEYS into ${DEV_VARS}; a running "npm run dev" takes it over.`);
    return;
  }
  const found = await findTokenKeys(given);
  console.log(rotated(found));
  console.error(
    isForDevelopment(found)
      ? `These are a developer's keys: --write puts them into ${DEV_VARS}. ` +
          "To rotate production's, give its TOKEN_KEYS in the environment or by --keys."
      : `${setIt("TOKEN_KEYS")}, the whole line, and keep a copy. ` +
          "Remove an old key only when no email that it signed matters any more.",
  );
}

function rotated(found: FoundTokenKeys): string {
  const keys = rotateTokenKeys(found.value, { development: isForDevelopment(found) });
  if (keys.ok) return keys.value;
  throw new CommandError(`The keys cannot be rotated: ${keys.reason}.`, "Remove keys of old emails.");
}

/** Whether the signing key is a development key: the new one is of the same kind. */
function isForDevelopment({ keys }: FoundTokenKeys): boolean {
  return keys.all[0].development;
}

async function list({ keys: given }: KeysOptions): Promise<void> {
  const { keys } = await findTokenKeys(given);
  const rows = keys.all.map(({ id, development }, index) => [
    String(id),
    development ? "development" : "production",
    index === 0 ? "signs and verifies" : "verifies",
  ]);
  console.log(tableText(["id", "made for", "does"], rows));
}
