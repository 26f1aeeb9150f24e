/** POST /v1/decorate: one email decorated for one person, unless the person is suppressed. */
import * as v from "valibot";
import type { Template } from "../decorate/index.ts";
import type { NamedLink } from "../events/names.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { operation } from "../http/operation.ts";
import { fields, Id, PersonId } from "../http/schemas.ts";
import { type Suppression, suppressionAnswer, upsertRecipient } from "../suppressions/index.ts";
import {
  CopyAnswer,
  compileEmail,
  copyAnswer,
  EMAIL_FIELDS,
  keepIfAsked,
  orWrongField,
  VariablesField,
  variablesOption,
} from "./email.ts";

const { email, ...otherFields } = EMAIL_FIELDS;

/**
 * Answers what `decorate` returns, and `returnPath`, the envelope sender, when BOUNCE_ADDRESS is set. 409 with the
 * reasons for a suppressed person, 503 when D1 is out of reach.
 */
export const decorateEmail = operation({
  summary: "Decorate an email for one person",
  description: "Nothing is logged: report the send once your mail server has the copy.",
  body: fields({
    email,
    person: PersonId,
    ...otherFields,
    send: v.optional(Id),
    variables: v.optional(VariablesField),
  }),
  answers: { 200: { description: "The person's copy", schema: CopyAnswer } },
  errors: [409],
  example: {
    body: {
      email: { id: 1042, name: "November news" },
      person: { id: 7, address: "marie@example.com" },
      campaign: 88012,
      html: '<p>Hello, <a data-link-name="Story" href="https://example.com/news">read on</a>. {{unsubscribe}}</p>',
      utm: { source: "news", medium: "email" },
    },
  },
  handle: async (context, { body }) => {
    const { bounceAddress } = configured(context.env, "BOUNCE_ADDRESS");
    const { person, campaign, send, tracking, variables } = body;
    const template = compileEmail(context, body, variablesOption(variables !== undefined));
    const links = namedLinks(template);
    const suppressions = await orStorageUnavailable("Names and address could not be stored", () =>
      upsertRecipient(context.env.DB, { email: body.email, person, campaign, links }, Date.now()),
    );
    if (suppressions.length > 0 && !body.evenIfSuppressed) throw suppressedError(suppressions);
    const recipient = {
      email: body.email.id,
      person: person.id,
      campaign: campaign.id,
      ...(send === undefined ? {} : { send }),
      tracking,
      unsubscribeOnly: isUnsubscribed(suppressions),
      variables: variables ?? {},
    };
    const copy = orWrongField(() => template.render(recipient));
    await keepIfAsked(context, body, template, { id: person.id });
    return context.json(copyAnswer(copy, bounceAddress));
  },
});

/** Those with a name, up to their queries, which may be the recipient's: the report has their names. */
function namedLinks({ links }: Template): readonly NamedLink[] {
  return links.flatMap(({ id, name, url }) => {
    const [page = url] = url.split(/[?#]/, 1);
    return name === undefined ? [] : [{ id, name, url: page }];
  });
}

/** Whoever may send could otherwise undo an opt-out by a link that they have made for it. */
export function isUnsubscribed(suppressions: readonly Suppression[]): boolean {
  return suppressions.some(({ reason }) => reason === "unsubscribed");
}

function suppressedError(suppressions: readonly Suppression[]): ApiError {
  const reasons = suppressions.map(suppressionAnswer).map(({ reason, since, until, cause }) => {
    const time = until === undefined ? `since ${since}` : `until ${until}`;
    return `${reason} ${time} (${cause})`;
  });
  return new ApiError({
    status: 409,
    code: "suppressed",
    message: `This person is suppressed: ${reasons.join("; ")}. "evenIfSuppressed": true decorates all the same.`,
    field: "person",
  });
}
