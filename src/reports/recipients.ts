/**
 * People by what they did with an email, or with those of a campaign: opened, clicked, did nothing, or something that
 * only a bot or a mail program's proxy did, behind which there may be a reader.
 */
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { storedName } from "../events/names.ts";
import { messageStats, people } from "../events/schema.ts";
import { readBatch, type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import { activityFlags, hasAny, hasNone, isOpenedByBots, type MessageStatus, messageStatusOf } from "./counts.ts";
import { type MailingFilter, periodCondition, type ReportFilter } from "./filter.ts";
import { BEFORE_MESSAGES, lastOfSlice, messagesAfter } from "./messages-after.ts";

export const RECIPIENT_ACTIONS = ["opened", "clicked", "opened_by_bots", "not_opened"] as const;
export type RecipientAction = (typeof RECIPIENT_ACTIONS)[number];

export interface ListedRecipient {
  readonly person: string;
  readonly address: string | null;
  readonly email: string;
  readonly campaign: string;
  readonly emailName: string | null;
  readonly campaignName: string | null;
  readonly sentAtMs: number;
  readonly status: MessageStatus;
}

/** The last message that was read. */
export type RecipientPosition = Message;

interface RecipientRow extends Omit<ListedRecipient, "sentAtMs" | "status"> {
  readonly since: number;
  readonly flags: number;
}

/** A page to read. */
export interface RecipientQuery {
  readonly did: RecipientAction;
  readonly filter: MailingFilter;
  /** Default: the first page. */
  readonly after: RecipientPosition | undefined;
  readonly limit: number;
  readonly nowMs: number;
}

export interface RecipientPage {
  readonly recipients: readonly ListedRecipient[];
  /** Undefined at the end. */
  readonly next: RecipientPosition | undefined;
}

/** Messages that a page looks at, at most; it may have fewer recipients than asked for although others follow. */
const MESSAGES_PER_PAGE = 50_000;

/**
 * A page of the messages of an email or a campaign, by email, campaign and person. Those of pseudonyms are left out:
 * nobody knows who they are.
 * @throws D1's error
 */
export async function readRecipients(
  d1: D1Database,
  { did, filter, after = BEFORE_MESSAGES, limit, nowMs }: RecipientQuery,
): Promise<RecipientPage> {
  const { email, campaign, person, since, flags } = messageStats;
  const read = messagesAfter(filter, after);
  const page = sql`SELECT ${person}, ${email}, ${campaign}, ${since}, ${flags}, ${people.address},
  ${storedName("email", email)} AS emailName, ${storedName("campaign", campaign)} AS campaignName
FROM (${read} LIMIT ${MESSAGES_PER_PAGE}) AS ${messageStats} LEFT JOIN ${people} ON ${people.person} = ${person}
WHERE ${periodCondition(filter)} AND ${isRecipientWho(did, filter.bots)}
ORDER BY ${email}, ${campaign}, ${person} LIMIT ${limit + 1}`;
  const { results } = await page.prepare(d1).all<RecipientRow>();
  const recipientOf = ({ since: sentAtMs, flags: bits, ...row }: RecipientRow): ListedRecipient => {
    return { ...row, sentAtMs, status: messageStatusOf(bits, sentAtMs, filter.bots, nowMs) };
  };
  const rows = results.slice(0, limit);
  if (results.length > limit) return { recipients: rows.map(recipientOf), next: rows.at(-1) };
  // It is not full: others may follow the last message that it looked at. Both are read again, as they are at once.
  const [all, [end]] = await readBatch<[RecipientRow, RecipientPosition]>(d1, [
    page,
    lastOfSlice(read, MESSAGES_PER_PAGE),
  ]);
  return { recipients: all.slice(0, limit).map(recipientOf), next: all.length > limit ? all[limit - 1] : end };
}

function isRecipientWho(did: RecipientAction, bots: ReportFilter["bots"]): Sql {
  const flags = sql`${messageStats.flags}`;
  const { opened, clicked } = activityFlags(bots);
  const byAnybody = activityFlags("include").opened;
  // Pseudonyms begin with "~", which sorts behind all that ids are made of.
  const isKnown = sql`${messageStats.person} < '~'`;
  switch (did) {
    case "opened":
      return sql`${isKnown} AND ${hasAny(flags, opened)}`;
    case "clicked":
      return sql`${isKnown} AND ${hasAny(flags, clicked)}`;
    // The last two are whom a sender mails again: nobody whose address does not take mail.
    case "opened_by_bots":
      return sql`${isKnown} AND ${isOpenedByBots(flags)} AND ${hasNone(flags, MESSAGE_FLAGS.hardBounced)}`;
    case "not_opened":
      return sql`${isKnown} AND ${hasNone(flags, byAnybody | MESSAGE_FLAGS.hardBounced)}`;
  }
}
