/** Settings, where a handler cannot go on without them. */
import { type Settings, settingsOf } from "../config/settings.ts";
import { ApiError } from "./errors.ts";

/** @throws {ApiError} 503 when a setting is missing or wrong; the app has answered before, so this is never seen */
export function configured(env: Env): Settings {
  const settings = settingsOf(env);
  if (settings.ok) return settings.value;
  throw new ApiError({ status: 503, code: "internal", message: "This Worker is not set up." });
}
