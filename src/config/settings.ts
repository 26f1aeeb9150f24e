/** Settings, read and checked once for each environment. */
import * as v from "valibot";
import { perEnv } from "../platform/per-env.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { Settings } from "./variables.ts";

export type { RetryWebhook, Settings } from "./variables.ts";

/** Settings, or a sentence for each problem: what is wrong and what to do. */
export type SettingsResult = Result<Settings, readonly string[]>;

/** The settings of this environment, checked at the first call. */
export const settingsOf = perEnv((env: Env): SettingsResult => {
  const read = v.safeParse(Settings, env);
  return read.success ? ok(read.output) : refused(read.issues.map(({ message }) => message));
});
