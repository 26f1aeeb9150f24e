/**
 * Marketo's REST API over this log: `/rest/v1/activities…` and `/bulk/v1/activities/export…`. Guarantees that a program written for
 * Marketo meets nothing else than its envelope and its codes, whatever it sends.
 */
import type { Context } from "hono";
import { HonoBase } from "hono/hono-base";
import { TrieRouter } from "hono/router/trie-router";
import type { Env } from "../../env.ts";
import { activities, pagingToken, types } from "./activities.ts";
import { guarded } from "./calls.ts";
import { MarketoError, refusal } from "./envelope.ts";
import { cancelExport, createExport, enqueueExport, exportFile, exportStatus, listExports } from "./exports.ts";

/** Around every call: limits, the access token, and a count of what runs at once. */
const reads = guarded("read");

export const marketo = new HonoBase<{ Bindings: Env }>({ router: new TrieRouter() });

marketo.use("/*", reads);
for (const [path, handler] of [
  ["/rest/v1/activities/types.json", types],
  ["/rest/v1/activities/pagingtoken.json", pagingToken],
  ["/rest/v1/activities.json", activities],
  ["/bulk/v1/activities/export.json", listExports],
  ["/bulk/v1/activities/export/:id/status.json", exportStatus],
  ["/bulk/v1/activities/export/:id/file.json", exportFile],
] as const) {
  marketo.on(["GET", "POST"], path, handler);
}
for (const [path, handler] of [
  ["/bulk/v1/activities/export/create.json", createExport],
  ["/bulk/v1/activities/export/:id/enqueue.json", enqueueExport],
  ["/bulk/v1/activities/export/:id/cancel.json", cancelExport],
] as const) {
  marketo.post(path, handler);
  marketo.all(path, () => refusal("605"));
}
