/** All surfaces, each on its paths. */

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { getPath } from "hono/utils/url";
import { bearer } from "./access/bearer.ts";
import { endClient, listClients, makeClient } from "./access/clients-api.ts";
import type { Scope } from "./access/scope.ts";
import { giveAccessToken } from "./access/token-endpoint.ts";
import { settingsOf } from "./config/settings.ts";
import { recordEvents } from "./delivery/events.ts";
import { receiveWebhook } from "./delivery/provider-webhooks.ts";
import { methodNotAllowed } from "./http/answers.ts";
import { limitedBody } from "./http/body.ts";
import { ApiError, faultAnswer } from "./http/errors.ts";
import { notSetUp } from "./http/not-set-up.ts";
import { listDeadLetters, replayDeadLetters } from "./ingest/dead-letters-api.ts";
import { health } from "./ingest/health.ts";
import { marketo } from "./marketo/routes.ts";
import { logger } from "./platform/logger.ts";
import { addPreview } from "./preview/preview.ts";
import { erasePerson, exportPerson, showErasure } from "./privacy/api.ts";
import { reportEmails, reportLinks } from "./reports/api.ts";
import { listRetries } from "./retries/api.ts";
import { decorateEmail } from "./sending/decorate.ts";
import { listMailability, resetMailability, showMailability } from "./suppressions/api.ts";
import { showUnsubscribe, submitUnsubscribe } from "./suppressions/unsubscribe.ts";
import { click } from "./tracking/click.ts";
import { open, pixel } from "./tracking/open.ts";

/**
 * The runtime hands paths on as they were sent, and one of Marketo's clients sends "/rest/../bulk/v1/…" (RFC 3986 §5.2.4). A second slash
 * at the end, because the router takes "/healthz/" for "/healthz", but not "/healthz//".
 */
function pathOf(request: Request): string {
  const { url } = request;
  const path = getPath(url.includes("/rest/.") ? new Request(new URL(url).href) : request);
  return path.length > 1 && path.endsWith("/") ? `${path}/` : path;
}

declare const process: { readonly env: { readonly NODE_ENV?: string } };

/** The form has two short fields. */
const MAX_FORM_BYTES = 16 * 1024;

export const app = new Hono<{ Bindings: Env }>({ getPath: pathOf });

app.get("/o/*", (c) => open(c.req.raw, c.env, c.executionCtx, c.req.path.slice("/o/".length)));
app.all("/o/*", () => methodNotAllowed("GET", "HEAD"));

app.use(async (context, next) => {
  const settings = settingsOf(context.env);
  if (settings.ok) return await next();
  return notSetUp(settings.faults);
});

app.get("/c/*", (c) => click(c.req.raw, c.env, c.executionCtx, c.req.path.slice(3)));
app.all("/c/*", () => methodNotAllowed("GET", "HEAD"));

app.get("/u/*", showUnsubscribe);
app.post(
  "/u/*",
  bodyLimit({
    maxSize: MAX_FORM_BYTES,
    onError: () => new Response("That is more than this form has fields for.\n", { status: 413 }),
  }),
  submitUnsubscribe,
);
app.all("/u/*", () => methodNotAllowed("GET", "HEAD", "POST"));

app.get("/healthz", health);
app.all("/healthz", () => methodNotAllowed("GET", "HEAD"));

const takesOnly = (...methods: readonly string[]) =>
  faultAnswer(
    { status: 405, code: "method_not_allowed", message: `This path takes ${methods.join(", ")}.` },
    { Allow: methods.join(", ") },
  );

// A provider has its own way of saying who it is.
app.post("/v1/webhooks/:provider", limitedBody, receiveWebhook);
app.all("/v1/webhooks/:provider", () => takesOnly("POST"));

/** What a path of /v1 takes, and the scope that a client needs for it; an API key may do everything. */
interface ApiPath {
  readonly scope: Scope;
  readonly GET?: Handler;
  readonly POST?: Handler;
}
type Handler = (context: Context<{ Bindings: Env }>) => Promise<Response>;

const API: Readonly<Record<string, ApiPath>> = {
  "/v1/decorate": { scope: "send", POST: decorateEmail },
  "/v1/events": { scope: "send", POST: recordEvents },
  "/v1/mailability": { scope: "send", GET: showMailability, POST: listMailability },
  "/v1/mailability/reset": { scope: "admin", POST: resetMailability },
  "/v1/retries": { scope: "send", GET: listRetries },
  "/v1/reports/emails": { scope: "read", GET: reportEmails },
  "/v1/reports/emails.csv": { scope: "read", GET: reportEmails },
  "/v1/reports/links": { scope: "read", GET: reportLinks },
  "/v1/reports/links.csv": { scope: "read", GET: reportLinks },
  "/v1/dead-letters": { scope: "admin", GET: listDeadLetters },
  "/v1/dead-letters/replay": { scope: "admin", POST: replayDeadLetters },
  "/v1/clients": { scope: "admin", GET: listClients, POST: makeClient },
  "/v1/clients/revoke": { scope: "admin", POST: endClient },
  "/v1/people/erase": { scope: "admin", POST: erasePerson },
  "/v1/people/erasures": { scope: "admin", GET: showErasure },
  "/v1/people/export": { scope: "admin", GET: exportPerson },
};
for (const [path, { scope, GET, POST }] of Object.entries(API)) {
  app.use(path, bearer(scope), limitedBody);
  if (GET !== undefined) app.get(path, GET);
  if (POST !== undefined) app.post(path, POST);
  app.all(path, () =>
    takesOnly(...(GET === undefined ? [] : ["GET", "HEAD"]), ...(POST === undefined ? [] : ["POST"])),
  );
}
app.all("/v1/*", bearer(), limitedBody, () =>
  faultAnswer({ status: 404, code: "not_found", message: "There is no such path on /v1." }),
);

const TOKEN_PATH = "/identity/oauth/token";
app.on(
  ["GET", "POST"],
  TOKEN_PATH,
  bodyLimit({ maxSize: MAX_FORM_BYTES, onError: () => new Response("Too much.\n", { status: 413 }) }),
  giveAccessToken,
);
app.all(TOKEN_PATH, () => methodNotAllowed("GET", "HEAD", "POST"));

app.route("/", marketo);

// wrangler puts "production" here for a deploy, "development" for `wrangler dev`: the preview page is left out of a deploy.
if (process.env.NODE_ENV !== "production") addPreview(app);

app.notFound((context) => context.text("There is nothing here.\n", 404));

app.onError((error, context) => {
  if (error instanceof ApiError) return faultAnswer(error.fault);
  logger.error("request failed", { path: context.req.routePath, error });
  if (context.req.path.startsWith("/o/")) return pixel();
  if (context.req.path.startsWith("/v1/")) {
    return faultAnswer({
      status: 500,
      code: "internal",
      message: "Something went wrong here; it is in the log.",
    });
  }
  return context.text("Something went wrong here. Please try again in a moment.\n", 500);
});
