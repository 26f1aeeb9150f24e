/** The table of routes: every path, its handlers, its scope. */

import { Hono } from "hono";
import { bearer } from "./access/bearer.ts";
import { createClient, listClients, revokeClient } from "./access/clients-api.ts";
import type { Scope } from "./access/scope.ts";
import { issueAccessToken } from "./access/token-endpoint.ts";
import { recordEvents } from "./delivery/events.ts";
import { receiveWebhook } from "./delivery/provider-webhooks.ts";
import { protectAnswers } from "./http/answers.ts";
import { limitedBody, limitedForm } from "./http/body.ts";
import { requireSettings } from "./http/configured.ts";
import { errorAnswer, failureAnswer } from "./http/errors.ts";
import { routingPath } from "./http/path.ts";
import { leaseReads, limitReads, tooManyReads } from "./http/read-limit.ts";
import { addRoute, type Handlers } from "./http/routes.ts";
import { listDeadLetters, replayDeadLetters } from "./ingest/dead-letters-api.ts";
import { health } from "./ingest/health.ts";
import { DOTTED_PATH, marketo } from "./marketo/routes.ts";
import { addPreview } from "./preview/preview.ts";
import { erasePerson, exportPerson, showErasure } from "./privacy/api.ts";
import { reportEmails, reportLinks } from "./reports/api.ts";
import { listRetries } from "./retries/api.ts";
import { decorateEmail } from "./sending/decorate.ts";
import { checkSuppression, checkSuppressions, removeSuppression } from "./suppressions/api.ts";
import { showUnsubscribe, submitUnsubscribe } from "./suppressions/unsubscribe.ts";
import { click, open } from "./tracking/index.ts";

declare const process: { readonly env: { readonly NODE_ENV?: string } };

interface ApiPath extends Handlers {
  /** What a client needs; an API key may do everything. */
  readonly scope: Scope;
  /** Whether it reads much of D1, and is limited in number at once. */
  readonly isExpensive?: true;
}

/** `/v1` */
const API: Readonly<Record<string, ApiPath>> = {
  "/v1/decorate": { scope: "send", POST: decorateEmail },
  "/v1/events": { scope: "send", POST: recordEvents },
  "/v1/suppressions/check": { scope: "send", GET: checkSuppression, POST: checkSuppressions },
  "/v1/suppressions": { scope: "admin", DELETE: removeSuppression },
  "/v1/retries": { scope: "send", GET: listRetries },
  "/v1/reports/emails": { scope: "read", isExpensive: true, GET: reportEmails },
  "/v1/reports/emails.csv": { scope: "read", isExpensive: true, GET: reportEmails },
  "/v1/reports/links": { scope: "read", isExpensive: true, GET: reportLinks },
  "/v1/reports/links.csv": { scope: "read", isExpensive: true, GET: reportLinks },
  "/v1/dead-letters": { scope: "admin", GET: listDeadLetters },
  "/v1/dead-letters/replay": { scope: "admin", POST: replayDeadLetters },
  "/v1/clients": { scope: "admin", GET: listClients, POST: createClient },
  "/v1/clients/revoke": { scope: "admin", POST: revokeClient },
  "/v1/people/erase": { scope: "admin", POST: erasePerson },
  "/v1/people/erasures": { scope: "admin", GET: showErasure },
  "/v1/people/export": { scope: "admin", isExpensive: true, GET: exportPerson },
};

export const app = new Hono<{ Bindings: Env }>({ getPath: routingPath(DOTTED_PATH) });

// For recipients: no login. The pixel and the redirect check the settings themselves: a pixel is always a picture.
addRoute(app, "/o/*", { GET: open });
addRoute(app, "/c/*", { GET: click });
app.use(protectAnswers, requireSettings);
app.post("/u/*", limitedForm);
addRoute(app, "/u/*", { GET: showUnsubscribe, POST: submitUnsubscribe });

// For operators.
addRoute(app, "/healthz", { GET: health });

// For email providers: each signs its webhooks in its own way.
app.post("/v1/webhooks/:provider", limitedBody);
addRoute(app, "/v1/webhooks/:provider", { POST: receiveWebhook });

// For senders.
const EXPENSIVE = { running: 1, waiting: 9 };
/** Between two expensive reads, at most. */
const MAX_PAUSE_MS = 250;
const limitExpensive = limitReads(EXPENSIVE, tooManyReads, MAX_PAUSE_MS);
const leaseExpensive = leaseReads("expensive", EXPENSIVE, tooManyReads);
for (const [path, { scope, isExpensive, ...handlers }] of Object.entries(API)) {
  app.use(path, bearer(scope), limitedBody);
  if (isExpensive) app.use(path, limitExpensive, leaseExpensive);
  addRoute(app, path, handlers);
}
app.all("/v1/*", bearer(), limitedBody, () =>
  failureAnswer({ status: 404, code: "not_found", message: "There is no such path on /v1." }),
);

// For readers of the log: Marketo's REST API.
app.on(["GET", "POST"], "/identity/oauth/token", limitedForm);
addRoute(app, "/identity/oauth/token", { GET: issueAccessToken, POST: issueAccessToken });
app.route("/", marketo);

// wrangler sets "production" for a deploy and "development" for `wrangler dev`; a deploy leaves the preview page out.
if (process.env.NODE_ENV !== "production") addPreview(app);

app.notFound((context) => context.text("There is nothing here.\n", 404));
app.onError(errorAnswer);
