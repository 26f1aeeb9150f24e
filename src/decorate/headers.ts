/** The header fields that a sender adds to the message. */

/** The header that carries the message token. */
export const MESSAGE_HEADER = "X-Waxseal-Message";

/** The header fields to add to one copy, by name. A DKIM signature must cover the first two (RFC 8058 §4). */
export interface EmailHeaders extends Readonly<Record<string, string>> {
  /** The address of the unsubscribe page, in angle brackets (RFC 2369 §3.2). */
  readonly "List-Unsubscribe": string;
  /** "List-Unsubscribe=One-Click": a POST to that address unsubscribes (RFC 8058 §3.1). */
  readonly "List-Unsubscribe-Post": string;
  /** The message token, by which bounces and webhooks of providers find their send. */
  readonly [MESSAGE_HEADER]: string;
}

export function emailHeaders(unsubscribeUrl: string, messageToken: string): EmailHeaders {
  return {
    "List-Unsubscribe": `<${unsubscribeUrl}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    [MESSAGE_HEADER]: messageToken,
  };
}
