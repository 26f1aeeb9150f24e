/**
 * The emails of the dashboard's page "Try it", and the sample history's visits. Development only: a deploy leaves them
 * out, and with ENVIRONMENT "production" their paths are 404. Gives up secrecy: everybody who reaches a developer's
 * machine is shown these emails without signing in.
 */
import type { Context, Hono, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type Settings, settingsOf } from "../config/settings.ts";
import { DecorateError, decorate } from "../decorate/index.ts";
import { page } from "../http/answers.ts";
import { readForm } from "../http/body.ts";
import { logger } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { upsertRecipient } from "../suppressions/index.ts";
import { OWN_EMAIL, type Reader, readerOf, SAMPLE_CAMPAIGN, SAMPLE_EMAIL } from "./reader.ts";
import { sampleEmail } from "./sample-email.ts";
import { recordVisits } from "./visits.ts";

interface PreviewEnv {
  Bindings: Env;
  Variables: { settings: Settings };
}
type PreviewContext = Context<PreviewEnv>;

/** Of a form with an email, whose characters beyond ASCII take up to nine bytes. */
const MAX_FORM_BYTES = 2 * 1024 * 1024;

const developmentOnly: MiddlewareHandler<PreviewEnv> = async (context, next) => {
  const settings = settingsOf(context.env);
  if (!settings.ok || !settings.value.development) return context.notFound();
  context.set("settings", settings.value);
  return await next();
};

const limitedEmail = bodyLimit({
  maxSize: MAX_FORM_BYTES,
  onError: (context) => context.text("An email has at most 2 MiB as a form.\n", 413),
});

export function addPreview(app: Hono<{ Bindings: Env }>): void {
  app.get("/preview/email", developmentOnly, showSample);
  app.post("/preview/email", developmentOnly, limitedEmail, showOwn);
  app.post("/preview/visits", developmentOnly, recordVisits);
}

/** GET /preview/email?person=7: the sample email of an invented reader. */
function showSample(context: PreviewContext): Promise<Response> {
  return showEmail(context, SAMPLE_EMAIL, sampleEmail.html, new URLSearchParams(context.req.query()));
}

/**
 * POST /preview/email: the email whose `html` was pasted. A form, because an email is too long for an address; it
 * changes nothing, so that a browser may send it again.
 */
async function showOwn(context: PreviewContext): Promise<Response> {
  const fields = await readForm(context.req);
  if (fields === undefined) return context.text("This takes a form.\n", 415);
  return await showEmail(context, OWN_EMAIL, fields.get("html") ?? "", fields);
}

/**
 * An email, decorated for `person`. Its links lead to `origin`, where the browser sees this Worker: behind
 * `wrangler dev` with routes, a request does not know it. Without `images=1` the sources of images are removed, as mail
 * clients do.
 */
async function showEmail(
  context: PreviewContext,
  email: typeof SAMPLE_EMAIL | typeof OWN_EMAIL,
  html: string,
  fields: URLSearchParams,
): Promise<Response> {
  const reader = readerOf(fields.get("person") ?? "");
  if (reader === undefined) return context.text("person must be a number of at most nine digits.\n", 400);
  const origin = fields.get("origin") || new URL(context.req.url).origin;
  const message = { email: email.id, person: reader.person, campaign: SAMPLE_CAMPAIGN.id };
  const decorated = decoratedOr(() => decorate(html, { keys: context.var.settings.tokenKeys, origin }, message));
  if (!decorated.ok) return context.text(`${decorated.reason}\n`, 400);
  await storeReader(reader, email, context.env.DB);
  const withImages = fields.get("images") === "1";
  const shown = opensLinksOutside(decorated.value);
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

/** Refused with a sentence that names what is wrong. */
function decoratedOr(work: () => { readonly html?: string | undefined }): Result<string, string> {
  try {
    return ok(work().html ?? "");
  } catch (error) {
    if (error instanceof DecorateError) return refused(error.message);
    throw error;
  }
}

/** As mail clients do. */
function opensLinksOutside(html: string): string {
  const base = '<base target="_blank">';
  return /<head\b[^<>]*>/i.test(html)
    ? html.replace(/<head\b[^<>]*>/i, (head) => head + base)
    : html.replace(/^\s*(?:<!doctype[^<>]*>)?/i, (start) => start + base);
}

/** Without D1 the email is shown all the same; the page says that the log is out of reach. */
async function storeReader(
  { person, address }: Reader,
  email: { readonly id: string; readonly name: string },
  d1: D1Database,
): Promise<void> {
  try {
    await upsertRecipient(d1, { email, campaign: SAMPLE_CAMPAIGN, person: { id: person, address } }, Date.now());
  } catch (error) {
    logger.error("reader not stored", { error });
  }
}
