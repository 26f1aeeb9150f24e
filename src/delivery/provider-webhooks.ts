/**
 * POST /v1/webhooks/{provider}: an email provider reports outcomes of our sends. Guarantees that a webhook is read
 * only after its signature over the raw body was verified, that 200 means recorded, and that the answer to a
 * rejected webhook does not say why: the log line does. What is not recorded in time is answered 503, after which most
 * providers try again; what D1 takes long to record goes on behind the answer. An event that cannot be read is
 * ignored and logged without its content, and the others of its webhook are recorded. Rejected webhooks are logged a
 * few times a minute for each network; a signed one is never refused for them.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { settingsOf } from "../config/settings.ts";
import { type ApiFailure, failureAnswer } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { isWithinNetworkLimit, tooManyCalls } from "../http/rate-limit.ts";
import { fields } from "../http/schemas.ts";
import { errorText, logger } from "../platform/logger.ts";
import { DeadlineError, withDeadline } from "../platform/timeout.ts";
import { PROVIDERS } from "./providers/index.ts";
import type { WebhookContext } from "./providers/provider.ts";
import { recordReports } from "./record.ts";

/** Long enough for the longest lists of events, and half a second less than their provider waits. */
const MOST_DEADLINE_MS = 5_000;
const WAY_MS = 500;
const RETRY_AFTER = { "Retry-After": "60" };
/** RFC 9110 §15.5.2 requires a challenge; Postmark's is the only scheme that is registered. */
const CHALLENGE = { "WWW-Authenticate": 'Basic realm="waxseal"' };

/** Counted in events. */
const WebhookRecorded = v.object({
  recorded: v.number(),
  ignored: v.pipe(v.number(), v.description("Events that are none of ours, or cannot be read.")),
});

export const receiveWebhook = operation({
  summary: "Receive a provider's webhook",
  description:
    "An email provider reports what became of our sends, signed in its own way. 2xx says that it is recorded; " +
    "`docs/providers.md` says how to set a provider up.",
  params: fields({ provider: v.string() }),
  foreignBody: {
    description: "The provider's own.",
    example: {
      RecordType: "Delivery",
      MessageID: "883953f4-6105-42a2-a16a-77a8eac79483",
      Recipient: "marie@example.com",
      DeliveredAt: "2026-11-25T10:00:00Z",
      Metadata: {},
    },
  },
  maxBodyBytes: (request) => PROVIDERS.get(request.param("provider") ?? "")?.maxBodyBytes,
  answers: { 200: { description: "What was recorded", schema: WebhookRecorded } },
  errors: [404],
  example: { params: { provider: "postmark" } },
  handle: (context, { params }) => takeWebhook(context, params.provider),
});

/** Providers look whether somebody is there before they post: Unisender Go by GET, Mandrill by HEAD. */
export const showWebhook = operation({
  summary: "Say that a provider's webhooks are received here",
  description: "Some providers ask this before they post there. It does not say whether the provider is set up.",
  params: fields({ provider: v.string() }),
  answers: { 200: { description: "The provider's name", schema: v.object({ provider: v.string() }) } },
  errors: [404],
  example: { params: { provider: "mandrill" } },
  handle: (context, { params: { provider } }) =>
    PROVIDERS.has(provider) ? context.json({ provider }) : failureAnswer(context, UNKNOWN_PROVIDER),
});

