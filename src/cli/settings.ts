/** A command's settings: from an option, else from the environment, else from `.dev.vars` of the folder. */
import { parseTokenKeys, type TokenKeys } from "../tokens/keys.ts";
import { usageError } from "./command-error.ts";
import { readDevVars } from "./dev-vars.ts";

export const DEV_VARS = ".dev.vars";

export interface FoundSetting {
  readonly value: string;
  readonly where: "the option" | "the environment" | ".dev.vars";
}

/** Empty texts count as missing. */
export async function findSetting(name: string, option?: string): Promise<FoundSetting | undefined> {
  if (option) return { value: option, where: "the option" };
  const environment = process.env[name];
  if (environment) return { value: environment, where: "the environment" };
  const stored = (await readDevVars(DEV_VARS))[name];
  return stored ? { value: stored, where: ".dev.vars" } : undefined;
}

export interface FoundTokenKeys extends FoundSetting {
  readonly keys: TokenKeys;
}

export async function findTokenKeys(option?: string): Promise<FoundTokenKeys> {
  const found = await findSetting("TOKEN_KEYS", option);
  if (found !== undefined) return checkTokenKeys(found);
  throw usageError(
    "There are no token keys.",
    'Give them by --keys or in TOKEN_KEYS; "waxseal keys new" makes one. ' +
      'In a checkout, "npm run dev" makes one in .dev.vars.',
  );
}

/** The token keys of `.dev.vars`, without regard to the environment. */
export async function findDevelopersTokenKeys(): Promise<FoundTokenKeys> {
  const { TOKEN_KEYS: value } = await readDevVars(DEV_VARS);
  if (value) return checkTokenKeys({ value, where: ".dev.vars" });
  throw usageError(
    `There are no TOKEN_KEYS in ${DEV_VARS} of this folder.`,
    'Run it in the folder of wrangler.toml; "npm run dev" makes them there.',
  );
}

function checkTokenKeys(found: FoundSetting): FoundTokenKeys {
  const keys = parseTokenKeys(found.value);
  if (keys.ok) return { ...found, keys: keys.value };
  throw usageError(
    `The token keys of ${found.where} are unusable: ${keys.reason}.`,
    'They are written "2:SECRET,1:SECRET", each SECRET 32 bytes in base64url; "waxseal keys new" makes one.',
  );
}
