/** Settings, where a handler cannot go on without them. */
import type { MiddlewareHandler } from "hono";
import { type Settings, settingsOf } from "../config/settings.ts";
import type { VariableName } from "../config/variables.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { notReady, PROTECTION } from "./answers.ts";
import { type ApiFailure, failureAnswer, isApiPath, orApiError } from "./errors.ts";

/** Answers recipients with a page, and 503, while the settings without which nothing works are missing or wrong. */
export const requireSettingsOfLinks: MiddlewareHandler<{ Bindings: Env }> = async (context, next) =>
  settingsOf(context.env).ok ? await next() : notReady(context.req.raw, context.env);

/** The same for everybody else: the API's programs get its error, and operators what is missing. */
export const requireSettings: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  const settings = settingsOf(context.env);
  if (settings.ok) return await next();
  if (!isApiPath(context.req.path)) return notSetUp(settings.reason);
  return failureAnswer(context, { status: 503, code: "not_set_up", message: settings.reason.join(" ") });
};

/**
 * 503 of a Worker that is not set up.
 * @param problems a sentence for each setting that is missing or wrong
 */
function notSetUp(problems: readonly string[]): Response {
  const lines = problems.map((problem) => `- ${problem}\n`);
  const text = `This Waxseal Worker refuses to serve until it is set up:\n${lines.join("")}`;
  return new Response(text, { status: 503, headers: PROTECTION });
}

/**
 * The settings.
 * @param needed settings that have no substitute here
 * @returns a failure of the status 503 when one of those is wrong, or, which never happens behind `requireSettings`,
 * TOKEN_KEYS are
 */
export function settingsWith(env: Env, ...needed: readonly VariableName[]): Result<Settings, ApiFailure> {
  const settings = settingsOf(env);
  if (!settings.ok) return refused(notConfigured("This Worker is not set up."));
  const wrong = settings.value.refused.find(({ name }) => needed.includes(name));
  return wrong === undefined ? ok(settings.value) : refused(notConfigured(wrong.problem));
}

/** The settings of a handler, as `settingsWith` finds them. @throws {ApiError} 503 */
export function configured(env: Env, ...needed: readonly VariableName[]): Settings {
  return orApiError(settingsWith(env, ...needed));
}

function notConfigured(message: string): ApiFailure {
  return { status: 503, code: "not_set_up", message };
}
