/**
 * A copy in the message that Mailgun's SDK sends: the message token is the user variable `waxseal`, which Mailgun's
 * webhooks hand back. Its own tracking is switched off where the message says nothing of it. Source: Mailgun
 * documentation, "Send an email" and "Attaching metadata to messages".
 */
import {
  type CopyParts,
  type DecoratedCopy,
  FILLED_ELSEWHERE,
  keepsHeader,
  partsOf,
  refuseFields,
  requireMailAndCopy,
  requireOneRecipient,
  TOKEN_FIELD,
} from "./copy.ts";
import { refuseChangingHeaders } from "./provider-headers.ts";
import { reportWarnings, type WarningOptions } from "./warnings.ts";

/** What `messages.create` takes, apart from the parts that the copy brings. */
export interface MailgunMessage {
  readonly to?: string | string[];
  readonly cc?: string | string[];
  readonly bcc?: string | string[];
}

/** What `mailgunMessage` returns: the same message, with the copy's parts and fields. */
export type DecoratedMailgunMessage<Message> = Omit<Message, "html" | "text"> &
  CopyParts &
  Record<`v:${string}`, string>;

/**
 * The message with the copy's parts and headers (`h:…`), and the message token as a user variable (`v:waxseal`).
 * @param message what `messages.create` takes
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} naming the field: several recipients, `template`, `message`, a part that is not in the copy
 * @example
 * const copy = template.render({ email, person, campaign });
 * await mailgun.messages.create(domain, mailgunMessage({ from, to, subject }, copy));
 */
export function mailgunMessage<Message extends MailgunMessage>(
  message: Message,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedMailgunMessage<Message> {
  requireMailAndCopy("message", message, copy);
  const { to, cc, bcc } = message;
  requireOneRecipient({ to, cc, bcc });
  refuseFields(message, {
    template: FILLED_ELSEWHERE,
    "t:version": FILLED_ELSEWHERE,
    "t:text": FILLED_ELSEWHERE,
    "t:variables": FILLED_ELSEWHERE,
    "recipient-variables": FILLED_ELSEWHERE,
    message: "is a finished message: decorate it by `waxseal decorate` before",
    "amp-html": "would be shown instead of the HTML, and is not decorated: leave it out",
  });
  const fields = new Map(Object.entries(message).map(([name, value]) => [name.toLowerCase(), value]));
  refuseChangingHeaders((name) => fields.get(`h:${name.toLowerCase()}`), "h:");
  const isOwn = keepsHeader(copy.headers);
  const others = Object.entries(message).filter(
    ([name]) => name !== "html" && name !== "text" && !(name.startsWith("h:") && !isOwn(name.slice(2))),
  );
  const isTrackingSaid = others.some(([name]) => name.startsWith("o:tracking"));
  const made = {
    ...(Object.fromEntries(others) as Omit<Message, "html" | "text">),
    ...partsOf(copy, message, ["html", "text"]),
    // Mailgun would wrap links that are decorated already.
    ...(isTrackingSaid ? {} : { "o:tracking": "no" }),
    ...Object.fromEntries(Object.entries(copy.headers).map(([name, value]) => [`h:${name}`, value])),
    [`v:${TOKEN_FIELD}`]: copy.message,
  };
  reportWarnings(copy.warnings, options);
  return made;
}
