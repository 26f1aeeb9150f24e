/** Settings, where a handler cannot go on without them. */
import type { MiddlewareHandler } from "hono";
import { type Settings, settingsOf } from "../config/settings.ts";
import { ApiError } from "./errors.ts";
import { notSetUp } from "./not-set-up.ts";

/** Answers every request with 503 while settings are missing or wrong. */
export const requireSettings: MiddlewareHandler<{ Bindings: Env }> = async ({ env }, next) => {
  const settings = settingsOf(env);
  return settings.ok ? await next() : notSetUp(settings.reason);
};

/** @throws {ApiError} 503 when a setting is missing or wrong; behind `requireSettings` never */
export function configured(env: Env): Settings {
  const settings = settingsOf(env);
  if (settings.ok) return settings.value;
  throw new ApiError({ status: 503, code: "internal", message: "This Worker is not set up." });
}
