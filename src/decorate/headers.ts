/** The headers that a sender adds to the message, all to be covered by its DKIM signature (RFC 8058 §4). */

/** The header that carries the message token. */
export const MESSAGE_HEADER = "X-Waxseal-Message";

export interface EmailHeaders extends Readonly<Record<string, string>> {
  /** RFC 2369 §3.2: the unsubscribe page, and by POST the act. */
  readonly "List-Unsubscribe": string;
  /** RFC 8058 §3.1. */
  readonly "List-Unsubscribe-Post": string;
  /** The message token: by it bounces and providers' webhooks find their way back to the send. */
  readonly [MESSAGE_HEADER]: string;
}

export function emailHeaders(unsubscribeUrl: string, messageToken: string): EmailHeaders {
  return {
    "List-Unsubscribe": `<${unsubscribeUrl}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    [MESSAGE_HEADER]: messageToken,
  };
}
