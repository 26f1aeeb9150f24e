/** The table of routes: every path, its handlers, its scope. */
import { Hono } from "hono";
import { requestId } from "hono/request-id";
import { type ApiPaths, addApi, admin, expensive, paged, read, send, signed, writesLog } from "./access/api-routes.ts";
import { listClients, registerClient, revokeClient } from "./access/clients-api.ts";
import { issueAccessToken } from "./access/token-endpoint.ts";
import { runArchive, showArchive } from "./archive/api.ts";
import { checkArchive } from "./archive/check-api.ts";
import { addDashboard, addDeveloperSignIn, tryIt } from "./dashboard/index.ts";
import { recordEvents } from "./delivery/events.ts";
import { receiveWebhook, showWebhook } from "./delivery/provider-webhooks.ts";
import { readFeed } from "./feed/api.ts";
import { HEALTH_PARTS } from "./health-parts.ts";
import { answerRequestId, protectAnswers } from "./http/answers.ts";
import { limitedForm } from "./http/body.ts";
import { requireSettings, requireSettingsOfLinks } from "./http/configured.ts";
import { errorAnswer } from "./http/errors.ts";
import { routingPath } from "./http/path.ts";
import { addRoute } from "./http/routes.ts";
import { listDeadLetters, replayDeadLetters } from "./ingest/dead-letters-api.ts";
import { healthOf } from "./ingest/health.ts";
import { listSettings } from "./ingest/settings-api.ts";
import { DOTTED_PATH, marketo, SLASHED_PATH } from "./marketo/routes.ts";
import { listMessages } from "./messages/list.ts";
import { showMessage, showMessageOfToken } from "./messages/timeline.ts";
import { addPreview } from "./preview/preview.ts";
import { erasePerson, exportPerson, showErasure } from "./privacy/api.ts";
import { countHeld } from "./privacy/held-api.ts";
import { reportActivity } from "./reports/activity-api.ts";
import { reportBounces } from "./reports/bounces-api.ts";
import { reportDevices } from "./reports/devices-api.ts";
import { reportDomains } from "./reports/domains-api.ts";
import { reportEmails } from "./reports/emails-api.ts";
import { reportLinks } from "./reports/links-api.ts";
import { reportRecipients } from "./reports/recipients-api.ts";
import { csvOf } from "./reports/report.ts";
import { reportSeries } from "./reports/series-api.ts";
import { listRetries } from "./retries/api.ts";
import { statementsForLeaving } from "./retries/index.ts";
import { decorateBatch } from "./sending/batch.ts";
import { decorateEmail } from "./sending/decorate.ts";
import { describeEmail } from "./sending/describe-email.ts";
import { showSource } from "./sending/source/api.ts";
import {
  addSuppression,
  checkSuppression,
  checkSuppressions,
  listSuppressions,
  removeSuppression,
} from "./suppressions/api.ts";
import { showUnsubscribe, submitUnsubscribe } from "./suppressions/unsubscribe.ts";
import { click, open } from "./tracking/index.ts";
import {
  createEndpoint,
  listEndpoints,
  removeEndpoint,
  rotateSecret,
  showEndpoint,
  updateEndpoint,
} from "./webhooks/api.ts";
import { listDeliveries } from "./webhooks/deliveries-api.ts";
import { replayEvents, skipWaitingEvent, stopReplay, testEndpoint } from "./webhooks/replay-api.ts";
import { wakeAfterAnswer } from "./webhooks/wake.ts";

declare const process: { readonly env: { readonly NODE_ENV?: string } };

