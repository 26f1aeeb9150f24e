/** GET /v1/reports/recipients: who opened an email, or one of a campaign, clicked, did nothing, or may have read it. */
import * as v from "valibot";
import { messageReference } from "../http/message-reference.ts";
import {
  fields,
  IdAnswer,
  IdParameter,
  idAnswer,
  PersonAnswer,
  personAnswer,
  SignedAnswer,
  TimeAnswer,
} from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { ok } from "../platform/result.ts";
import { MESSAGE_STATUSES } from "./counts.ts";
import { type ListedRecipient, RECIPIENT_ACTIONS, type RecipientPosition, readRecipients } from "./recipients.ts";
import { report } from "./report.ts";
import { BOTS, MESSAGES, mailingFilter, PAGE } from "./report-query.ts";

type RecipientRow = ListedRecipient & { readonly message: string };

export const reportRecipients = report({
  name: "recipients",
  summary: "List who opened an email, who clicked, or who did not open it",
  description: [
    "Of an email, a campaign, or an email in a campaign.",
    "A row for each message, as the report of emails counts them: somebody who clicked has opened.",
    "`opened_by_bots`: only a bot, or a proxy like Apple's, loaded its pictures or followed a link, and somebody may",
    "have read it. `not_opened`: nobody and nothing did. Both leave out messages that bounced hard.",
    "A page may have fewer rows than `limit`, or none, and a `next`.",
  ].join(" "),
  query: fields({
    did: v.picklist(RECIPIENT_ACTIONS, 'must be "opened", "clicked", "opened_by_bots" or "not_opened"'),
    email: v.optional(IdParameter),
    ...MESSAGES,
    ...BOTS,
    ...PAGE,
  }),
  entry: v.object({
    message: v.pipe(SignedAnswer, v.description("Leads to it: `/v1/messages/{message}`.")),
    person: PersonAnswer,
    email: IdAnswer,
    campaign: IdAnswer,
    sentAt: TimeAnswer,
    status: v.picklist(MESSAGE_STATUSES),
  }),
  columns: {
    Person: ({ person }: RecipientRow) => person,
    Address: ({ address }) => address,
    Email: ({ email }) => email,
    Campaign: ({ campaign }) => campaign,
    "Sent At": ({ sentAtMs }) => isoTime(sentAtMs),
    Status: ({ status }) => status,
  },
  holds: { Person: "person", Address: "address", Email: "id", Campaign: "id" },
  example: { did: "not_opened", email: "1042" },
  filterOf: mailingFilter,
  read: async ({ DB }, { query: { did, limit }, filter, after, nowMs, settings }) => {
    const { recipients, next } = await readRecipients(DB, { did, filter, after: positionOf(after), limit, nowMs });
    const rows = recipients.map((row) => ({ ...row, message: messageReference(settings.tokenKeys, row) }));
    return ok({ rows, next: next && `${next.email}/${next.campaign}/${next.person}` });
  },
  entryOf: ({ message, person, address, sentAtMs, status, ...of }) => ({
    message,
    person: personAnswer(person, address),
    email: idAnswer(of.email, of.emailName),
    campaign: idAnswer(of.campaign, of.campaignName),
    sentAt: isoTime(sentAtMs),
    status,
  }),
  leavesOut: (filter) => filter,
});

/** @param text ids have no slash in them */
function positionOf(text: string | undefined): RecipientPosition | undefined {
  const [email, campaign, person] = text?.split("/") ?? [];
  return email === undefined || campaign === undefined || person === undefined
    ? undefined
    : { email, campaign, person };
}
