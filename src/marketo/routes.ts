/**
 * The routes of Marketo's REST API over this log: activities, their bulk extract, the people, emails and campaigns that
 * it knows, and all else that programs read, which is empty. Guarantees that a program written for Marketo gets nothing
 * but its envelope and its codes, whatever it sends.
 */
import { Hono } from "hono";
import { routePath } from "hono/route";
import { limitExpensiveReads, limitPageReads } from "../http/read-limit.ts";
import { logger } from "../platform/logger.ts";
import { listActivities, listActivityTypes, newPagingToken } from "./activities.ts";
import { limitCallBody, limitCalls, limitUri, type MarketoEnv, requireReadScope, verifyBearer } from "./calls.ts";
import {
  findEmailAsset,
  listCampaigns,
  listEmailAssets,
  readCampaign,
  readEmailAsset,
} from "./emails-and-campaigns.ts";
import {
  EMPTY_ASSETS,
  EMPTY_RECORDS,
  errors,
  noAssets,
  noChanges,
  noRecords,
  refuseOtherExtract,
  usage,
} from "./empty-reads.ts";
import { MarketoError, marketoErrorAnswer } from "./envelope.ts";
import {
  cancelExtract,
  createExtract,
  enqueueExtract,
  extractFile,
  extractStatus,
  listExtracts,
} from "./extracts-api.ts";
import { describeLead2, describeLeads, findLeads, listLeadFields, readLead, readLeadField } from "./leads.ts";

/** A GET may come as a POST that says `_method=GET`. */
const READ = ["GET", "POST"];
const WRITE = ["POST"];

const ROUTES = [
  [READ, "/rest/v1/activities/types.json", listActivityTypes],
  [READ, "/rest/v1/activities/pagingtoken.json", newPagingToken],
  [READ, "/bulk/v1/activities/export.json", listExtracts],
  [READ, "/bulk/v1/activities/export/:id/status.json", extractStatus],
  [READ, "/bulk/v1/activities/export/:id/file.json", extractFile],
  [WRITE, "/bulk/v1/activities/export/create.json", createExtract],
  [WRITE, "/bulk/v1/activities/export/:id/enqueue.json", enqueueExtract],
  [WRITE, "/bulk/v1/activities/export/:id/cancel.json", cancelExtract],
  [WRITE, "/bulk/v1/leads/export/create.json", refuseOtherExtract],
  [WRITE, "/bulk/v1/program/members/export/create.json", refuseOtherExtract],
  [WRITE, "/bulk/v1/customobjects/:name/export/create.json", refuseOtherExtract],
  [READ, "/bulk/v1/leads/export.json", noRecords],
  [READ, "/bulk/v1/program/members/export.json", noRecords],
  [READ, "/bulk/v1/customobjects/:name/export.json", noRecords],
  [READ, "/rest/v1/stats/usage.json", usage],
  [READ, "/rest/v1/stats/usage/last7days.json", usage],
  [READ, "/rest/v1/stats/errors.json", errors],
  [READ, "/rest/v1/stats/errors/last7days.json", errors],
  [READ, "/rest/v1/activities/deletedleads.json", noChanges],
  [READ, "/rest/v1/activities/leadchanges.json", noChanges],
  [READ, "/rest/v1/leads.json", findLeads],
  [READ, "/rest/v1/leads/describe.json", describeLeads],
  [READ, "/rest/v1/leads/describe2.json", describeLead2],
  [READ, "/rest/v1/leads/schema/fields.json", listLeadFields],
  [READ, "/rest/v1/leads/schema/fields/:file{[^/]+\\.json}", readLeadField],
  [READ, "/rest/v1/lead/:file{[^/]+\\.json}", readLead],
  [READ, "/rest/asset/v1/email/byName.json", findEmailAsset],
  ...EMPTY_RECORDS.map((path) => [READ, `/rest/v1/${path}`, noRecords] as const),
] as const;

/** These count the end of the log first, and look through all emails or campaigns. */
const EXPENSIVE_ROUTES = [
  ["/rest/v1/campaigns.json", listCampaigns],
  ["/rest/v1/campaigns/:file{[^/]+\\.json}", readCampaign],
  ["/rest/asset/v1/emails.json", listEmailAssets],
  ["/rest/asset/v1/email/:file{[^/]+\\.json}", readEmailAsset],
] as const;

const EVERY_PATH = ["/rest/*", "/bulk/*"];

/** One of Marketo's client libraries asks for "/rest/../bulk/v1/…". */
export const DOTTED_PATH = "/rest/.";
/** Programs join an address that ends with a slash and a path that begins with one. */
export const SLASHED_PATH = /^\/+(?:rest|bulk|identity)\//;

export const marketo = new Hono<MarketoEnv>();

for (const path of EVERY_PATH) marketo.use(path, limitUri, limitCallBody, verifyBearer, limitCalls);
const limitPages = limitPageReads(() => marketoErrorAnswer("615"));
// Reads the client's scopes together with its page: one round trip to D1 instead of two.
marketo.on(READ, "/rest/v1/activities.json", limitPages, listActivities);
for (const path of EVERY_PATH) marketo.use(path, requireReadScope);
marketo.all("/rest/v1/activities.json", () => marketoErrorAnswer("605"));
for (const [methods, path, handler] of ROUTES) {
  marketo.on(methods, path, handler);
  marketo.all(path, () => marketoErrorAnswer("605"));
}
const limits = limitExpensiveReads(() => marketoErrorAnswer("615"));
for (const [path, handler] of EXPENSIVE_ROUTES) {
  for (const limit of limits) marketo.use(path, limit);
  marketo.on(READ, path, handler);
  marketo.all(path, () => marketoErrorAnswer("605"));
}
// Behind those of the log's own assets.
for (const path of EMPTY_ASSETS) {
  marketo.on(READ, `/rest/asset/v1/${path}`, noAssets);
  marketo.all(`/rest/asset/v1/${path}`, () => marketoErrorAnswer("605"));
}
for (const path of EVERY_PATH) marketo.all(path, () => marketoErrorAnswer("610"));

marketo.onError((error, context) => {
  if (error instanceof MarketoError) return marketoErrorAnswer(error.code, error.message);
  logger.error("request failed", { path: routePath(context), error });
  return marketoErrorAnswer("611");
});
