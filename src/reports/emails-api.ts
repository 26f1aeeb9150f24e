/** GET /v1/reports/emails: email performance, a row for each email or for each campaign. */
import * as v from "valibot";
import { ApiError, type ApiFailure } from "../http/errors.ts";
import { fields, IdAnswer, IdParameter, idAnswer, integerParameter, Name, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { ok, refused } from "../platform/result.ts";
import { COUNT_COLUMNS, COUNT_FIELDS, ratesOf } from "./count-entry.ts";
import {
  EMAIL_ORDERS,
  type EmailCounts,
  emailCounts,
  type ReportGrouping,
  rankOfEmail,
  sentInParts,
} from "./emails.ts";
import type { ReportFilter } from "./filter.ts";
import { idsNamed, type TooManyNames } from "./named.ts";
import { rankedPage, readRank } from "./rank.ts";
import { report } from "./report.ts";
import { BOTS, filterOf, MESSAGES, PAGE } from "./report-query.ts";
import { tooLarge } from "./statistics.ts";

const MAX_PARTS = 100;

interface EmailRow extends EmailCounts {
  readonly by: ReportGrouping;
  readonly trend?: readonly number[] | undefined;
}

const Trend = integerParameter(1, MAX_PARTS, `must be an integer from 1 to ${MAX_PARTS}`);
const SentAt = v.nullable(TimeAnswer);
const sentAtText = (atMs: number | null) => (atMs === null ? null : isoTime(atMs));

export const reportEmails = report({
  name: "emails",
  summary: "Report how emails performed",
  description: [
    "`sort` puts the latest, the most sent or the highest rate first, of delivered messages.",
    "`trend` adds how many messages were sent in each of so many equal parts of the time since `since`.",
  ].join(" "),
  query: fields({
    email: v.optional(IdParameter),
    ...MESSAGES,
    ...BOTS,
    by: v.optional(v.picklist(["email", "campaign"], 'must be "email" or "campaign"'), "email"),
    name: v.optional(v.pipe(Name, v.description("A part of the name in any case, or the id."))),
    sort: v.optional(v.picklist(EMAIL_ORDERS, `must be one of ${EMAIL_ORDERS.join(", ")}`), "id"),
    trend: v.optional(Trend),
    ...PAGE,
  }),
  entry: v.object({
    email: v.optional(IdAnswer),
    campaign: v.optional(IdAnswer),
    ...COUNT_FIELDS,
    firstSentAt: SentAt,
    lastSentAt: SentAt,
    trend: v.optional(v.array(v.number())),
  }),
  columns: {
    Id: ({ id }: EmailRow) => id,
    Name: ({ name }) => name,
    ...COUNT_COLUMNS,
    "First Sent At": ({ firstSentAtMs }) => sentAtText(firstSentAtMs),
    "Last Sent At": ({ lastSentAtMs }) => sentAtText(lastSentAtMs),
  },
  holds: { Id: "id", Name: "label" },
  filterOf: (query, nowMs) => {
    const messages = filterOf(query);
    const { trend: parts } = query;
    return { messages, trend: parts === undefined ? undefined : { parts, period: periodOf(messages, nowMs) } };
  },
  read: async ({ DB }, { query, filter: { messages, trend }, after: afterText, nowMs }) => {
    const { by, sort: order, limit, name } = query;
    const named = name === undefined ? ok(undefined) : await idsNamed(DB, by, name);
    if (!named.ok) return refused(tooManyNames(by, named.reason));
    const after = afterText === undefined ? undefined : readRank(afterText);
    const counts = await emailCounts(DB, messages, { by, order, after, limit: limit + 1, ids: named.value }, nowMs);
    const page = rankedPage(counts, (row) => rankOfEmail(order, row), limit);
    if (trend === undefined) return ok({ ...page, rows: page.rows.map((row) => ({ ...row, by })) });
    const ids = page.rows.map(({ id }) => id);
    const sent = await sentInParts(DB, { ...messages, ...trend.period }, by, ids, trend.parts);
    return ok({ ...page, rows: page.rows.map((row) => ({ ...row, by, trend: sent.get(row.id) })) });
  },
  entryOf: ({ by, id, name, firstSentAtMs, lastSentAtMs, trend, ...counts }) => ({
    [by]: idAnswer(id, name),
    ...counts,
    rates: ratesOf(counts),
    firstSentAt: sentAtText(firstSentAtMs),
    lastSentAt: sentAtText(lastSentAtMs),
    ...(trend === undefined ? {} : { trend }),
  }),
});

function tooManyNames(by: ReportGrouping, { tooMany, max }: TooManyNames): ApiFailure {
  return tooMany === "names"
    ? tooLarge(`More than ${max} ${by}s have a name: name the ${by} by its id.`)
    : tooLarge(`More than ${max} ${by}s are called so: name a longer part.`);
}

/** The period that is split into parts. @throws {ApiError} 400 when there is none */
function periodOf({ sinceMs, untilMs: given }: ReportFilter, nowMs: number) {
  const untilMs = given ?? nowMs;
  if (sinceMs === undefined) throw wrongPeriod("missing_field", "since is needed for a trend.", "since");
  if (untilMs <= sinceMs) throw wrongPeriod("invalid_field", "until must be after since.", "until");
  return { sinceMs, untilMs };
}

function wrongPeriod(code: string, message: string, field: string): ApiError {
  return new ApiError({ status: 400, code, message, field });
}
