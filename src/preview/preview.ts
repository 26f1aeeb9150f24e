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
import { markup } from "../web/markup.ts";
import { OWN_EMAIL, type Reader, readerOf, SAMPLE_CAMPAIGN, SAMPLE_EMAIL } from "./reader.ts";
import { sampleEmail } from "./sample-email.ts";
import { recordVisits } from "./visits.ts";

interface PreviewEnv {
  Bindings: Env;
  Variables: { settings: Settings };
}
type PreviewContext = Context<PreviewEnv>;
type PreviewEmail = typeof SAMPLE_EMAIL | typeof OWN_EMAIL;

/** How large a form with an email may be, whose characters beyond ASCII take up to nine bytes. */
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
  app.get("/preview/unsubscribe", developmentOnly, explainUnsubscribe);
  app.post("/preview/unsubscribe", developmentOnly, limitedEmail, (context) => unsubscribe(context, app));
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
 * An email, decorated for `person`. Without `images=1` the sources of images are removed, as mail clients do.
 */
async function showEmail(
  context: PreviewContext,
  email: PreviewEmail,
  html: string,
  fields: URLSearchParams,
): Promise<Response> {
  const decorated = await decoratedFor(context, email, html, fields);
  if (!decorated.ok) return context.text(`${decorated.reason}\n`, 400);
  const { copy, origin } = decorated.value;
  const withImages = fields.get("images") === "1";
  const shown = opensLinksOutside(copy.html ?? "");
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

/** GET /preview/unsubscribe: what is in the frame of its outcome before. */
function explainUnsubscribe(): Response {
  return outcomePage(
    "hint",
    "“Unsubscribe” posts to the address of the email’s List-Unsubscribe, as mail clients do.",
    200,
  );
}

/**
 * POST /preview/unsubscribe: what a mail client's "Unsubscribe" does with the email that was pasted (`html`), or else
 * the sample email: it posts to the address of its `List-Unsubscribe` (RFC 8058 §3.1). Says in a frame what came of it.
 */
async function unsubscribe(context: PreviewContext, app: Hono<{ Bindings: Env }>): Promise<Response> {
  const fields = await readForm(context.req);
  if (fields === undefined) return context.text("This takes a form.\n", 415);
  const html = fields.get("html");
  const email = html === null ? SAMPLE_EMAIL : OWN_EMAIL;
  const decorated = await decoratedFor(context, email, html ?? sampleEmail.html, fields);
  if (!decorated.ok) return outcomePage("problem", decorated.reason, 400);
  const { copy, reader } = decorated.value;
  const address = copy.headers["List-Unsubscribe"]?.replaceAll(/[<>\s]/g, "") ?? "";
  if (!URL.canParse(address)) return outcomePage("problem", "This email has no List-Unsubscribe to post to.", 400);
  const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
  const request = new Request(new URL(new URL(address).pathname, context.req.url), { method: "POST", body });
  const { ok: isDone, status } = await app.fetch(request, context.env, context.executionCtx);
  if (!isDone) return outcomePage("problem", `${reader.name} is not unsubscribed: the answer was ${status}.`, 502);
  const what = email === SAMPLE_EMAIL ? `“${email.name}”` : "your email";
  return outcomePage("done", `The mail client has unsubscribed ${reader.name} from ${what} (RFC 8058).`, 200);
}

function outcomePage(kind: "hint" | "done" | "problem", sentence: string, status: number): Response {
  const csp = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
  const html = markup`<!doctype html><html lang="en" class="outcome"><meta charset="utf-8"><title>Unsubscribing</title>
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/app/assets/app.css">
<p class="${kind === "hint" ? kind : `notice ${kind}`}">${sentence}</p>
`;
  return page({ html: String(html), csp }, status);
}

interface DecoratedEmail {
  readonly copy: ReturnType<typeof decorate>;
  readonly reader: Reader;
  readonly origin: string;
}

/**
 * Links lead to `origin`, where the browser sees this Worker: behind `wrangler dev` with routes, a request does not
 * know it.
 */
async function decoratedFor(
  context: PreviewContext,
  email: PreviewEmail,
  html: string,
  fields: URLSearchParams,
): Promise<Result<DecoratedEmail, string>> {
  const reader = readerOf(fields.get("person") ?? "");
  if (reader === undefined) return refused("person must be a number of at most nine digits.");
  const origin = fields.get("origin") || new URL(context.req.url).origin;
  const message = { email: email.id, person: reader.person, campaign: SAMPLE_CAMPAIGN.id };
  const copy = decoratedOr(() => decorate(html, { keys: context.var.settings.tokenKeys, origin }, message));
  if (!copy.ok) return copy;
  await storeReader(reader, email, context.env.DB);
  return ok({ copy: copy.value, reader, origin });
}

/** Refused with a sentence that names what is wrong. */
function decoratedOr<Copy>(work: () => Copy): Result<Copy, string> {
  try {
    return ok(work());
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
async function storeReader({ person, address }: Reader, email: PreviewEmail, d1: D1Database): Promise<void> {
  try {
    await upsertRecipient(d1, { email, campaign: SAMPLE_CAMPAIGN, person: { id: person, address } }, Date.now());
  } catch (error) {
    logger.error("reader not stored", { error });
  }
}
