/**
 * /u/{token}: the unsubscribe page and one-click unsubscription. GET changes nothing; a POST answers success only
 * when the unsubscription is committed.
 */
import type { Context } from "hono";
import { settingsOf } from "../config/settings.ts";
import type { SubscriptionRequest } from "../events/event.ts";
import { badLink, page, pageOptions } from "../http/answers.ts";
import { configured } from "../http/configured.ts";
import { headerOf, userAgentOf } from "../http/request-header.ts";
import { contextOf } from "../ingest/context.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { Message } from "../tokens/claims.ts";
import { verifyToken } from "../tokens/verify.ts";
import { maskAddress, subscribedPage, unavailablePage, unsubscribedPage, unsubscribePage } from "../web/index.ts";
import { keptIp } from "./client-ip.ts";
import { addressOf } from "./recipients.ts";
import { subscribe, unsubscribe } from "./subscriptions.ts";

type UnsubscribeContext = Context<{ Bindings: Env }>;
type FormFields = Readonly<Record<string, string>>;

const ADDRESS_DEADLINE_MS = 1_000;
const COMMIT_DEADLINE_MS = 10_000;
const RETRY_AFTER_S = "60";
const MAX_REFERRER_CHARS = 2_048;
const MAX_QUERY_CHARS = 2_048;

export async function showUnsubscribe(context: UnsubscribeContext): Promise<Response> {
  const message = messageOf(context);
  if (message === undefined) return badLink(context.req.raw, context.env);
  return page(unsubscribePage(await addressPageOptions(context, message)), 200);
}

export async function submitUnsubscribe(context: UnsubscribeContext): Promise<Response> {
  const message = messageOf(context);
  if (message === undefined) return badLink(context.req.raw, context.env);
  const formFields = await formFieldsOf(context.req.raw);
  if (formFields["List-Unsubscribe"]?.toLowerCase() === "one-click") {
    return await unsubscribeOneClick(context, message);
  }
  return await submitForm(context, message, formFields);
}

/** RFC 8058 §3.1: no cookie, no redirect, and a mail client that shows no page. */
async function unsubscribeOneClick(context: UnsubscribeContext, message: Message): Promise<Response> {
  const event = { ...eventOf(context, message, {}), type: "unsubscribed", cause: "one_click" } as const;
  if (await isCommitted(unsubscribe(context.env.DB, event), "unsubscription not committed")) {
    return new Response("You are unsubscribed.\n");
  }
  return new Response("Not stored. Please try again later.\n", {
    status: 503,
    headers: { "Retry-After": RETRY_AFTER_S },
  });
}

async function submitForm(
  context: UnsubscribeContext,
  message: Message,
  { action, ...formFields }: FormFields,
): Promise<Response> {
  const event = eventOf(context, message, formFields);
  const isSubscribing = action === "subscribe";
  const isStored = isSubscribing
    ? await isCommitted(subscribe(context.env.DB, { ...event, type: "subscribed" }), "subscription not committed")
    : await isCommitted(
        unsubscribe(context.env.DB, { ...event, type: "unsubscribed", cause: "form" }),
        "unsubscription not committed",
      );
  if (!isStored) {
    const options = pageOptions(context.req.raw, context.env);
    const failed = unavailablePage(options, isSubscribing ? "subscribe" : "unsubscribe");
    return page(failed, 503, { "Retry-After": RETRY_AFTER_S });
  }
  const options = await addressPageOptions(context, message);
  return page(isSubscribing ? subscribedPage(options) : unsubscribedPage(options), 200);
}

async function isCommitted(commit: Promise<void>, failure: string): Promise<boolean> {
  try {
    await withDeadline(commit, COMMIT_DEADLINE_MS, "D1");
    return true;
  } catch (error) {
    logger.error(failure, { error });
    return false;
  }
}

function messageOf(context: UnsubscribeContext): Message | undefined {
  const settings = settingsOf(context.env);
  if (!settings.ok) return undefined;
  const { tokenKeys } = settings.value;
  const token = context.req.path.slice("/u/".length);
  const claims = verifyToken(tokenKeys, "unsubscribe", token);
  if (claims.ok) return claims.value;
  // A mail client may keep the white space at which a library broke the header's line (src/decorate/headers.ts).
  const unfolded = verifyToken(tokenKeys, "unsubscribe", token.replace(/\s+/g, ""));
  return unfolded.ok ? unfolded.value : undefined;
}

/** Without the address when D1 is slow or down: a page without it is better than no page. */
async function addressPageOptions(context: UnsubscribeContext, { person }: Message) {
  const address = await withDeadline(addressOf(context.env.DB, person), ADDRESS_DEADLINE_MS, "D1").catch(
    () => undefined,
  );
  const options = pageOptions(context.req.raw, context.env);
  return address === undefined ? options : { ...options, maskedAddress: maskAddress(address) };
}

/**
 * A body that is not a form is a submit without fields: mail clients post what they like. A body that does not arrive
 * whole is no request (RFC 9112 §8).
 * @throws when the client hangs up
 */
async function formFieldsOf(request: Request): Promise<FormFields> {
  const body = await request.arrayBuffer();
  const headers = { "Content-Type": request.headers.get("Content-Type") ?? "" };
  try {
    const form = await new Response(body, { headers }).formData();
    return Object.fromEntries([...form].filter((field): field is [string, string] => typeof field[1] === "string"));
  } catch {
    return {};
  }
}

function eventOf(context: UnsubscribeContext, message: Message, formFields: FormFields) {
  const request = context.req.raw;
  const requestOfEvent: SubscriptionRequest = {
    userAgent: userAgentOf(request),
    clientIp: keptIp(request.headers.get("CF-Connecting-IP") ?? "", configured(context.env).clientIp),
    referrer: headerOf(request, "Referer", MAX_REFERRER_CHARS),
    query: new URL(request.url).search.slice(1, 1 + MAX_QUERY_CHARS),
    formFields,
  };
  return { id: contextOf(context.env).nextEventId(), atMs: Date.now(), message, request: requestOfEvent };
}
