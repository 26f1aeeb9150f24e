/**
 * The routes of Marketo's REST API over this log: `/rest/v1/activities…` and `/bulk/v1/activities/export…`.
 * Guarantees that a program written for Marketo gets nothing but its envelope and its codes, whatever it sends.
 */

import { Hono } from "hono";
import { routePath } from "hono/route";
import { limitReads } from "../http/read-limit.ts";
import { logger } from "../platform/logger.ts";
import { listActivities, listActivityTypes, newPagingToken } from "./activities.ts";
import { limitCallBody, limitCalls, limitUri, type MarketoEnv, requireReadScope, verifyBearer } from "./calls.ts";
import { MarketoError, marketoErrorAnswer } from "./envelope.ts";
import {
  cancelExtract,
  createExtract,
  enqueueExtract,
  extractFile,
  extractStatus,
  listExtracts,
} from "./extracts-api.ts";

/** A GET may come as a POST whose URI says `_method=GET`. */
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
] as const;

const EVERY_PATH = ["/rest/*", "/bulk/*"];

/** One of Marketo's client libraries asks for "/rest/../bulk/v1/…". */
export const DOTTED_PATH = "/rest/.";

export const marketo = new Hono<MarketoEnv>();

for (const path of EVERY_PATH) marketo.use(path, limitUri, limitCallBody, verifyBearer, limitCalls);
const limitPages = limitReads({ running: 4, waiting: 16 }, () => marketoErrorAnswer("615"));
// Reads the client's scopes together with its page: one round trip to D1 instead of two.
marketo.on(READ, "/rest/v1/activities.json", limitPages, listActivities);
for (const path of EVERY_PATH) marketo.use(path, requireReadScope);
marketo.all("/rest/v1/activities.json", () => marketoErrorAnswer("605"));
for (const [methods, path, handler] of ROUTES) {
  marketo.on(methods, path, handler);
  marketo.all(path, () => marketoErrorAnswer("605"));
}
for (const path of EVERY_PATH) marketo.all(path, () => marketoErrorAnswer("610"));

marketo.onError((error, context) => {
  if (error instanceof MarketoError) return marketoErrorAnswer(error.code, error.message);
  logger.error("request failed", { path: routePath(context), error });
  return marketoErrorAnswer("611");
});
