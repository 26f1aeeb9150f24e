/** /v1/people: erasure and access. */
import * as v from "valibot";
import type { BotPolicy } from "../bots/bot.ts";
import { statisticsPolicy } from "../config/settings.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { Address, CursorParameter, fields, IdParameter, PersonId, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { EXTRACT_HOLDS_MS } from "../marketo/index.ts";
import { logger } from "../platform/logger.ts";
import { aggregateLog } from "../reports/index.ts";
import { workOnErasures } from "./erase.ts";
import { type ErasureProgress, erasureProgress, requestErasure } from "./erasures.ts";
import { exportPage } from "./export.ts";
import { ExportAnswer, exportAnswer } from "./export-answer.ts";
import { subjectOf, wrongField } from "./subject.ts";

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/;
/** How long a request works on erasures; the cron does the rest. */
const WORK_MS = 2_000;

const ErasureBody = fields({
  person: v.optional(PersonId),
  address: v.optional(Address),
  idempotencyKey: v.optional(
    v.pipe(
      v.string(),
      v.regex(UUID, "must be a UUID"),
      v.description("A random UUID: what is asked again with it, about the same, is erased once."),
    ),
  ),
});

const Erasure = v.pipe(
  v.object({
    erasure: v.pipe(v.string(), v.description("Its id.")),
    done: v.boolean(),
    requestedAt: TimeAnswer,
    events: v.pipe(v.number(), v.description("Events changed so far.")),
    doneAt: v.optional(TimeAnswer),
    filesUntil: v.optional(v.pipe(TimeAnswer, v.description("Files of bulk extracts may hold the events until then."))),
  }),
  v.title("Erasure"),
);

export const erasePerson = operation({
  summary: "Erase a person",
  description:
    "Erases everything that leads to a person, or to everybody with an address; counts stay. It is stored when it is " +
    "answered, and goes on by itself: `GET /v1/people/erasures` says how far it is.",
  body: ErasureBody,
  answers: { 202: { description: "The progress of the erasure, which may be done already", schema: Erasure } },
  example: { body: { person: 7 } },
  handle: async (context, { body }) => {
    const { person, address } = body;
    const subject = subjectOf({ person: person?.id, address });
    if (person?.address !== undefined)
      throw wrongField("person.address", "the person is erased whatever their address; name one or the other");
    const { DB } = context.env;
    const id = await orStorageUnavailable("The erasure could not be stored", () =>
      requestErasure(DB, subject, Date.now(), body.idempotencyKey),
    );
    await tryToErase(context.env);
    return context.json(progressAnswer(await readProgress(DB, id)), 202);
  },
});

export const showErasure = operation({
  summary: "Show an erasure",
  description: "Goes on with the erasure, too, when it is not done.",
  query: fields({ id: v.pipe(v.string(), v.maxLength(64)) }),
  answers: { 200: { description: "The progress of the erasure", schema: Erasure } },
  errors: [404],
  example: { query: { id: "0f8fad5b-d9cb-469f-a165-70867728950e" } },
  handle: async (context, { query: { id } }) => {
    const { DB } = context.env;
    const { doneAtMs } = await readProgress(DB, id);
    if (doneAtMs === undefined) await tryToErase(context.env);
    return context.json(progressAnswer(await readProgress(DB, id)));
  },
});

export const exportPerson = operation({
  summary: "Export what is held about a person",
  description:
    "Go on with `cursor` = `next` until there is none: a page may hold nothing and have more behind it. What belongs " +
    "to an event (its message, its retries) is on each page with such an event.",
  query: fields({ person: IdParameter, cursor: CursorParameter }),
  answers: { 200: { description: "A page of what is held", schema: ExportAnswer } },
  example: { query: { person: "7" } },
  handle: async (context, { query: { person, cursor } }) => {
    const settings = configured(context.env);
    const { tokenKeys } = settings;
    await tryToAggregate(context.env, statisticsPolicy(settings));
    const list = `export/${person}`;
    const after = Number(readCursor(tokenKeys, list, cursor) ?? 0);
    const held = await orStorageUnavailable("The person's data could not be read", () =>
      exportPage(context.env, person, after),
    );
    const more = held.next === undefined ? {} : { next: encryptCursor(tokenKeys, list, String(held.next)) };
    const viewer = { keys: tokenKeys, seesAddresses: context.get("seesAddresses"), nowMs: Date.now() };
    return context.json({ ...exportAnswer(held, viewer), ...more });
  },
});

/** The erasure is stored: an error here delays it, and is no reason to answer with one. */
async function tryToErase(env: Env): Promise<void> {
  try {
    await workOnErasures(env, statisticsPolicy(configured(env)), Date.now() + WORK_MS);
  } catch (error) {
    logger.error("erasures have to wait", { error });
  }
}

/** What statistics lack is scanned: an error here makes the export longer, and no less complete. */
async function tryToAggregate(env: Env, policy: BotPolicy | undefined): Promise<void> {
  try {
    if (policy !== undefined) await aggregateLog(env, policy, Date.now() + WORK_MS);
  } catch (error) {
    logger.error("an export is made without statistics", { error });
  }
}

async function readProgress(d1: D1Database, id: string): Promise<ErasureProgress> {
  const progress = await orStorageUnavailable("The erasure could not be read", () => erasureProgress(d1, id));
  if (progress !== undefined) return progress;
  const message = "There is no erasure of that id.";
  throw new ApiError({ status: 404, code: "not_found", message, field: "id" });
}

/** `{erasure, done, requestedAt, events, doneAt?, filesUntil?}` */
function progressAnswer({ id, requestedAtMs, doneAtMs, ...progress }: ErasureProgress) {
  const answer = { erasure: id, done: doneAtMs !== undefined, requestedAt: isoTime(requestedAtMs), ...progress };
  if (doneAtMs === undefined) return answer;
  const filesUntil = isoTime(doneAtMs + EXTRACT_HOLDS_MS);
  return { ...answer, doneAt: isoTime(doneAtMs), filesUntil };
}
