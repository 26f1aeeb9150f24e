/**
 * Marketo's REST API over this log: `/rest/v1/activities…` and `/bulk/v1/activities/export…`. Guarantees that a program written for
 * Marketo meets nothing but its envelope and its codes, whatever it sends.
 */

import { Hono } from "hono";
import { logger } from "../platform/logger.ts";
import { activities, pagingToken, types } from "./activities.ts";
import { authorized, limited, type MarketoEnv, named, shortBody, shortUri } from "./calls.ts";
import { MarketoError, refusal } from "./envelope.ts";
import {
  cancelExport,
  createExport,
  enqueueExport,
  exportFile,
  exportStatus,
  listExports,
} from "./exports.ts";

export const marketo = new Hono<MarketoEnv>();

for (const all of ["/rest/*", "/bulk/*"]) marketo.use(all, shortUri, shortBody, named, limited);

// Asks D1 for the client's scopes itself, with its page: one way there instead of two.
marketo.on(["GET", "POST"], "/rest/v1/activities.json", activities);

for (const all of ["/rest/*", "/bulk/*"]) marketo.use(all, authorized);

for (const [path, handler] of [
  ["/rest/v1/activities/types.json", types],
  ["/rest/v1/activities/pagingtoken.json", pagingToken],
  ["/bulk/v1/activities/export.json", listExports],
  ["/bulk/v1/activities/export/:id/status.json", exportStatus],
  ["/bulk/v1/activities/export/:id/file.json", exportFile],
] as const) {
  marketo.on(["GET", "POST"], path, handler);
  marketo.all(path, () => refusal("605"));
}
for (const [path, handler] of [
  ["/bulk/v1/activities/export/create.json", createExport],
  ["/bulk/v1/activities/export/:id/enqueue.json", enqueueExport],
  ["/bulk/v1/activities/export/:id/cancel.json", cancelExport],
] as const) {
  marketo.post(path, handler);
  marketo.all(path, () => refusal("605"));
}
marketo.all("/rest/v1/activities.json", () => refusal("605"));
for (const all of ["/rest/*", "/bulk/*"]) marketo.all(all, () => refusal("610"));

marketo.onError((error, context) => {
  if (error instanceof MarketoError) return refusal(error.code, error.message);
  logger.error("request failed", { path: context.req.routePath, error });
  return refusal("611");
});
