/**
 * A copy in the message that Postmark's SDK sends: the message token is the metadata field `waxseal`, which Postmark's
 * webhooks hand back; a longer one goes on in `waxseal-2`, `waxseal-3` and so on. Its own tracking is switched off
 * where the message says nothing of it. Source: Postmark developer documentation, "Email API" and "Custom metadata".
 */
import { DecorateError } from "../decorate/index.ts";
import {
  type DecoratedCopy,
  FILLED_ELSEWHERE,
  mergedPairs,
  partsOf,
  refuseFields,
  requireMailAndCopy,
  requireOneRecipient,
  TOKEN_FIELD,
  without,
} from "./copy.ts";
import { reportWarnings, type WarningOptions } from "./warnings.ts";

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

/** What `postmarkMessage` returns: the same message, with these fields of the copy. */
export type DecoratedPostmarkMessage<Message> = Omit<Message, keyof DecoratedFields> & DecoratedFields;

/** "Field names are limited to 20 characters and field values are limited to 80 characters in length." */
const METADATA_VALUE = /.{1,80}/g;
const MAX_METADATA_FIELDS = 10;

/** Postmark would wrap links that are decorated already. */
const TRACKING_OFF = { TrackOpens: false, TrackLinks: "None" };

/**
 * The message with the copy's parts and headers, and the message token among the metadata. For `sendEmail`, and for
 * each message of `sendEmailBatch`.
 * @param message what `sendEmail` takes
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} naming the field: several recipients, a template, a part that is not in the copy; `Metadata`
 *   that leaves the token no room (integers take one field, UUIDs two)
 * @example
 * await client.sendEmail(postmarkMessage({ From, To, Subject }, template.render({ email, person, campaign })));
 */
export function postmarkMessage<Message extends PostmarkMessage>(
  message: Message,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedPostmarkMessage<Message> {
  requireMailAndCopy("message", message, copy);
  const { To, Cc, Bcc, Headers, Metadata } = message;
  requireOneRecipient({ To, Cc, Bcc });
  refuseFields(message, {
    TemplateId: FILLED_ELSEWHERE,
    TemplateAlias: FILLED_ELSEWHERE,
    TemplateModel: FILLED_ELSEWHERE,
    Messages: FILLED_ELSEWHERE,
  });
  const parts = partsOf(copy, message, ["HtmlBody", "TextBody"]);
  const made = {
    ...TRACKING_OFF,
    ...without(message, "HtmlBody", "TextBody", "Headers", "Metadata"),
    ...("html" in parts ? { HtmlBody: parts.html } : {}),
    ...(parts.text === undefined ? {} : { TextBody: parts.text }),
    Headers: mergedPairs(Headers, copy),
    Metadata: metadataWith(Metadata, copy),
  };
  reportWarnings(copy.warnings, options);
  return made;
}

/** Postmark refuses names that differ in nothing but case. */
const TOKEN_PART = new RegExp(`^${TOKEN_FIELD}(?:-\\d+)?$`, "i");

function metadataWith(own: Readonly<Record<string, string>> = {}, { message }: DecoratedCopy): Record<string, string> {
  const kept = Object.entries(own).filter(([name]) => !TOKEN_PART.test(name));
  const parts = message.match(METADATA_VALUE) ?? [];
  const token = parts.map((part, index) => [index === 0 ? TOKEN_FIELD : `${TOKEN_FIELD}-${index + 1}`, part]);
  const fields = [...kept, ...token];
  if (fields.length > MAX_METADATA_FIELDS) {
    throw new DecorateError(
      "Metadata",
      `has ${fields.length} fields with the message token, and Postmark takes ${MAX_METADATA_FIELDS}`,
    );
  }
  return Object.fromEntries(fields);
}
