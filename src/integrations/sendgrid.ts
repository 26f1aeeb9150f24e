/**
 * A copy in the mail that SendGrid's SDK sends: the message token is the custom argument `waxseal`, which SendGrid puts
 * among an event's fields. Its own tracking is switched off where the mail says nothing of it. Source: Twilio SendGrid,
 * "Mail Send" and "Tracking settings".
 */
import { DecorateError } from "../decorate/index.ts";
import {
  type CopyParts,
  type DecoratedCopy,
  FILLED_ELSEWHERE,
  mergedHeaders,
  partsOf,
  refuseFields,
  requireMailAndCopy,
  requireOneRecipient,
  TOKEN_FIELD,
  without,
} from "./copy.ts";
import { reportWarnings, type WarningOptions } from "./warnings.ts";

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

/** What `sendgridMail` returns: the same mail, with the copy's parts, headers and argument. */
export type DecoratedSendGridMail<Mail> = Omit<
  Mail,
  "html" | "text" | "custom_args" | "tracking_settings" | keyof DecoratedFields
> &
  CopyParts &
  DecoratedFields;

const ONE_MAIL = "makes several mails of one body: send each recipient's copy by itself";

/** The SDK takes each name in snake case, too. */
const REFUSED = {
  personalizations: ONE_MAIL,
  isMultiple: ONE_MAIL,
  is_multiple: ONE_MAIL,
  templateId: FILLED_ELSEWHERE,
  template_id: FILLED_ELSEWHERE,
  dynamicTemplateData: FILLED_ELSEWHERE,
  dynamic_template_data: FILLED_ELSEWHERE,
  substitutions: FILLED_ELSEWHERE,
  sections: FILLED_ELSEWHERE,
  content: "is not decorated: give html and text by the copy",
};

/** SendGrid would wrap links that are decorated already, and write a List-Unsubscribe of its own. */
const TRACKING_OFF = {
  clickTracking: { enable: false, enableText: false },
  openTracking: { enable: false },
  subscriptionTracking: { enable: false },
};

/**
 * The mail with the copy's parts and headers, and the message token as a custom argument.
 * @param mail what `sgMail.send` takes
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} naming the field: several recipients, `templateId`, `substitutions`, `sections`,
 *   `content`, a part that is not in the copy
 * @example
 * await sgMail.send(sendgridMail({ from, to, subject }, template.render({ email, person, campaign })));
 */
export function sendgridMail<Mail extends SendGridMail>(
  mail: Mail,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedSendGridMail<Mail> {
  requireMailAndCopy("mail", mail, copy);
  const { to, cc, bcc, headers } = mail;
  requireOneRecipient({ to, cc, bcc });
  refuseFields(mail, REFUSED);
  refuseBccSetting(mail);
  const parts = partsOf(copy, mail, ["html", "text"]);
  const made = {
    ...without(mail, "html", "text", "headers", "customArgs", "custom_args", "trackingSettings", "tracking_settings"),
    ...parts,
    headers: mergedHeaders(headers, copy),
    customArgs: { ...fieldsOf(mail, "customArgs", "custom_args"), [TOKEN_FIELD]: copy.message },
    trackingSettings: { ...TRACKING_OFF, ...fieldsOf(mail, "trackingSettings", "tracking_settings") },
  };
  reportWarnings(copy.warnings, options);
  return made;
}

/** An object of the mail's under either of its names. */
function fieldsOf(mail: object, ...names: readonly string[]): Record<string, unknown> {
  return Object.assign({}, ...names.map((name): unknown => Reflect.get(mail, name)));
}

function refuseBccSetting(mail: object): void {
  const { bcc } = fieldsOf(mail, "mailSettings", "mail_settings");
  if (Object(bcc).enable === true)
    throw new DecorateError("mailSettings.bcc", "sends this recipient's copy to somebody else, too: leave it out");
}
