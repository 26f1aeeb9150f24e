/** Bulk extract: `/bulk/v1/activities/export…` (AdobeDocs, rest-api/bulk-extract). A client sees its own jobs only. */
import type { Context } from "hono";
import type { Result } from "../platform/result.ts";
import { byteRange } from "./byte-range.ts";
import type { MarketoEnv } from "./calls.ts";
import { answer, type MarketoCode, MarketoError } from "./envelope.ts";
import { exportRequestOf } from "./export-request.ts";
import { FORMATS } from "./extract/delimited.ts";
import { EXPORTS_NAME, type ExportStatus, type JobRejection, type JobStatus, STATUSES } from "./extract/job.ts";
import { signPagingToken, verifyPagingToken } from "./paging-token.ts";
import { batchSizeOf, invalidValue, listParameter, readParameters, required } from "./parameters.ts";

export async function createExport(context: Context<MarketoEnv>): Promise<Response> {
  const { req } = context;
  if (!/^application\/json\b/i.test(req.header("Content-Type") ?? "")) throw new MarketoError("612");
  const request = exportRequestOf(await req.text());
  return answer([await exportsOf(context).create(context.get("client"), request)]);
}

export async function enqueueExport(context: Context<MarketoEnv>): Promise<Response> {
  return answerOf(await exportsOf(context).enqueue(context.get("client"), idOf(context)));
}

export async function cancelExport(context: Context<MarketoEnv>): Promise<Response> {
  return answerOf(await exportsOf(context).cancel(context.get("client"), idOf(context)));
}

export async function exportStatus(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  const status = await exportsOf(context).status(context.get("client"), idOf(context));
  if (status === undefined) throw jobError("unknown");
  return answer([status]);
}

export async function listExports(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const statuses = statusesOf(parameters);
  const limit = batchSizeOf(parameters);
  const after = afterOf(context, parameters);
  const page = await exportsOf(context).list(context.get("client"), statuses, after, limit);
  // Clients go on for as long as there is a token.
  const more = page.next === undefined ? {} : { nextPageToken: signPagingToken(context, "exports", [page.next]) };
  return answer(page.exports, more);
}

/**
 * The file, or the range of it that `Range` names. Without a file, the answer is plain text, not the envelope, as
 * Marketo's is.
 */
export async function exportFile(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  const id = idOf(context);
  const status = await exportsOf(context).status(context.get("client"), id);
  if (status === undefined) return plainText("There is no such export.", 404);
  const { fileSize: size, format } = status;
  if (size === undefined) return plainText(`The export has no file: it is ${status.status}.`, 404);

  const { headers } = context.req.raw;
  const range = byteRange(headers.get("Range"), size);
  if (!range.ok && range.reason === "unsatisfiable") {
    const unsatisfied = { "Content-Range": `bytes */${size}` };
    return plainText(`The file has ${size} bytes, and none of them is asked for.`, 416, unsatisfied);
  }
  const file = await context.env.EXPORT_FILES.get(id, range.ok ? { range: range.value } : {});
  if (file === null) return plainText("The file of this export is gone.", 404);
  const { offset, length } = range.ok ? range.value : { offset: 0, length: size };
  return new Response(file.body, {
    status: range.ok ? 206 : 200,
    headers: {
      "Content-Type": FORMATS[format].contentType,
      "Content-Length": String(length),
      "Accept-Ranges": "bytes",
      ETag: file.httpEtag,
      // A proxy that compressed the file would change its length and break ranges.
      "Cache-Control": "no-store, no-transform",
      ...(range.ok && { "Content-Range": `bytes ${offset}-${offset + length - 1}/${size}` }),
    },
  });
}

function exportsOf({ env }: Context<MarketoEnv>) {
  return env.EXPORTS.getByName(EXPORTS_NAME);
}

function idOf({ req }: Context<MarketoEnv>): string {
  return req.param("id") ?? "";
}

const JOB_ERRORS: Readonly<Record<JobRejection, readonly [MarketoCode, string]>> = {
  unknown: ["702", "No data found: this client has no such export"],
  queued: ["1029", "Job already queued"],
  ended: ["1003", "Invalid data: the export has ended already"],
  full: ["1029", "Too many jobs in queue"],
};

function jobError(reason: JobRejection): MarketoError {
  return new MarketoError(...JOB_ERRORS[reason]);
}

function answerOf(outcome: Result<ExportStatus, JobRejection>): Response {
  if (outcome.ok) return answer([outcome.value]);
  throw jobError(outcome.reason);
}

/** In any case; Marketo's documents spell both "Canceled" and "Cancelled". */
function statusesOf(parameters: URLSearchParams): readonly JobStatus[] {
  if (!parameters.has("status")) return STATUSES;
  required(parameters, "status");
  return listParameter(parameters, "status").map((text) => {
    const spelled = text.toLowerCase() === "canceled" ? "cancelled" : text.toLowerCase();
    const status = STATUSES.find((each) => each.toLowerCase() === spelled);
    if (status !== undefined) return status;
    throw invalidValue(text, `status must be one of ${STATUSES.join()}`);
  });
}

function afterOf(context: Context<MarketoEnv>, parameters: URLSearchParams): number {
  if (!parameters.has("nextPageToken")) return 0;
  const [after = 0] = verifyPagingToken(context, "exports", required(parameters, "nextPageToken"));
  return after;
}

function plainText(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, { status, headers });
}
