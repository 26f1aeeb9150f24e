/** Settings, where a handler cannot go on without them. */
import type { MiddlewareHandler } from "hono";
import { type Settings, settingsOf } from "../config/settings.ts";
import type { VariableName } from "../config/variables.ts";
import { notReady, PROTECTION } from "./answers.ts";
import { ApiError, failureAnswer, isApiPath } from "./errors.ts";

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
 * The settings of a handler.
 * @param needed settings that have no substitute here
 * @throws {ApiError} 503 when one of those is wrong, or, which never happens behind `requireSettings`, TOKEN_KEYS are
 */
export function configured(env: Env, ...needed: readonly VariableName[]): Settings {
  const settings = settingsOf(env);
  if (!settings.ok) throw notConfigured("This Worker is not set up.");
  const wrong = settings.value.refused.find(({ name }) => needed.includes(name));
  if (wrong !== undefined) throw notConfigured(wrong.problem);
  return settings.value;
}

function notConfigured(message: string): ApiError {
  return new ApiError({ status: 503, code: "not_set_up", message });
}
