/**
 * POST /v1/webhooks/{provider}: what an email provider tells of our sends. Guarantees that nothing is read of a webhook before
 * the provider's signature over the raw body holds, that 200 means recorded, and that a refusal tells nobody why: the log line
 * does. Whatever is not recorded is answered 503, which every one of the providers takes for "try again".
 */

import type { Context } from "hono";
import { settingsOf } from "../config/settings.ts";
import { type ApiFailure, failureAnswer } from "../http/errors.ts";
import { errorText, logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { PROVIDERS } from "./providers/index.ts";
import { jsonOf, type Surroundings } from "./providers/provider.ts";
import { recordReports } from "./record.ts";

/** Less than the shortest patience among the providers (SendGrid's and Mailgun's, about ten seconds). */
const DEADLINE_MS = 5_000;
const RETRY_AFTER = { "Retry-After": "60" };
/** RFC 9110 §15.5.2 asks for a challenge; this is the only one of the schemes that has a name. */
const CHALLENGE = { "WWW-Authenticate": 'Basic realm="waxseal"' };

/** The provider's own body → `{recorded, ignored}`, counted in events. */
export async function receiveWebhook(context: Context<{ Bindings: Env }>): Promise<Response> {
  const { env } = context;
  const name = context.req.param("provider") ?? "";
  const provider = PROVIDERS.get(name);
  if (provider === undefined) {
    return failureAnswer({
      status: 404,
      code: "not_found",
      message: "No such provider sends webhooks here.",
    });
  }
  const settings = settingsOf(env);
  if (!settings.ok) return unavailable(name, "the Worker is not set up");
  const body = new Uint8Array(await context.req.arrayBuffer());
  const surroundings: Surroundings = { nowMs: Date.now(), fetch: (url, init) => fetch(url, init) };
  const webhook = { headers: context.req.raw.headers, body };
  try {
    const refusal = await provider.verify(webhook, settings.value.providers, surroundings);
    if (refusal !== undefined) {
      logger.warn("webhook refused", { provider: name, reason: refusal });
      return failureAnswer(UNSIGNED, CHALLENGE);
    }
    const payload = jsonOf(body);
    if (payload === undefined) return failureAnswer(NO_JSON);
    const reading = provider.read(payload);
    if (!reading.ok) return failureAnswer(FOREIGN);
    await provider.confirm?.(payload, surroundings);
    const { reports, ignored } = reading.value;
    const recorded = await withDeadline(
      recordReports(reports, settings.value, env, surroundings.nowMs),
      DEADLINE_MS,
      "the log",
    );
    return Response.json(
      { recorded: recorded.recorded, ignored: ignored + recorded.ignored },
      { headers: { "Cache-Control": "no-store" } },
    );
  } catch (error) {
    return unavailable(name, errorText(error));
  }
}

const UNSIGNED: ApiFailure = {
  status: 401,
  code: "unauthorized",
  message: "This is not signed as this provider's webhooks are.",
};
const NO_JSON: ApiFailure = { status: 400, code: "invalid_json", message: "The body is not JSON." };
const FOREIGN: ApiFailure = {
  status: 400,
  code: "invalid_field",
  message: "The body is JSON, but not of this provider's events.",
};

function unavailable(provider: string, error: string): Response {
  logger.error("webhook not recorded; the provider tries again", { provider, error });
  return failureAnswer(
    { status: 503, code: "storage_unavailable", message: "This was not recorded. Please try again." },
    RETRY_AFTER,
  );
}
