/**
 * What each token says. No address, no name, no time: ids only, and for a click the place it leads to. A token never
 * expires, so what is claimed here must stay true for ever.
 */

/** One email sent to one person from one campaign, each named by its canonical id (see `parseId`). */
export interface Message {
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
}

/** A decorated link: its stable id and its destination, byte for byte as it stood in the email. */
export interface Link {
  readonly id: string;
  readonly url: string;
}

/** The id of the link that only machines find. Decorated links' ids have eight digits, so none is called so. */
export const HONEYPOT_LINK_ID = "honeypot";

/** The claims of each use. A message token also names the send, so that outcomes find the one they belong to. */
export interface TokenClaims {
  open: Message;
  click: Message & { readonly link: Link };
  unsubscribe: Message;
  message: Message & { readonly send: string };
}

export type TokenUse = keyof TokenClaims;