async function takeWebhook(context: Context<{ Bindings: Env }>, name: string): Promise<Response> {
  const { env } = context;
  const provider = PROVIDERS.get(name);
  if (provider === undefined) return failureAnswer(context, UNKNOWN_PROVIDER);
  const settings = settingsOf(env);
  if (!settings.ok) return unavailable(context, name, "the Worker is not set up");
  const body = new Uint8Array(await context.req.arrayBuffer());
  const webhookContext: WebhookContext = { nowMs: Date.now(), fetch: (url, init) => fetchFor(context, url, init) };
  const urls = urlsOf(context.req.url, settings.value.trackingOrigin);
  const webhook = { urls, headers: context.req.raw.headers, body };
  try {
    const payload = await provider.verifiedBody(webhook, env, webhookContext);
    if (!payload.ok) {
      if (payload.reason === "not_json") return failureAnswer(context, NOT_JSON);
      if (payload.reason === "not_a_form") return failureAnswer(context, NOT_A_FORM);
      if (!(await isWithinNetworkLimit(context, "webhook"))) return tooManyCalls(context);
      logger.warn("webhook rejected", { provider: name, reason: payload.reason });
      return failureAnswer(context, UNSIGNED, CHALLENGE);
    }
    const read = provider.read(payload.value);
    if (!read.ok) {
      logUnreadable(name, 1);
      return failureAnswer(context, UNKNOWN_SHAPE);
    }
    await provider.confirm?.(payload.value, webhookContext);
    const { reports, ignored, unreadable } = read.value;
    if (unreadable > 0) logUnreadable(name, unreadable);
    const recording = recordReports(reports, settings.value, env, webhookContext.nowMs);
    const recorded = await inTime(context, name, recording, provider.waitsMs);
    if (recorded === undefined) {
      logger.warn("webhook not confirmed yet; the provider tries again", { provider: name });
      return failureAnswer(context, NOT_RECORDED, RETRY_AFTER);
    }
    return Response.json({ recorded: recorded.recorded, ignored: ignored + unreadable + recorded.ignored });
  } catch (error) {
    return unavailable(context, name, errorText(error));
  }
}

/** Undefined when it takes too long. Then it goes on: the provider may not try again, or find D1 as slow. */
async function inTime<T>(context: Context, provider: string, recording: Promise<T>, waitsMs: number) {
  let isLate = false;
  const logLate = (error: unknown) => {
    if (isLate) logger.error("webhook not recorded after its answer", { provider, error });
  };
  context.executionCtx.waitUntil(recording.catch(logLate));
  try {
    return await withDeadline(recording, Math.min(waitsMs - WAY_MS, MOST_DEADLINE_MS), "the log");
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    isLate = true;
    return undefined;
  }
}

/** For a certificate of Amazon's, which a stranger may name ever anew; a genuine one is fetched once. */
async function fetchFor(context: Context<{ Bindings: Env }>, url: string, init: RequestInit): Promise<Response> {
  if (await isWithinNetworkLimit(context, "certificate")) return await fetch(url, init);
  throw new Error("this network has had too many certificates fetched");
}

/** As it arrived, and at the origin that the Worker is set to, behind a proxy. */
function urlsOf(url: string, origin: string | undefined): readonly string[] {
  const { pathname, search } = new URL(url);
  return origin === undefined ? [url] : [...new Set([url, origin + pathname + search])];
}

const UNKNOWN_PROVIDER: ApiFailure = {
  status: 404,
  code: "not_found",
  message: "No such provider sends webhooks here.",
};
const UNSIGNED: ApiFailure = {
  status: 401,
  code: "unauthorized",
  message: "This webhook does not carry this provider's signature.",
};
const NOT_JSON: ApiFailure = { status: 400, code: "invalid_json", message: "The body is not JSON." };
const NOT_A_FORM: ApiFailure = {
  status: 400,
  code: "invalid_field",
  message: "The body is no form that is read here.",
};
const UNKNOWN_SHAPE: ApiFailure = {
  status: 400,
  code: "invalid_field",
  message: "The body is not one of this provider's events.",
};

const NOT_RECORDED: ApiFailure = {
  status: 503,
  code: "storage_unavailable",
  message: "The events are not recorded yet. Please try again.",
};

/** Without their content, which may be personal. */
function logUnreadable(provider: string, events: number): void {
  logger.error("webhook events of unknown shape", { provider, events });
}

function unavailable(context: Context, provider: string, error: string): Response {
  logger.error("webhook not recorded; the provider tries again", { provider, error });
  return failureAnswer(context, NOT_RECORDED, RETRY_AFTER);
}