/** `/v1`: each operation with the scope that a client needs; an API key may do everything. */
export const API: ApiPaths = {
  "/v1/decorate": { POST: send(decorateEmail) },
  "/v1/decorate/batch": { POST: send(decorateBatch) },
  "/v1/emails": { POST: send(describeEmail) },
  "/v1/emails/:email/source": { GET: read(showSource) },
  "/v1/events": { GET: paged(read(readFeed)), POST: writesLog(send(recordEvents)) },
  "/v1/suppressions/check": { GET: send(checkSuppression), POST: send(checkSuppressions) },
  "/v1/suppressions": {
    GET: send(listSuppressions),
    POST: writesLog(send(addSuppression)),
    DELETE: writesLog(admin(removeSuppression)),
  },
  "/v1/retries": { GET: send(listRetries) },
  "/v1/reports/emails": { GET: expensive(read(reportEmails)) },
  "/v1/reports/emails.csv": { GET: expensive(read(csvOf(reportEmails))) },
  "/v1/reports/links": { GET: expensive(read(reportLinks)) },
  "/v1/reports/links.csv": { GET: expensive(read(csvOf(reportLinks))) },
  "/v1/reports/series": { GET: expensive(read(reportSeries)) },
  "/v1/reports/series.csv": { GET: expensive(read(csvOf(reportSeries))) },
  "/v1/reports/domains": { GET: expensive(read(reportDomains)) },
  "/v1/reports/domains.csv": { GET: expensive(read(csvOf(reportDomains))) },
  "/v1/reports/recipients": { GET: expensive(read(reportRecipients)) },
  "/v1/reports/recipients.csv": { GET: expensive(read(csvOf(reportRecipients))) },
  "/v1/reports/bounces": { GET: expensive(read(reportBounces)) },
  "/v1/reports/bounces.csv": { GET: expensive(read(csvOf(reportBounces))) },
  "/v1/reports/devices": { GET: expensive(read(reportDevices)) },
  "/v1/reports/devices.csv": { GET: expensive(read(csvOf(reportDevices))) },
  "/v1/reports/activity": { GET: expensive(read(reportActivity)) },
  "/v1/reports/activity.csv": { GET: expensive(read(csvOf(reportActivity))) },
  "/v1/messages": { GET: paged(read(listMessages)) },
  "/v1/messages/:token": { GET: paged(read(showMessageOfToken)) },
  "/v1/messages/:email/:campaign/:person": { GET: paged(read(showMessage)) },
  "/v1/dead-letters": { GET: admin(listDeadLetters) },
  "/v1/dead-letters/replay": { POST: writesLog(admin(replayDeadLetters)) },
  "/v1/archive": { GET: expensive(admin(showArchive)) },
  "/v1/archive/run": { POST: admin(runArchive(statementsForLeaving)) },
  "/v1/archive/check": { POST: admin(checkArchive) },
  "/v1/settings": { GET: admin(listSettings(HEALTH_PARTS)) },
  "/v1/clients": { GET: admin(listClients), POST: admin(registerClient) },
  "/v1/clients/revoke": { POST: admin(revokeClient) },
  "/v1/people/erase": { POST: admin(erasePerson) },
  "/v1/people/erasures": { GET: admin(showErasure) },
  "/v1/people/held": { GET: expensive(admin(countHeld)) },
  "/v1/people/export": { GET: expensive(admin(exportPerson)) },
  "/v1/webhook-endpoints": { GET: admin(listEndpoints), POST: admin(createEndpoint) },
  "/v1/webhook-endpoints/:id": {
    GET: admin(showEndpoint),
    PATCH: admin(updateEndpoint),
    DELETE: admin(removeEndpoint),
  },
  "/v1/webhook-endpoints/:id/rotate": { POST: admin(rotateSecret) },
  "/v1/webhook-endpoints/:id/test": { POST: admin(testEndpoint) },
  "/v1/webhook-endpoints/:id/replay": { POST: admin(replayEvents), DELETE: admin(stopReplay) },
  "/v1/webhook-endpoints/:id/skip": { POST: admin(skipWaitingEvent) },
  "/v1/webhook-endpoints/:id/deliveries": { GET: admin(listDeliveries) },
  // For email providers: each signs its webhooks in its own way.
  "/v1/webhooks/:provider": { GET: signed(showWebhook), POST: writesLog(signed(receiveWebhook)) },
};

export const app = new Hono<{ Bindings: Env }>({ getPath: routingPath(DOTTED_PATH, SLASHED_PATH) });

// For recipients: no login. The pixel and the redirect check the settings themselves: a pixel is always a picture.
addRoute(app, "/o/*", { GET: open });
addRoute(app, "/c/*", { GET: click });
app.use("/v1/*", requestId(), answerRequestId);
app.use(protectAnswers);
app.use("/u/*", requireSettingsOfLinks);
app.use(requireSettings);
app.post("/u/*", wakeAfterAnswer, limitedForm);
addRoute(app, "/u/*", { GET: showUnsubscribe, POST: submitUnsubscribe });

// For operators.
addRoute(app, "/healthz", {
  GET: healthOf(HEALTH_PARTS),
});

// For senders.
addApi(app, API, wakeAfterAnswer);

// For readers of the log: Marketo's REST API.
app.on(["GET", "POST"], "/identity/oauth/token", limitedForm);
addRoute(app, "/identity/oauth/token", { GET: issueAccessToken, POST: issueAccessToken });
app.route("/", marketo);

// For people who look at the log. wrangler sets "development" for `wrangler dev`, and "production" for a deploy, which
// leaves out "Try it" and its emails.
addDashboard(app, process.env.NODE_ENV === "production" ? [] : [tryIt]);
if (process.env.NODE_ENV !== "production") {
  addDeveloperSignIn(app);
  addPreview(app);
}

app.notFound((context) => context.text("There is nothing here.\n", 404));
app.onError(errorAnswer);
