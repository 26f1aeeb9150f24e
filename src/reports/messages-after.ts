/**
 * Messages in the order of the primary key, by email, campaign and person, from behind one of them: so that what reads
 * many reads them in slices, and writes get through between two statements.
 */
import { mailings } from "../events/mailing-schema.ts";
import { messageStats } from "../events/schema.ts";
import { columnNames, type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import { emailsOf, type ReportFilter } from "./filter.ts";

const { email, campaign, person, since, flags, botClicks, seqs } = messageStats;

/** Where the first slice begins. */
export const BEFORE_MESSAGES: Message = { email: "", campaign: "", person: "" };

/**
 * A SELECT in that order, for a LIMIT: it reads no more messages than that. So it says of the filter only the email and
 * the campaign; `periodCondition` is outside the LIMIT, as is whatever else the key does not lead to.
 */
export function messagesAfter(filter: Pick<ReportFilter, "email" | "campaign">, after: Message): Sql {
  const read = sql`SELECT ${email}, ${campaign}, ${person}, ${since}, ${flags}, ${botClicks},
  ${seqs} FROM ${messageStats} WHERE`;
  const order = sql`ORDER BY ${columnNames(email, campaign, person)}`;
  const isOfCampaign = filter.campaign === undefined ? sql`true` : sql`${campaign} = ${filter.campaign}`;
  if (filter.email !== undefined) {
    return sql`${read} ${email} = ${filter.email} AND ${isOfCampaign}
AND (${campaign}, ${person}) > (${after.campaign}, ${after.person}) ${order}`;
  }
  if (filter.campaign === undefined) {
    return sql`${read} (${email}, ${campaign}, ${person}) > (${after.email}, ${after.campaign}, ${after.person})
${order}`;
  }
  const later = emailsOf(sql`${mailings.campaign} = ${filter.campaign} AND ${mailings.email} > ${after.email}`);
  return sql`${read} ${email} = ${after.email} AND ${isOfCampaign} AND ${person} > ${after.person}
UNION ALL ${read} ${email} IN ${later} AND ${isOfCampaign} ${order}`;
}

/** A query for the last of the first `size` messages of `messagesAfter`; without a row when there are not as many. */
export function lastOfSlice(read: Sql, size: number): Sql {
  return sql`SELECT email, campaign, person FROM (${read} LIMIT 1 OFFSET ${size - 1})`;
}
