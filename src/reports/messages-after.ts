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
 * A SELECT in that order, for a LIMIT, which reads no more messages than that and those that are not `wanted`.
 * @param filter its email and campaign; `wanted` says the rest
 */
export function messagesAfter(filter: ReportFilter, after: Message, wanted: Sql = sql`true`): Sql {
  const read = sql`SELECT ${email}, ${campaign}, ${person}, ${since}, ${flags}, ${botClicks},
  ${seqs} FROM ${messageStats}
WHERE ${wanted}`;
  const order = sql`ORDER BY ${columnNames(email, campaign, person)}`;
  const isOfCampaign = filter.campaign === undefined ? sql`true` : sql`${campaign} = ${filter.campaign}`;
  if (filter.email !== undefined) {
    return sql`${read} AND ${email} = ${filter.email} AND ${isOfCampaign}
AND (${campaign}, ${person}) > (${after.campaign}, ${after.person}) ${order}`;
  }
  if (filter.campaign === undefined) {
    return sql`${read} AND (${email}, ${campaign}, ${person}) > (${after.email}, ${after.campaign}, ${after.person})
${order}`;
  }
  const later = emailsOf(sql`= ${filter.campaign} AND ${mailings.email} > ${after.email}`);
  return sql`${read} AND ${email} = ${after.email} AND ${isOfCampaign} AND ${person} > ${after.person}
UNION ALL ${read} AND ${email} IN ${later} AND ${isOfCampaign} ${order}`;
}
