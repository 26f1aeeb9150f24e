/**
 * Settings, read and checked once for each environment. Guarantees that a wrong setting refuses only what needs it, and
 * is named: in the Worker's log, and by /healthz. Without TOKEN_KEYS nothing works. Of the others, each has a
 * substitute: its default, or the stricter choice where it protects people.
 */
import * as v from "valibot";
import { logger } from "../platform/logger.ts";
import { perEnv } from "../platform/per-env.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { CheckedSettings, NEW_API_KEY, type VariableName } from "./variables.ts";

/** A setting that is wrong. */
export interface RefusedSetting<Name extends string = string> {
  readonly name: Name;
  /** A sentence: what is wrong, and what to do. */
  readonly problem: string;
}

export type Settings = CheckedSettings & {
  /** The wrong settings, for which substitutes are used. */
  readonly refused: readonly RefusedSetting<VariableName>[];
};

/** Settings, or a sentence for each problem without whose solution nothing works. */
export type SettingsResult = Result<Settings, readonly string[]>;

/** The substitutes of wrong settings that protect people. That of the others is their default. */
const STRICTEST: Partial<Readonly<Record<VariableName, string>>> = {
  PRIVACY_SIGNALS: "drop",
  CLIENT_IP: "none",
  ACCESS_SCOPES: "none",
};

/** The settings that statistics need: what is counted once as a person's or as a bot's stays so for ever. */
export const STATISTICS_SETTINGS: readonly VariableName[] = [
  "BOTS_BY_USER_AGENT",
  "BOTS_BY_NETWORK",
  "BOTS_BY_HEAD",
  "BOTS_BY_HONEYPOT",
  "BOTS_BY_PROXIMITY",
  "BOTS_BY_DELIVERY",
  "BOTS_BY_LINKS",
  "BOTS_BY_PROVIDER",
  "BOT_PROXIMITY_SECONDS",
  "BOT_DELIVERY_SECONDS",
];

/** How statistics count bots; undefined while one of their settings is wrong, and they wait. */
export function statisticsPolicy({ bots, refused: wrong }: Pick<Settings, "bots" | "refused">) {
  return wrong.some(({ name }) => STATISTICS_SETTINGS.includes(name)) ? undefined : bots;
}

/** What opens are counted by; undefined while it is wrong, and opens are parked: an Opened in the log is for ever. */
export function opensRule({ opensPer, refused: wrong }: Pick<Settings, "opensPer" | "refused">) {
  return wrong.some(({ name }) => name === "OPENS_PER") ? undefined : opensPer;
}

/** The settings of this environment, checked at the first call. */
export const settingsOf = perEnv((env: Env): SettingsResult => {
  const settings = readSettings(env);
  if (settings.ok) for (const setting of settings.value.refused) logger.error("a setting is refused", { ...setting });
  return settings;
});

function readSettings(env: Env): SettingsResult {
  const problems: RefusedSetting<VariableName>[] = [];
  let variables: Readonly<Record<string, unknown>> = { ...env };
  // Settings that belong together are checked once each of them is right by itself.
  for (;;) {
    const read = v.safeParse(CheckedSettings, variables);
    if (read.success) return ok({ ...read.output, refused: [...problems, ...missingOf(read.output, problems)] });
    const found = read.issues.map((issue) => ({ name: v.getDotPath(issue) as VariableName, problem: issue.message }));
    const isRequired = found.some(({ name }) => name === "TOKEN_KEYS");
    // If the substitute is refused too, give up.
    const isNew = found.some(({ name }) => !problems.some((known) => known.name === name));
    if (isRequired || !isNew) return refused([...problems, ...found].map(({ problem }) => problem));
    problems.push(...found);
    variables = { ...variables, ...Object.fromEntries(found.map(({ name }) => [name, STRICTEST[name]])) };
  }
}

function missingOf({ apiKeys }: CheckedSettings, problems: readonly RefusedSetting[]): RefusedSetting<VariableName>[] {
  if (apiKeys.length > 0 || problems.some(({ name }) => name === "API_KEYS")) return [];
  return [{ name: "API_KEYS", problem: `API_KEYS is missing. ${NEW_API_KEY}` }];
}
