/** Where a command finds what it was not told: an option first, then the environment, then `.dev.vars` of this folder. */
import { parseTokenKeys, type TokenKeys } from "../token/keys.ts";
import { CommandError } from "./command-error.ts";
import { readDevVars } from "./dev-vars.ts";

export const DEV_VARS = ".dev.vars";

export interface FoundSetting {
  readonly value: string;
  readonly where: "option" | "environment" | ".dev.vars";
}

/** Empty texts count as missing. */
export async function findSetting(name: string, option?: string): Promise<FoundSetting | undefined> {
  if (option) return { value: option, where: "option" };
  const environment = process.env[name];
  if (environment) return { value: environment, where: "environment" };
  const stored = (await readDevVars(DEV_VARS))[name];
  return stored ? { value: stored, where: ".dev.vars" } : undefined;
}

/** The text of TOKEN_KEYS, checked. */
export async function findTokenKeys(option?: string): Promise<FoundSetting & { readonly keys: TokenKeys }> {
  const found = await findSetting("TOKEN_KEYS", option);
  if (found === undefined) {
    throw new CommandError("There are no token keys.", {
      next: 'Give them by --keys or in TOKEN_KEYS; "waxseal keys new" makes one. In a checkout, "npm run dev" makes one in .dev.vars.',
      blame: "usage",
    });
  }
  const keys = parseTokenKeys(found.value);
  if (keys.ok) return { ...found, keys: keys.value };
  throw new CommandError(`The token keys (${found.where}) are unusable: ${keys.reason}.`, {
    next: 'They are written "2:SECRET,1:SECRET", each SECRET 32 bytes in base64url; "waxseal keys new" makes one.',
    blame: "usage",
  });
}
