/**
 * /u/{token}: the unsubscribe page. GET only shows; a POST answers success only when the unsubscription is committed.
 */

import type { Context } from "hono";
import { settingsOf } from "../config/settings.ts";
import type { SubscriptionRequest } from "../events/event.ts";
import { badLink, page, shownTo } from "../http/answers.ts";
import { configured } from "../http/configured.ts";
import { headerOf, userAgentOf } from "../http/request-header.ts";
import { contextOf } from "../ingest/context.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { Message } from "../tokens/claims.ts";
import { verifyToken } from "../tokens/verify.ts";
import {
  maskAddress,
  subscribedPage,
  unavailablePage,
  unsubscribedPage,
  unsubscribePage,
} from "../web/index.ts";
import { keptIp } from "./client-ip.ts";
import { addressOf } from "./recipients.ts";
import { subscribe, unsubscribe } from "./subscriptions.ts";

type UnsubscribeContext = Context<{ Bindings: Env }>;

const ADDRESS_DEADLINE_MS = 1_000;
const COMMIT_DEADLINE_MS = 10_000;
const RETRY_AFTER_S = "60";
const REFERRER_KEPT = 2_048;
const QUERY_KEPT = 2_048;

export async function showUnsubscribe(context: UnsubscribeContext): Promise<Response> {
  const message = messageOf(context);
  if (message === undefined) return badLink(context.req.raw, context.env);
  return page(unsubscribePage(await asked(context, message)), 200);
}

export async function submitUnsubscribe(context: UnsubscribeContext): Promise<Response> {
  const message = messageOf(context);
  if (message === undefined) return badLink(context.req.raw, context.env);
  const fields = await fieldsOf(context.req.raw);
  // RFC 8058 §3.1: no cookie, no redirect, nobody to see a page.
  const oneClick = fields["List-Unsubscribe"]?.toLowerCase() === "one-click";
  const again = !oneClick && fields.action === "subscribe";
  const happened = { id: contextOf(context.env).nextEventId(), atMs: Date.now(), message };
  const request = subscriptionRequest(context, oneClick ? {} : fields);
  try {
    const committed = again
      ? subscribe(context.env.DB, { type: "subscribed", ...happened, request })
      : unsubscribe(context.env.DB, {
          type: "unsubscribed",
          ...happened,
          cause: oneClick ? "one_click" : "form",
          request,
        });
    await withDeadline(committed, COMMIT_DEADLINE_MS, "D1");
  } catch (error) {
    logger.error("unsubscription not committed", { error });
    const retry = { "Retry-After": RETRY_AFTER_S };
    if (oneClick)
      return new Response("Not orStorageUnavailable. Please try again later.\n", {
        status: 503,
        headers: { ...retry, "Cache-Control": "no-store" },
      });
    const shown = shownTo(context.req.raw, context.env);
    return page(unavailablePage({ ...shown, action: again ? "subscribe" : "unsubscribe" }), 503, retry);
  }
  if (oneClick) return new Response("You are unsubscribed.\n", { headers: { "Cache-Control": "no-store" } });
  const shown = await asked(context, message);
  return page(again ? subscribedPage(shown) : unsubscribedPage(shown), 200);
}

function messageOf(context: UnsubscribeContext): Message | undefined {
  const settings = settingsOf(context.env);
  if (!settings.ok) return undefined;
  const claims = verifyToken(settings.value.tokenKeys, "unsubscribe", context.req.path.slice("/u/".length));
  return claims.ok ? claims.value : undefined;
}

/** A page without the address is better than no page: storage that is slow or down only costs the address. */
async function asked(context: UnsubscribeContext, { person }: Message) {
  const address = await withDeadline(addressOf(context.env.DB, person), ADDRESS_DEADLINE_MS, "D1").catch(
    () => undefined,
  );
  const shown = shownTo(context.req.raw, context.env);
  return { ...shown, ...(address === undefined ? {} : { maskedAddress: maskAddress(address) }) };
}

/**
 * A body that is no form is a submit without fields: mail clients are not to be taught, and it was a POST. One that does not
 * arrive whole is no request (RFC 9112 §8): half of "I did not mean to" must not unsubscribe.
 * @throws when the client hangs up
 */
async function fieldsOf(request: Request): Promise<Record<string, string>> {
  const body = await request.arrayBuffer();
  const headers = { "Content-Type": request.headers.get("Content-Type") ?? "" };
  try {
    const form = await new Response(body, { headers }).formData();
    return Object.fromEntries(
      [...form].flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
    );
  } catch {
    return {};
  }
}

function subscriptionRequest(
  context: UnsubscribeContext,
  { action: _action, ...formFields }: Record<string, string>,
): SubscriptionRequest {
  const request = context.req.raw;
  return {
    userAgent: userAgentOf(request),
    clientIp: keptIp(request.headers.get("CF-Connecting-IP") ?? "", configured(context.env).clientIp),
    referrer: headerOf(request, "Referer", REFERRER_KEPT),
    query: new URL(request.url).search.slice(1, 1 + QUERY_KEPT),
    formFields,
  };
}
