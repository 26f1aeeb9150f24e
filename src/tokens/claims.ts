/**
 * The claims of each token: ids, and for a click its destination; no address, no name, no time. A token never expires,
 * so its claims must stay true for ever.
 */

/** One email to one person in one campaign. Each id is an integer or 1 to 64 characters of `A-Z a-z 0-9 . _ : -`. */
export interface Message {
  /** One design, mailed to many. */
  readonly email: string;
  /** The recipient, or a pseudonym. */
  readonly person: string;
  /** The run of sends that the copy belongs to. */
  readonly campaign: string;
}

/** A decorated link. */
export interface Link {
  /** Stable: the same link of an email has the same id in every copy. */
  readonly id: string;
  /** The destination as it was in the email: http or https, at most 16,384 bytes in UTF-8. */
  readonly url: string;
}

/** The id of the link that only bots find. The ids of decorated links have eight hexadecimal digits. */
export const HONEYPOT_LINK_ID = "honeypot";

/** The claims of each use. A message token also names the send, to which bounces and complaints are assigned by it. */
export interface TokenClaims {
  /** In the pixel's URL. */
  open: Message;
  /** In a decorated link. */
  click: Message & { readonly link: Link };
  /** In `List-Unsubscribe` and the unsubscribe link. */
  unsubscribe: Message;
  /** As "unsubscribe", in a copy for somebody who has unsubscribed: its page cannot subscribe them again. */
  optout: Message;
  /** In the header `X-Waxseal-Message`, and in what a provider hands back. */
  message: Message & { readonly send: string };
}

/** What a token is for. A token of one use is never accepted for another. */
export type TokenUse = keyof TokenClaims;
