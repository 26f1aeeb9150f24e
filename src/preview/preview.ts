/**
 * The preview: a sample email to open, click and unsubscribe from, with the log beside it. Development only: a deploy
 * leaves it out, and with ENVIRONMENT "production" its paths are 404. Gives up secrecy: everybody who reaches a
 * developer's machine can read its log and its development API key.
 */

import type { Context, Hono, MiddlewareHandler } from "hono";
import { type Settings, settingsOf } from "../config/settings.ts";
import { DecorateError, decorate } from "../decorate/index.ts";
import { eventName } from "../events/event.ts";
import { page } from "../http/answers.ts";
import { logger } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { upsertRecipient } from "../suppressions/index.ts";
import { signToken } from "../tokens/sign.ts";
import { eventsAfter, type LogRow, latestEvents } from "./logged-events.ts";
import { previewPage } from "./page.ts";
import { newReader, type Reader } from "./reader.ts";
import { sampleEmail } from "./sample-email.ts";
import { recordVisits } from "./visits.ts";

interface PreviewEnv {
  Bindings: Env;
  Variables: { settings: Settings };
}
type PreviewContext = Context<PreviewEnv>;

const EMAIL = { id: "1042", name: "The last harvest is in" };
const CAMPAIGN = { id: "88012", name: "Letters of November" };

const MAX_LATEST_EVENTS = 20;
const MAX_EVENTS = 100;
/** Long, because `wrangler dev` prints a line for every request. */
const MAX_WAIT_MS = 20_000;
const POLL_MS = 300;

const developmentOnly: MiddlewareHandler<PreviewEnv> = async (context, next) => {
  const settings = settingsOf(context.env);
  if (!settings.ok || !settings.value.development) return context.notFound();
  context.set("settings", settings.value);
  return await next();
};

export function addPreview(app: Hono<{ Bindings: Env }>): void {
  app.get("/", developmentOnly, showPreview);
  app.get("/preview/email", developmentOnly, showEmail);
  app.get("/preview/log", developmentOnly, readLog);
  app.post("/preview/visits", developmentOnly, recordVisits);
}

/** Each visit has a new reader, who has opened nothing yet. */
async function showPreview(context: PreviewContext): Promise<Response> {
  const reader = newReader();
  await storeReader(reader, context.env.DB);
  const { tokenKeys, apiKeys } = context.var.settings;
  const token = signToken(tokenKeys, "unsubscribe", {
    email: EMAIL.id,
    person: reader.person,
    campaign: CAMPAIGN.id,
  });
  const [apiKey = ""] = apiKeys;
  return page(previewPage({ reader, apiKey, unsubscribePath: `/u/${token}` }), 200);
}

/** Without D1 the email is shown all the same; the page finds out by itself that the log is out of reach. */
async function storeReader({ person, address }: Reader, d1: D1Database): Promise<void> {
  try {
    await upsertRecipient(d1, { email: EMAIL, campaign: CAMPAIGN, person: { id: person, address } }, Date.now());
  } catch (error) {
    logger.error("reader not stored", { error });
  }
}

/**
 * The sample email of `person`. Its links lead to `origin`, where the browser sees this Worker: behind `wrangler dev`
 * with routes, a request does not know it. Without `images=1` the sources of images are removed, as mail clients do.
 */
function showEmail(context: PreviewContext): Response {
  const { origin = "", person = "", images } = context.req.query();
  const html = decorateSample(context.var.settings, origin, person);
  if (!html.ok) return context.text(`${html.reason}\n`, 400);
  const withImages = images === "1";
  const shown = html.value.replace("<head>", '<head><base target="_blank">');
  const csp = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    `img-src ${withImages ? `${origin} data:` : "'none'"}`,
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    "sandbox allow-popups allow-popups-to-escape-sandbox",
  ].join("; ");
  return page({ html: withImages ? shown : shown.replaceAll(/(<img\b[^<>]*?) src="[^"]*"/g, "$1"), csp }, 200);
}

/** Refused with a sentence that names what is wrong, the origin or the person. */
function decorateSample({ tokenKeys }: Settings, origin: string, person: string): Result<string, string> {
  try {
    const message = { email: EMAIL.id, person, campaign: CAMPAIGN.id };
    return ok(decorate(sampleEmail.html, { keys: tokenKeys, origin }, message).html ?? "");
  } catch (error) {
    if (error instanceof DecorateError) return refused(error.message);
    throw error;
  }
}

/**
 * `{events: […]}`, oldest first: those after the seq `after`, without it the last ones. With `after` the answer waits
 * for an event, at most MAX_WAIT_MS, unless `held=0`.
 */
async function readLog(context: PreviewContext): Promise<Response> {
  const { after, held } = context.req.query();
  if (after !== undefined && !/^[0-9]{1,15}$/.test(after)) {
    return context.json({ error: "after must be a seq of the log." }, 400);
  }
  const d1 = context.env.DB;
  const events =
    after === undefined
      ? await latestEvents(d1, MAX_LATEST_EVENTS)
      : await nextEventsAfter(d1, Number(after), held === "0" ? 0 : MAX_WAIT_MS);
  return context.json({ events: events.map((event) => ({ ...event, name: eventName(event.type) })) });
}

async function nextEventsAfter(d1: D1Database, seq: number, maxWaitMs: number): Promise<LogRow[]> {
  const untilMs = Date.now() + maxWaitMs;
  for (;;) {
    const events = await eventsAfter(d1, seq, MAX_EVENTS);
    if (events.length > 0 || Date.now() >= untilMs) return events;
    await scheduler.wait(POLL_MS);
  }
}
