/** Bulk extract: `/bulk/v1/activities/export…` (AdobeDocs, rest-api/bulk-extract). A client sees its own jobs only. */
import type { Context } from "hono";
import { objectNamed } from "../config/objects.ts";
import type { Result } from "../platform/result.ts";
import { byteRange } from "./byte-range.ts";
import type { MarketoEnv } from "./calls.ts";
import { answer, type MarketoCode, MarketoError } from "./envelope.ts";
import { FORMATS } from "./extract/delimited.ts";
import {
  EXTRACTS_NAME,
  type ExtractStatus,
  JOB_STATUSES,
  type JobRejection,
  type JobStatus,
  MAX_FILES,
  MAX_JOBS_WITHOUT_FILE,
} from "./extract/job.ts";
import { extractRequestOf } from "./extract-request.ts";
import { encryptPagingToken, pagingPosition } from "./paging-token.ts";
import { batchSizeOf, type ListRule, listParameter, readParameters } from "./parameters.ts";

export async function createExtract(context: Context<MarketoEnv>): Promise<Response> {
  const { req } = context;
  if (!/^application\/json\b/i.test(req.header("Content-Type") ?? "")) throw new MarketoError("612");
  const request = extractRequestOf(await req.text());
  return answerOf(await extractsOf(context).create(context.get("client"), request));
}

export async function enqueueExtract(context: Context<MarketoEnv>): Promise<Response> {
  return answerOf(await extractsOf(context).enqueue(context.get("client"), idOf(context)));
}

export async function cancelExtract(context: Context<MarketoEnv>): Promise<Response> {
  return answerOf(await extractsOf(context).cancel(context.get("client"), idOf(context)));
}

export async function extractStatus(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  return answerOf(await extractsOf(context).status(context.get("client"), idOf(context)));
}

export async function listExtracts(context: Context<MarketoEnv>): Promise<Response> {
  const parameters = await readParameters(context);
  const statuses = listParameter(parameters, "status", STATUS_LIST) ?? JOB_STATUSES;
  const limit = batchSizeOf(parameters);
  const [after = "0"] = pagingPosition(context, "extracts", parameters) ?? [];
  const { extracts, next } = await extractsOf(context).list(context.get("client"), statuses, Number(after), limit);
  // Clients go on for as long as there is a token.
  return answer(extracts, next === undefined ? {} : { nextPageToken: encryptPagingToken(context, "extracts", [next]) });
}

/**
 * The file, or the range of it that `Range` names. Without a file, the answer is plain text, not the envelope, as
 * Marketo's is.
 */
export async function extractFile(context: Context<MarketoEnv>): Promise<Response> {
  await readParameters(context);
  const id = idOf(context);
  const found = await extractsOf(context).status(context.get("client"), id);
  if (!found.ok) return plainText("There is no such extract.", 404);
  const { fileSize: size, format, status } = found.value;
  if (size === undefined) return plainText(`The extract has no file: it is ${status}.`, 404);

  const { headers } = context.req.raw;
  const range = byteRange(headers.get("Range"), size);
  if (!range.ok && range.reason === "unsatisfiable") {
    const unsatisfied = { "Content-Range": `bytes */${size}` };
    return plainText(`The file has ${size} bytes, and none of them is asked for.`, 416, unsatisfied);
  }
  const file = await context.env.EXTRACT_FILES.get(id, range.ok ? { range: range.value } : {});
  if (file === null) return plainText("The file of this extract is gone.", 404);
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

function extractsOf({ env }: Context<MarketoEnv>) {
  return objectNamed(env.EXTRACTS, EXTRACTS_NAME, env);
}

function idOf({ req }: Context<MarketoEnv>): string {
  return req.param("id") ?? "";
}

const JOB_ERRORS: Readonly<Record<JobRejection, readonly [MarketoCode, string]>> = {
  unknown: ["702", "No data found: this client has no such extract"],
  queued: ["1029", "Job already queued"],
  ended: ["1003", "Invalid data: the extract has ended already"],
  full: ["1029", "Too many jobs in queue"],
  unused: ["1029", `Too many jobs: this client has ${MAX_JOBS_WITHOUT_FILE} that it did not queue, none an hour old`],
  files: ["1029", `Too many files: this client has ${MAX_FILES} of the last seven days`],
};

function answerOf(outcome: Result<ExtractStatus, JobRejection>): Response {
  if (outcome.ok) return answer([outcome.value]);
  throw new MarketoError(...JOB_ERRORS[outcome.reason]);
}

const STATUS_LIST: ListRule<JobStatus> = {
  read: statusOf,
  rule: `must be one of ${JOB_STATUSES.join()}`,
};

/** In any case; Marketo's documents spell both "Canceled" and "Cancelled". */
function statusOf(text: string): JobStatus | undefined {
  const spelled = text.toLowerCase() === "canceled" ? "cancelled" : text.toLowerCase();
  return JOB_STATUSES.find((status) => status.toLowerCase() === spelled);
}

function plainText(text: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${text}\n`, { status, headers });
}
