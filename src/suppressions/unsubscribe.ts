/**
 * /u/{token}: the unsubscribe page and one-click unsubscription. GET changes nothing; a POST answers success only
 * when the unsubscription is committed.
 */
import type { Context } from "hono";
import { badLink, page, pageOptions } from "../http/answers.ts";
import { configured } from "../http/configured.ts";
import { maskAddress } from "../http/mask.ts";
import { isWithinLimit } from "../http/rate-limit.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { Message } from "../tokens/claims.ts";
import { verifyToken } from "../tokens/verify.ts";
import { type FormFields, loggedRequest } from "./logged-request.ts";
import { type Action, subscribedPage, unavailablePage, unsubscribedPage, unsubscribePage } from "./pages.ts";
import { addressOf } from "./recipients.ts";
import { hourlyId, subscribe, unsubscribe } from "./subscriptions.ts";

type UnsubscribeContext = Context<{ Bindings: Env }>;

/** What a token of /u says. */
interface UnsubscribeLink {
  readonly message: Message;
  /** False for the link of a copy that was made for somebody who had unsubscribed: it cannot undo that. */
  readonly canSubscribe: boolean;
}

const ADDRESS_DEADLINE_MS = 1_000;
const COMMIT_DEADLINE_MS = 10_000;
const RETRY_AFTER = { "Retry-After": "60" };

export async function showUnsubscribe(context: UnsubscribeContext): Promise<Response> {
  const link = linkOf(context);
  if (link === undefined) return badLink(context.req.raw, context.env);
  if (!(await isWithinPageLimit(context, link))) return unavailable(context, "unsubscribe", 429);
  return page(unsubscribePage(await addressPageOptions(context, link)), 200);
}

export async function submitUnsubscribe(context: UnsubscribeContext): Promise<Response> {
  const link = linkOf(context);
  if (link === undefined) return badLink(context.req.raw, context.env);
  const { action, ...formFields } = await formFieldsOf(context.req.raw);
  if (formFields["List-Unsubscribe"]?.toLowerCase() === "one-click") return await unsubscribeOneClick(context, link);
  const isSubscribing = action === "subscribe";
  if (isSubscribing && !link.canSubscribe) return badLink(context.req.raw, context.env);
  if (!(await isWithinPageLimit(context, link)))
    return unavailable(context, isSubscribing ? action : "unsubscribe", 429);
  return await (isSubscribing ? submitSubscribe : submitForm)(context, link, formFields);
}

/**
 * RFC 8058 §3.1: no cookie, no redirect, and a mail client that shows no page. Never limited: it adds at most a row an
 * hour.
 */
async function unsubscribeOneClick(context: UnsubscribeContext, { message }: UnsubscribeLink): Promise<Response> {
  if (await storeUnsubscription(context, message, "one_click", {})) return new Response("You are unsubscribed.\n");
  return new Response("Not stored. Please try again later.\n", { status: 503, headers: RETRY_AFTER });
}

async function submitForm(
  context: UnsubscribeContext,
  link: UnsubscribeLink,
  formFields: FormFields,
): Promise<Response> {
  const isStored = await storeUnsubscription(context, link.message, "form", formFields);
  if (!isStored) return unavailable(context, "unsubscribe", 503);
  const { canSubscribe } = link;
  return page(unsubscribedPage({ ...(await addressPageOptions(context, link)), canSubscribe }), 200);
}

async function submitSubscribe(
  context: UnsubscribeContext,
  link: UnsubscribeLink,
  formFields: FormFields,
): Promise<Response> {
  const { message } = link;
  const type = "subscribed" as const;
  const atMs = Date.now();
  const request = loggedRequest(context.req.raw, formFields, configured(context.env).clientIp);
  const event = { type, id: hourlyId({ type, message }, atMs), atMs, message, request };
  const isStored = await commitInTime(subscribe(context.env.DB, event), "subscription not committed");
  if (!isStored) return unavailable(context, "subscribe", 503);
  return page(subscribedPage(await addressPageOptions(context, link)), 200);
}

/** @returns whether it is stored */
async function storeUnsubscription(
  context: UnsubscribeContext,
  message: Message,
  cause: "form" | "one_click",
  formFields: FormFields,
): Promise<boolean> {
  const type = "unsubscribed" as const;
  const atMs = Date.now();
  const request = loggedRequest(context.req.raw, formFields, configured(context.env).clientIp);
  const event = { type, id: hourlyId({ type, message }, atMs), atMs, message, cause, request };
  return await commitInTime(unsubscribe(context.env.DB, event), "unsubscription not committed");
}

/** A page that says that it did not work, with a button that tries again. */
function unavailable(context: UnsubscribeContext, action: Action, status: 429 | 503): Response {
  return page(unavailablePage(pageOptions(context.req.raw, context.env), action), status, RETRY_AFTER);
}

/** Counted by person and not by IP address, which thousands of people may share. */
async function isWithinPageLimit({ env }: UnsubscribeContext, { message }: UnsubscribeLink): Promise<boolean> {
  return await isWithinLimit(env.PAGE_CALLS, message.person);
}

/** @returns whether it is committed */
async function commitInTime(commit: Promise<void>, failure: string): Promise<boolean> {
  try {
    await withDeadline(commit, COMMIT_DEADLINE_MS, "D1");
    return true;
  } catch (error) {
    logger.error(failure, { error });
    return false;
  }
}

function linkOf(context: UnsubscribeContext): UnsubscribeLink | undefined {
  const { tokenKeys } = configured(context.env);
  const token = context.req.path.slice("/u/".length);
  // A mail client may keep the white space at which a library broke the header's line (src/decorate/headers.ts).
  for (const text of [token, token.replace(/\s+/g, "")]) {
    const claims = verifyToken(tokenKeys, "unsubscribe", text);
    if (claims.ok) return { message: claims.value, canSubscribe: true };
    const optOut = verifyToken(tokenKeys, "optout", text);
    if (optOut.ok) return { message: optOut.value, canSubscribe: false };
  }
  return undefined;
}

/** Without the address when D1 is slow or down: a page without it is better than no page. */
async function addressPageOptions(context: UnsubscribeContext, { message }: UnsubscribeLink) {
  const address = await withDeadline(addressOf(context.env.DB, message.person), ADDRESS_DEADLINE_MS, "D1").catch(
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
