/** Settings, read and checked once for each environment. */
import * as v from "valibot";
import { ok, type Result, refused } from "../platform/result.ts";
import { Settings } from "./variables.ts";

export type { RetryWebhook, Settings } from "./variables.ts";

/** Settings, or a sentence for each problem: what is wrong and what to do. */
export type SettingsResult = Result<Settings, readonly string[]>;

const known = new WeakMap<Env, SettingsResult>();

/** The settings of this environment, checked at the first call. */
export function settingsOf(env: Env): SettingsResult {
  const settings = known.get(env) ?? readSettings(env);
  known.set(env, settings);
  return settings;
}

function readSettings(env: Env): SettingsResult {
  const read = v.safeParse(Settings, env);
  return read.success ? ok(read.output) : refused(read.issues.map(({ message }) => message));
}
