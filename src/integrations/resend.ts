/**
 * A copy in the email that Resend's SDK sends: the message token is the tag `waxseal`, which Resend's webhooks hand
 * back. Source: Resend API reference, "Send Email", and "Managing tags".
 */
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
  tokenWithin,
  without,
} from "./copy.ts";
import { reportWarnings, type WarningOptions } from "./warnings.ts";

interface ResendTag {
  readonly name: string;
  readonly value: string;
}

/** What `resend.emails.send` takes, apart from the parts that the copy brings. */
export interface ResendEmail {
  readonly to: string | string[];
  readonly cc?: string | string[];
  readonly bcc?: string | string[];
  readonly headers?: Record<string, string>;
  readonly tags?: ResendTag[];
}

/** What `resendEmail` returns: the same email, with the copy's parts, headers and tag. */
export type DecoratedResendEmail<Email> = Omit<Email, "html" | "text" | "headers" | "tags"> &
  CopyParts & { readonly headers: Record<string, string>; readonly tags: ResendTag[] };

/** "It can contain no more than 256 characters", ASCII letters, numbers, underscores and dashes. */
const MAX_TAG_CHARS = 256;

/**
 * The email with the copy's parts and headers, and the message token as a tag. For `emails.send`, and for each email of
 * `batch.send`.
 * @param email what `resend.emails.send` takes
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} naming the field: several recipients, `react` or `template`, a part that is not in the copy
 * @example
 * await resend.emails.send(resendEmail({ from, to, subject }, template.render({ email, person, campaign })));
 */
export function resendEmail<Email extends ResendEmail>(
  email: Email,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedResendEmail<Email> {
  requireMailAndCopy("email", email, copy);
  const { to, cc, bcc, headers, tags = [] } = email;
  requireOneRecipient({ to, cc, bcc });
  refuseFields(email, {
    react: "is rendered by Resend: render it by React Email's render, and decorate that",
    template: FILLED_ELSEWHERE,
  });
  const token = { name: TOKEN_FIELD, value: tokenWithin(MAX_TAG_CHARS, "a tag of Resend's", copy) };
  const parts = partsOf(copy, email, ["html", "text"]);
  const made = {
    ...without(email, "html", "text", "headers", "tags"),
    ...parts,
    headers: mergedHeaders(headers, copy),
    tags: [...tags.filter(({ name }) => name !== TOKEN_FIELD), token],
  };
  reportWarnings(copy.warnings, options);
  return made;
}
