/** Settings, where a handler cannot go on without them. */
import type { MiddlewareHandler } from "hono";
import { type Settings, settingsOf } from "../config/settings.ts";
import { ApiError } from "./errors.ts";

/** Answers every request with 503 while settings are missing or wrong. */
export const requireSettings: MiddlewareHandler<{ Bindings: Env }> = async ({ env }, next) => {
  const settings = settingsOf(env);
  return settings.ok ? await next() : notSetUp(settings.reason);
};

/**
 * 503 of a Worker that is not set up.
 * @param problems a sentence for each setting that is missing or wrong
 */
export function notSetUp(problems: readonly string[]): Response {
  const lines = problems.map((problem) => `- ${problem}\n`);
  const text = `This Waxseal Worker refuses to serve until it is set up:\n${lines.join("")}`;
  return new Response(text, { status: 503, headers: { "Cache-Control": "no-store" } });
}

/** @throws {ApiError} 503 when a setting is missing or wrong; behind `requireSettings` never */
export function configured(env: Env): Settings {
  const settings = settingsOf(env);
  if (settings.ok) return settings.value;
  throw new ApiError({ status: 503, code: "internal", message: "This Worker is not set up." });
}
