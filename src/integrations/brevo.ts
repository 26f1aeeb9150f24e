/**
 * A copy in the email that Brevo's SDK sends: the message token is in the header `X-Mailin-custom`, which Brevo's
 * webhooks hand back. Source: Brevo API reference, "Send a transactional email".
 */
import {
  type DecoratedCopy,
  FILLED_ELSEWHERE,
  keepsHeader,
  partsOf,
  refuseFields,
  requireMailAndCopy,
  requireOneRecipient,
  TOKEN_FIELD,
  without,
} from "./copy.ts";
import { reportWarnings, type WarningOptions } from "./warnings.ts";

interface BrevoAddress {
  readonly email: string;
  readonly name?: string | undefined;
}

/** What `sendTransacEmail` takes, apart from the parts that the copy brings. */
export interface BrevoEmail {
  readonly to?: BrevoAddress[];
  readonly cc?: BrevoAddress[];
  readonly bcc?: BrevoAddress[];
  readonly headers?: Record<string, unknown>;
}

interface DecoratedFields {
  readonly htmlContent?: string;
  readonly textContent?: string;
  readonly headers: Record<string, unknown>;
}

/** What `brevoEmail` returns: the same email, with these fields of the copy. */
export type DecoratedBrevoEmail<Email> = Omit<Email, keyof DecoratedFields> & DecoratedFields;

const CUSTOM_HEADER = "X-Mailin-custom";

/**
 * The email with the copy's parts and headers, and the message token in `X-Mailin-custom`, beside what the email has
 * there.
 * @param email what `sendTransacEmail` takes
 * @param copy what `render` returns or `POST /v1/decorate` answers
 * @param options `onWarning`: what is done with each warning of the copy
 * @throws {DecorateError} naming the field: several recipients, `templateId`, `params`, `messageVersions`, a part that
 *   is not in the copy
 * @example
 * await brevo.transactionalEmails.sendTransacEmail(
 *   brevoEmail({ sender, to: [{ email: address }], subject }, template.render({ email, person, campaign })),
 * );
 */
export function brevoEmail<Email extends BrevoEmail>(
  email: Email,
  copy: DecoratedCopy,
  options: WarningOptions = {},
): DecoratedBrevoEmail<Email> {
  requireMailAndCopy("email", email, copy);
  const { to, cc, bcc, headers = {} } = email;
  requireOneRecipient({ to, cc, bcc });
  refuseFields(email, {
    templateId: FILLED_ELSEWHERE,
    params: FILLED_ELSEWHERE,
    messageVersions: FILLED_ELSEWHERE,
  });
  const isOwn = keepsHeader({ ...copy.headers, [CUSTOM_HEADER]: "" });
  const kept = Object.entries(headers).filter(([name]) => isOwn(name));
  const custom = Object.entries(headers).find(([name]) => name.toLowerCase() === CUSTOM_HEADER.toLowerCase())?.[1];
  const parts = partsOf(copy, email, ["htmlContent", "textContent"]);
  const made = {
    ...without(email, "htmlContent", "textContent", "headers"),
    ...("html" in parts ? { htmlContent: parts.html } : {}),
    ...(parts.text === undefined ? {} : { textContent: parts.text }),
    headers: { ...Object.fromEntries(kept), ...copy.headers, [CUSTOM_HEADER]: customWith(custom, copy.message) },
  };
  reportWarnings(copy.warnings, options);
  return made;
}

/** The sender's own data with the token: in their JSON, or behind their "list:7". */
function customWith(own: unknown, token: string): string {
  if (typeof own !== "string" || own === "") return JSON.stringify({ [TOKEN_FIELD]: token });
  try {
    const data: unknown = JSON.parse(own);
    if (typeof data === "object" && data !== null && !Array.isArray(data))
      return JSON.stringify({ ...data, [TOKEN_FIELD]: token });
  } catch {
    // No JSON: Brevo's own form of it is below.
  }
  return `${own}|${TOKEN_FIELD}:${token}`;
}
