/** GET /v1/reports/recipients: who opened an email, who clicked, who did not open it. */
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
import { MESSAGE_STATUSES } from "./counts.ts";
import { type ListedRecipient, RECIPIENT_ACTIONS, type RecipientPosition, recipientsWho } from "./recipients.ts";
import { report } from "./report.ts";
import { BOTS, filterOf, MESSAGES, PAGE } from "./report-query.ts";

type RecipientRow = ListedRecipient & { readonly message: string };

export const reportRecipients = report({
  name: "recipients",
  summary: "List who opened an email, who clicked, or who did not open it",
  description: [
    "A row for each message, as the report of emails counts them: somebody who clicked has opened.",
    "A page may have fewer rows than `limit`, or none, and a `next`.",
  ].join(" "),
  query: fields({
    did: v.picklist(RECIPIENT_ACTIONS, 'must be "opened", "clicked" or "not_opened"'),
    email: IdParameter,
    ...MESSAGES,
    ...BOTS,
    ...PAGE,
  }),
  entry: v.object({
    message: v.pipe(SignedAnswer, v.description("Leads to it: `/v1/messages/{message}`.")),
    person: PersonAnswer,
    campaign: IdAnswer,
    sentAt: TimeAnswer,
    status: v.picklist(MESSAGE_STATUSES),
  }),
  columns: {
    Person: ({ person }: RecipientRow) => person,
    Address: ({ address }) => address,
    Campaign: ({ campaign }) => campaign,
    "Sent At": ({ sentAtMs }) => isoTime(sentAtMs),
    Status: ({ status }) => status,
  },
  holds: { Person: "person", Address: "address", Campaign: "id" },
  example: { did: "not_opened", email: "1042" },
  read: async (d1, { did, email, limit, cursor: _, ...query }, after, nowMs, { tokenKeys }) => {
    const filter = { ...filterOf(query), email };
    const { recipients, next } = await recipientsWho(d1, did, filter, positionOf(after), limit, nowMs);
    const rows = recipients.map((row) => ({ ...row, message: messageReference(tokenKeys, { ...row, email }) }));
    return { rows, next: next && `${next.campaign}/${next.person}` };
  },
  entryOf: ({ message, person, address, campaign, sentAtMs, status }) => ({
    message,
    person: personAnswer(person, address),
    campaign: idAnswer(campaign),
    sentAt: isoTime(sentAtMs),
    status,
  }),
});

/** @param text ids have no slash in them */
function positionOf(text: string | undefined): RecipientPosition | undefined {
  const [campaign, person] = text?.split("/") ?? [];
  return campaign === undefined || person === undefined ? undefined : { campaign, person };
}
