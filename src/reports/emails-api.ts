/** GET /v1/reports/emails: email performance, a row for each email or for each campaign. */
import * as v from "valibot";
import { fields, IdAnswer, IdParameter, idAnswer } from "../http/schemas.ts";
import { COUNT_COLUMNS, COUNT_FIELDS, ratesOf } from "./count-entry.ts";
import { type EmailCounts, emailCounts, type ReportGrouping } from "./emails.ts";
import { report } from "./report.ts";
import { BOTS, filterOf, MESSAGES, PAGE } from "./report-query.ts";

type EmailRow = EmailCounts & { readonly by: ReportGrouping };

export const reportEmails = report({
  name: "emails",
  summary: "Report how emails performed",
  query: fields({
    email: v.optional(IdParameter),
    ...MESSAGES,
    ...BOTS,
    by: v.optional(v.picklist(["email", "campaign"], 'must be "email" or "campaign"'), "email"),
    ...PAGE,
  }),
  entry: v.object({ email: v.optional(IdAnswer), campaign: v.optional(IdAnswer), ...COUNT_FIELDS }),
  columns: { Id: ({ id }: EmailRow) => id, Name: ({ name }) => name, ...COUNT_COLUMNS },
  read: async (d1, { by, limit, cursor: _, ...filter }, after = "", nowMs) => {
    const counts = await emailCounts(d1, filterOf(filter), by, after, limit + 1, nowMs);
    const rows = counts.slice(0, limit).map((row) => ({ ...row, by }));
    return { rows, next: counts.length > limit ? rows.at(-1)?.id : undefined };
  },
  entryOf: ({ by, id, name, ...counts }) => ({ [by]: idAnswer(id, name), ...counts, rates: ratesOf(counts) }),
});
