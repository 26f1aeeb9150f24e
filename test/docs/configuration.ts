/** Checks examples of settings: wrangler reads wrangler.toml without a warning, the Worker takes the variables. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { unstable_readConfig } from "wrangler";
import { EnvironmentVariables } from "../../src/config/variables.ts";
import { PROVIDERS } from "../../src/delivery/providers/index.ts";
import { settingIn } from "../../src/delivery/providers/setting.ts";

const AROUND = 'name = "waxseal"\nmain = "index.ts"\ncompatibility_date = "2026-10-20"\n';

/** One sentence for each fault; none: all is well. Throws wrangler's own words for what it refuses. */
export function settingsFaults(toml: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "waxseal-docs-"));
  try {
    writeFileSync(join(folder, "index.ts"), "");
    writeFileSync(join(folder, "wrangler.toml"), AROUND + toml);
    return variablesFaults(unstable_readConfig({ config: join(folder, "wrangler.toml") }).vars);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One sentence for each fault of the Worker's variables; none: all is well. */
export function variablesFaults(vars: Readonly<Record<string, unknown>>): readonly string[] {
  const ofProviders = [...PROVIDERS.values()].map(({ setting }) => setting);
  const known = new Set([...Object.keys(EnvironmentVariables.entries), ...ofProviders.map(({ variable }) => variable)]);
  const unknown = Object.keys(vars).filter((name) => !known.has(name));
  const read = v.safeParse(v.omit(EnvironmentVariables, ["TOKEN_KEYS", "API_KEYS"]), vars);
  const faults = read.success ? [] : read.issues.map(({ message }) => message);
  const wrong = ofProviders.flatMap((setting) => settingIn(vars, setting).problem ?? []);
  return [...unknown.map((name) => `there is no setting ${name}`), ...faults, ...wrong];
}
