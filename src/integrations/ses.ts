/**
 * A copy in the request of Amazon SES (`SendEmailCommand` of SESv2): the message token is the message tag `waxseal`,
 * which SES hands back in its events. Source: Amazon SES API v2 reference, "SendEmail", "Message" and "MessageTag".
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
  tokenWithin,
  without,
} from "./copy.ts";
import { reportWarnings, type WarningOptions } from "./warnings.ts";

interface SesPair {
  Name: string | undefined;
  Value: string | undefined;
}

interface SesContent {
  Data: string | undefined;
  Charset?: string | undefined;
}

/** A message of SES's, apart from the body that the copy brings. */
export interface SesMessage {
  readonly Subject: SesContent | undefined;
  readonly Headers?: SesPair[] | undefined;
}

/** What `new SendEmailCommand` takes, apart from the body. */
export interface SesEmail<Message extends SesMessage = SesMessage> {
  readonly Destination?:
    | {
        readonly ToAddresses?: string[] | undefined;
        readonly CcAddresses?: string[] | undefined;
        readonly BccAddresses?: string[] | undefined;
      }
    | undefined;
  readonly Content: { readonly Simple: Message };
  readonly EmailTags?: SesPair[] | undefined;
}

interface DecoratedMessage {
  readonly Body: { readonly Html?: SesContent; readonly Text?: SesContent };
  readonly Headers: SesPair[];
}

/** What `sesEmail` returns: the same request, with the copy's parts, headers and tag. */
export type DecoratedSesEmail<Email, Message> = Omit<Email, "Content" | "EmailTags"> & {
  readonly Content: { readonly Simple: Omit<Message, keyof DecoratedMessage> & DecoratedMessage };
  readonly EmailTags: SesPair[];
};

/** How long a message tag's value may be: "It can contain no more than 256 characters." */
const MAX_TAG_CHARS = 256;

/**
 * The request with the copy's parts and headers in `Content.Simple`, and the message token as a message tag. Events
 * need a configuration set, `ConfigurationSetName` or that of the identity.
 * @param email what `new SendEmailCommand` takes
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} naming the field: several recipients, no `Content.Simple`, `Content.Raw`, `Content.Template`,
 *   `ListManagementOptions`, a part that is not in the copy
 * @example
 * const Content = { Simple: { Subject: { Data: subject } } };
 * const copy = template.render({ email, person, campaign });
 * await ses.send(new SendEmailCommand(sesEmail({ FromEmailAddress, Destination, Content }, copy)));
 */
export function sesEmail<Message extends SesMessage, Email extends SesEmail<Message>>(
  email: Email & SesEmail<Message>,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedSesEmail<Email, Message> {
  requireMailAndCopy("email", email, copy);
  refuseFields(email, { BulkEmailEntries: FILLED_ELSEWHERE });
  if (typeof email.Content !== "object") {
    throw new DecorateError(
      "Content",
      "is missing: this takes the request of SESv2's SendEmailCommand, not `Message` of the API before it",
    );
  }
  const { Destination, Content, EmailTags = [] } = email;
  const { ToAddresses, CcAddresses, BccAddresses } = Destination ?? {};
  requireOneRecipient({ ToAddresses, CcAddresses, BccAddresses });
  refuseConflictingFields(email, copy);
  const { Simple } = Content;
  const token = tokenWithin(MAX_TAG_CHARS, "a tag of SES's", copy);
  const made = {
    ...without<Email, "Content" | "EmailTags">(email, "Content", "EmailTags"),
    Content: {
      Simple: {
        ...without<Message, "Body" | "Headers">(Simple, "Body", "Headers"),
        Body: bodyOf(copy, Simple),
        Headers: mergedPairs(Simple.Headers, copy),
      },
    },
    EmailTags: [...EmailTags.filter(({ Name }) => Name !== TOKEN_FIELD), { Name: TOKEN_FIELD, Value: token }],
  };
  reportWarnings(copy.warnings, options);
  return made;
}

/** SES assumes 7-bit ASCII unless a charset is named. */
function bodyOf(copy: DecoratedCopy, message: SesMessage): DecoratedMessage["Body"] {
  const own: unknown = Reflect.get(message, "Body");
  const parts = partsOf(copy, typeof own === "object" && own !== null ? own : {}, ["Html", "Text"]);
  return {
    ...("html" in parts ? { Html: { Data: parts.html, Charset: "UTF-8" } } : {}),
    ...(parts.text === undefined ? {} : { Text: { Data: parts.text, Charset: "UTF-8" } }),
  };
}

function refuseConflictingFields(email: SesEmail, { headers }: DecoratedCopy): void {
  refuseFields(email.Content, {
    Raw: "is a finished message: decorate it by `waxseal decorate` before",
    Template: FILLED_ELSEWHERE,
  });
  if (typeof email.Content.Simple !== "object") throw new DecorateError("Content.Simple", "is missing");
  if ("List-Unsubscribe" in headers)
    refuseFields(email, { ListManagementOptions: "makes SES write another List-Unsubscribe: leave it out" });
}
