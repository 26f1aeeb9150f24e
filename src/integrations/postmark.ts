/**
 * A copy in the message that Postmark's SDK sends: the message token is the metadata field `waxseal`, which Postmark's
 * webhooks hand back. Its own tracking is switched off where the message says nothing of it. Source: Postmark developer
 * documentation, "Email API" and "Custom metadata".
 */
import {
  type DecoratedCopy,
  FILLED_ELSEWHERE,
  mergedPairs,
  partsOf,
  refuseFields,
  requireOneRecipient,
  TOKEN_FIELD,
  tokenWithin,
  without,
} from "./copy.ts";

interface PostmarkHeader {
  Name: string;
  Value: string;
}

/** What `sendEmail` takes, apart from the parts that the copy brings. */
export interface PostmarkMessage {
  readonly To?: string;
  readonly Cc?: string;
  readonly Bcc?: string;
  readonly Headers?: PostmarkHeader[];
  readonly Metadata?: Record<string, string>;
}

interface DecoratedFields {
  readonly HtmlBody?: string;
  readonly TextBody?: string;
  readonly Headers: PostmarkHeader[];
  readonly Metadata: Record<string, string>;
}

export type DecoratedPostmarkMessage<Message> = Omit<Message, keyof DecoratedFields> & DecoratedFields;

/** "Metadata values must be strings and are limited to 80 characters." */
const MAX_METADATA_CHARS = 80;

/** Postmark would wrap links that are decorated already. */
const TRACKING_OFF = { TrackOpens: false, TrackLinks: "None" };

/**
 * The message with the copy's parts and headers, and the message token among the metadata. For `sendEmail`, and for
 * each message of `sendEmailBatch`.
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @throws {DecorateError} naming the field: several recipients, a template, a part that is not in the copy; `message`
 *   when the ids are too long for Postmark's 80 characters (integers and one UUID fit)
 * @example
 * await client.sendEmail(postmarkMessage({ From, To, Subject }, template.render({ email, person, campaign })));
 */
export function postmarkMessage<Message extends PostmarkMessage>(
  message: Message,
  copy: DecoratedCopy,
): DecoratedPostmarkMessage<Message> {
  const { To, Cc, Bcc, Headers, Metadata } = message;
  requireOneRecipient({ To, Cc, Bcc });
  refuseFields(message, {
    TemplateId: FILLED_ELSEWHERE,
    TemplateAlias: FILLED_ELSEWHERE,
    TemplateModel: FILLED_ELSEWHERE,
  });
  const token = tokenWithin(MAX_METADATA_CHARS, "Postmark's metadata", copy);
  const parts = partsOf(copy, message, ["HtmlBody", "TextBody"]);
  return {
    ...TRACKING_OFF,
    ...without(message, "HtmlBody", "TextBody", "Headers", "Metadata"),
    ...("html" in parts ? { HtmlBody: parts.html } : {}),
    ...(parts.text === undefined ? {} : { TextBody: parts.text }),
    Headers: mergedPairs(Headers, copy),
    Metadata: { ...Metadata, [TOKEN_FIELD]: token },
  };
}
