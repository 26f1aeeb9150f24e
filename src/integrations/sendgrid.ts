/**
 * A copy in the mail that SendGrid's SDK sends: the message token is the custom argument `waxseal`, which SendGrid puts
 * among an event's fields. Its own tracking is switched off where the mail says nothing of it. Source: Twilio SendGrid,
 * "Mail Send" and "Tracking settings".
 */
import {
  type CopyParts,
  type DecoratedCopy,
  FILLED_ELSEWHERE,
  mergedHeaders,
  partsOf,
  refuseFields,
  requireOneRecipient,
  TOKEN_FIELD,
  without,
} from "./copy.ts";

type SendGridAddress = string | { readonly name?: string; readonly email: string };
type SendGridAddresses = SendGridAddress | SendGridAddress[];

/** What `sgMail.send` takes, apart from the parts that the copy brings. */
export interface SendGridMail {
  readonly to?: SendGridAddresses;
  readonly cc?: SendGridAddresses;
  readonly bcc?: SendGridAddresses;
  readonly headers?: Record<string, string>;
  readonly customArgs?: Record<string, unknown>;
  readonly trackingSettings?: object;
}

interface DecoratedFields {
  readonly headers: Record<string, string>;
  readonly customArgs: Record<string, unknown>;
  readonly trackingSettings: object;
}

export type DecoratedSendGridMail<Mail> = Omit<Mail, "html" | "text" | keyof DecoratedFields> &
  CopyParts &
  DecoratedFields;

const ONE_MAIL = "makes several mails of one body: send each recipient's copy by itself";

/** SendGrid would wrap links that are decorated already, and write a List-Unsubscribe of its own. */
const TRACKING_OFF = {
  clickTracking: { enable: false, enableText: false },
  openTracking: { enable: false },
  subscriptionTracking: { enable: false },
};

/**
 * The mail with the copy's parts and headers, and the message token as a custom argument.
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @throws {DecorateError} naming the field: several recipients, `templateId`, `content`, a part that is not in the copy
 * @example
 * await sgMail.send(sendgridMail({ from, to, subject }, template.render({ email, person, campaign })));
 */
export function sendgridMail<Mail extends SendGridMail>(mail: Mail, copy: DecoratedCopy): DecoratedSendGridMail<Mail> {
  const { to, cc, bcc, headers, customArgs, trackingSettings } = mail;
  requireOneRecipient({ to, cc, bcc });
  refuseFields(mail, {
    personalizations: ONE_MAIL,
    isMultiple: ONE_MAIL,
    templateId: FILLED_ELSEWHERE,
    content: "is not decorated: give html and text by the copy",
  });
  const parts = partsOf(copy, mail, ["html", "text"]);
  return {
    ...without(mail, "html", "text", "headers", "customArgs", "trackingSettings"),
    ...parts,
    headers: mergedHeaders(headers, copy),
    customArgs: { ...customArgs, [TOKEN_FIELD]: copy.message },
    trackingSettings: { ...TRACKING_OFF, ...trackingSettings },
  };
}
