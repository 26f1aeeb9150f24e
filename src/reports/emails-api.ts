/** GET /v1/reports/emails: email performance, a row for each email or for each campaign. */
import * as v from "valibot";
import { ApiError } from "../http/errors.ts";
import { fields, IdAnswer, IdParameter, idAnswer, integerParameter, Name, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
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
import { idsNamed } from "./named.ts";
import { rankedPage, readRank } from "./rank.ts";
import { report } from "./report.ts";
import { BOTS, filterOf, MESSAGES, PAGE } from "./report-query.ts";

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
  read: async ({ DB }, { by, sort: order, limit, trend, name, cursor: _, ...query }, after, nowMs) => {
    const filter = filterOf(query);
    const period = trend === undefined ? undefined : periodOf(filter, nowMs);
    const named = name === undefined ? undefined : await idsNamed(DB, by, name);
    const list = { by, order, after: after === undefined ? undefined : readRank(after), limit: limit + 1, ids: named };
    const counts = await emailCounts(DB, filter, list, nowMs);
    const page = rankedPage(counts, (row) => rankOfEmail(order, row), limit);
    if (trend === undefined || period === undefined) return { ...page, rows: page.rows.map((row) => ({ ...row, by })) };
    const ids = page.rows.map(({ id }) => id);
    const sent = await sentInParts(DB, { ...filter, ...period }, by, ids, trend);
    return { ...page, rows: page.rows.map((row) => ({ ...row, by, trend: sent.get(row.id) })) };
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

/** The period that is split into parts. */
function periodOf({ sinceMs, untilMs: given }: ReportFilter, nowMs: number) {
  const untilMs = given ?? nowMs;
  if (sinceMs === undefined) throw refused("missing_field", "since is needed for a trend.", "since");
  if (untilMs <= sinceMs) throw refused("invalid_field", "until must be after since.", "until");
  return { sinceMs, untilMs };
}

function refused(code: string, message: string, field: string): ApiError {
  return new ApiError({ status: 400, code, message, field });
}
