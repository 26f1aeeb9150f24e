/** /v1/people: erasure and access. */

import type { Context } from "hono";
import * as v from "valibot";
import { statisticsPolicy } from "../config/settings.ts";
import { readBody, readQuery } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { Address, Cursor, fields, Id } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { EXTRACT_KEPT_MS } from "../marketo/index.ts";
import { logger } from "../platform/logger.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";
import { workOnErasures } from "./erase.ts";
import { type ErasureProgress, type ErasureSubject, erasureProgress, requestErasure } from "./erasures.ts";
import { exportPage } from "./export.ts";

type PeopleContext = Context<{ Bindings: Env }>;

/** How long a request works on erasures; the clock does the rest. */
const WORK_MS = 2_000;
/** A bulk extract that runs for so long may have read the events before they were erased. */
const MAX_EXTRACT_MS = 86_400_000;

const Person = v.pipe(
  Id,
  v.check((id) => !isPseudonym(id), "is a pseudonym already, and leads to nobody"),
);
const ErasureBody = fields({ person: v.optional(Person), address: v.optional(Address) });
const ErasureQuery = fields({ id: v.pipe(v.string(), v.maxLength(64)) });
const ExportQuery = fields({
  person: Id,
  cursor: Cursor,
});

/** Answers 202 with the progress of the erasure, which may be done already. */
export async function erasePerson(context: PeopleContext): Promise<Response> {
  const subject = subjectOf(await readBody(context, ErasureBody));
  const { DB } = context.env;
  const id = await orStorageUnavailable("The erasure could not be stored", () =>
    requestErasure(DB, subject, Date.now()),
  );
  await tryToErase(context.env);
  return context.json(progressAnswer(await readProgress(DB, id)), 202);
}

/** Answers the progress of an erasure, after working on it. */
export async function showErasure(context: PeopleContext): Promise<Response> {
  const { id } = readQuery(context, ErasureQuery);
  const { DB } = context.env;
  const { doneAtMs } = await readProgress(DB, id);
  if (doneAtMs === undefined) await tryToErase(context.env);
  return context.json(progressAnswer(await readProgress(DB, id)));
}

/**
 * Answers `{person, addresses, suppressions, lifts?, messages, retries, events, next?}`; `next` is the `cursor` of the
 * next page, absent on the last one.
 */
export async function exportPerson(context: PeopleContext): Promise<Response> {
  const { person, cursor } = readQuery(context, ExportQuery);
  const page = await orStorageUnavailable("The person's data could not be read", () =>
    exportPage(context.env.DB, person, cursor),
  );
  return Response.json(page);
}

function subjectOf({ person, address }: v.InferOutput<typeof ErasureBody>): ErasureSubject {
  if (person !== undefined && address !== undefined) {
    const message = "address: name a person or an address, not both.";
    throw new ApiError({ status: 400, code: "invalid_field", message, field: "address" });
  }
  if (person !== undefined) return { person };
  if (address !== undefined) return { address };
  const message = "A person or an address must be named.";
  throw new ApiError({ status: 400, code: "missing_field", message, field: "person" });
}

/** The erasure is stored: an error here delays it, and is no reason to answer with one. */
async function tryToErase(env: Env): Promise<void> {
  try {
    await workOnErasures(env, statisticsPolicy(configured(env)), Date.now() + WORK_MS);
  } catch (error) {
    logger.error("erasures have to wait", { error });
  }
}

async function readProgress(d1: D1Database, id: string): Promise<ErasureProgress> {
  const progress = await orStorageUnavailable("The erasure could not be read", () => erasureProgress(d1, id));
  if (progress !== undefined) return progress;
  const message = "There is no erasure of that id.";
  throw new ApiError({ status: 404, code: "not_found", message, field: "id" });
}

/** `{erasure, done, requestedAt, scanned, total, events, doneAt?, filesUntil?}` */
function progressAnswer({ id, requestedAtMs, doneAtMs, ...progress }: ErasureProgress) {
  const answer = { erasure: id, done: doneAtMs !== undefined, requestedAt: isoTime(requestedAtMs), ...progress };
  if (doneAtMs === undefined) return answer;
  const filesUntil = isoTime(doneAtMs + EXTRACT_KEPT_MS + MAX_EXTRACT_MS);
  return { ...answer, doneAt: isoTime(doneAtMs), filesUntil };
}
