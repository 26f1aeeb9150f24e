/** GET /v1/messages/{email}/{campaign}/{person} and /v1/messages/{token}: one message, and its events. */
import * as v from "valibot";
import {
  type ArchivedRows,
  END_OF_LOG,
  type IsWhole,
  readWholeOrRecalled,
  readWithSeqs,
  SELECT_IS_WHOLE,
  withArchived,
} from "../archive/index.ts";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { events, messageStats } from "../events/schema.ts";
import { EventAnswer, type EventRow, FEED_LIST, SELECT_END, SELECT_EVENT, shownEvent } from "../feed/index.ts";
import { configured } from "../http/configured.ts";
import { encryptCursor, readCursor } from "../http/cursor.ts";
import { ApiError, orApiError, orStorageUnavailable } from "../http/errors.ts";
import { referredMessage } from "../http/message-reference.ts";
import { type ApiContext, operation } from "../http/operation.ts";
import {
  CursorParameter,
  fields,
  IdParameter,
  limitParameter,
  PersonParameter,
  SignedAnswer,
} from "../http/schemas.ts";
import { ok } from "../platform/result.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { IS_COUNTED, readStatistics, seqsOf } from "../reports/index.ts";
import type { Message } from "../tokens/claims.ts";
import { eventWords } from "./event-sentence.ts";
import { MessageEntry, messageEntry, statusReason } from "./message-entry.ts";
import { MESSAGE_COLUMNS, type MessageRow } from "./messages.ts";

const NOT_READ = "The message could not be read";
const MAX_EVENTS = 1_000;
const PAGE = { limit: limitParameter(MAX_EVENTS, MAX_EVENTS), cursor: CursorParameter };
const Timeline = v.object({
  message: MessageEntry,
  statusReason: v.pipe(v.string(), v.description("How the message's status is known, in a sentence.")),
  data: v.array(
    v.object({
      text: v.pipe(v.string(), v.description("What happened and when, in a sentence.")),
      summary: v.pipe(v.string(), v.description("What happened.")),
      why: v.optional(v.pipe(v.string(), v.description("Why it is taken for a bot's."))),
      event: EventAnswer,
    }),
  ),
  feedCursor: v.pipe(SignedAnswer, v.description("The `cursor` of `GET /v1/events` behind what is answered here.")),
  next: v.optional(SignedAnswer),
});
const ANSWERS = { 200: { description: "The message, and its events in the order of their times", schema: Timeline } };
const DESCRIPTION = "Of more events than `limit` those recorded first come first; each page is in the order of time.";

export const showMessage = operation({
  summary: "Show a message and its events",
  description: DESCRIPTION,
  params: fields({ email: IdParameter, campaign: IdParameter, person: PersonParameter }),
  query: fields(PAGE),
  answers: ANSWERS,
  errors: [404],
  example: { params: { email: "1042", campaign: "88012", person: "7" } },
  handle: async (context, { params, query }) => await answerTimeline(context, params, query),
});

export const showMessageOfToken = operation({
  summary: "Show the message of a message token and its events",
  description: `The token is that of a copy, or the \`message\` of an entry. ${DESCRIPTION}`,
  params: fields({ token: v.pipe(v.string(), v.maxLength(512)) }),
  query: fields(PAGE),
  answers: ANSWERS,
  errors: [404],
  example: { params: { token: "FAIBBBIABwIBV8zCcy0xrrOSAfbqEsEb3xwi2LecHA" } },
  handle: async (context, { params, query }) => {
    const { tokenKeys } = configured(context.env);
    const message = referredMessage(tokenKeys, params.token);
    if (message === undefined) throw noMessage("This is no message token of this Worker.");
    return await answerTimeline(context, message, query);
  },
});

async function answerTimeline(
  context: ApiContext,
  { email, campaign, person }: Message,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<Response> {
  const { tokenKeys } = configured(context.env);
  const list = `messages/${email}/${campaign}/${person}`;
  const after = Number(readCursor(tokenKeys, list, cursor) ?? 0);
  const isMessage = sql`${messageStats.email} = ${email} AND ${messageStats.campaign} = ${campaign}
AND ${messageStats.person} = ${person}`;
  const listed = sql`SELECT seq FROM ${seqsOf(isMessage)} WHERE seq > ${after}`;
  const readPage = async (archived: ArchivedRows | undefined) => {
    const queries = [
      sql`SELECT ${MESSAGE_COLUMNS} FROM ${messageStats} WHERE ${isMessage} AND ${IS_COUNTED}`,
      withArchived(archived, eventsOf(isMessage, after, limit + 1)),
      SELECT_END,
      SELECT_IS_WHOLE,
    ] as const;
    type Rows = [MessageRow, EventRow, { readonly end: number }, IsWhole];
    const found = await readStatistics<Rows>(context.env, queries);
    if (!found.ok) return found;
    const [[message], rows, [log], [d1]] = found.value;
    return ok({ message, rows, log, to: archived?.to ?? END_OF_LOG, isWhole: d1?.isWhole === 1 });
  };
  const readD1 = () => readPage(undefined);
  const readAll = () => readWithSeqs(context.env, listed, readPage);
  const { message, rows, log, to } = orApiError(
    await orStorageUnavailable(NOT_READ, () =>
      readWholeOrRecalled(context.env, [{ email, campaign, person }], readD1, readAll),
    ),
  );
  if (message === undefined) throw noMessage("Nothing is known of such a message.");
  const page = rows.slice(0, limit);
  const behind = rows.length > limit ? page.at(-1)?.seq : to;
  const next = behind === undefined || behind === END_OF_LOG ? undefined : encryptCursor(tokenKeys, list, `${behind}`);
  const inTime = page.toSorted((one, other) => one.at - other.at || one.seq - other.seq);
  const nowMs = Date.now();
  const seesAddresses = context.get("seesAddresses");
  return context.json({
    message: messageEntry(message, tokenKeys, nowMs),
    statusReason: statusReason(message, nowMs),
    data: inTime.map((row) => ({ ...eventWords(row), event: shownEvent(row, tokenKeys, seesAddresses) })),
    feedCursor: encryptCursor(tokenKeys, FEED_LIST, String(log?.end ?? 0)),
    ...(next === undefined ? {} : { next }),
  });
}

/** Reads a row for each event, and those of the message's lists. */
function eventsOf(isMessage: Sql, after: number, limit: number): Sql {
  return sql`${SELECT_EVENT}
FROM (SELECT seq FROM ${seqsOf(isMessage)} WHERE seq > ${after} ORDER BY seq) AS listed
CROSS JOIN ${events} ON ${events.seq} = listed.seq
WHERE ${events.type} <> ${FILTERED_TYPE_ID} ORDER BY ${events.seq} LIMIT ${limit}`;
}

function noMessage(message: string): ApiError {
  return new ApiError({ status: 404, code: "not_found", message });
}
