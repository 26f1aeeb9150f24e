/**
 * Refusals that say "unknown" or "does not exist", beside a code for an unknown recipient, too, and say it of whoever
 * sent: an address that was verified or that answers would go to, a host, a domain. Never category 2.
 */

/** "<…>" stands for the address that a mailing was sent from. */
const VERIFIED: readonly string[] = [
  "<news@shop.example>: user unknown (verification)|Verification of <news@shop.example>: no such user",
  "address verification: news@shop.example does not exist|Callback says: user unknown|user unknown (callout)",
  "<bounce-12345@shop.example>: Recipient address rejected by verification: user unknown",
  "We could not verify <news@shop.example>: no such user|<news@shop.example>: domain not found (verification)",
];

const ANSWERED: readonly string[] = [
  "<a@b.example> does not accept replies; address unknown|The mailbox does not accept replies; address unknown",
  "This address does not accept replies; mailbox not found|no-reply address: mailbox does not exist",
  "Reply address unknown|Cannot reply to this address: user unknown|return address does not exist",
  "Replies to this address are undeliverable: user unknown|responses cannot be delivered: user unknown",
  "bounces to this address fail: no such user|DSN to this address: user unknown",
  "notifications would be undeliverable: address does not exist",
];

const SENT: readonly string[] = [
  "sent by an unknown server|message sent by an unknown server|unknown user sent this|message by unknown user",
  "written by an unknown person|mail by unknown address|this message comes from an unknown user|hello name unknown",
  "who are you? user unknown|unknown users may not write to this mailbox|Address unknown to recipient",
  "address not found in recipient's contacts|not found in the list of known correspondents",
];

const HOSTS: readonly string[] = [
  "unknown host|Unknown server|unknown domain|Domain not found|unknown system|host not found|unknown site",
  "Unknown host name|server not found|DNS name not found|Invalid domain|domain does not exist|no such host",
  "name of the host does not exist|Domain of address does not exist|MX of address not found|no MX record for domain",
];

/** Addresses that mailings are sent from, where the recipient's is not known. */
const SENDING: readonly string[] = [
  "<bounces@x.example>: unresolvable address|address <noreply@shop.example> is invalid",
  "<newsletter@shop.example>: invalid address",
  "<bounce+abc@shop.example> is not a valid mailbox|<owner-shop@lists.example>: user unknown",
  "<marie=example.com@verp.example>: no such user|<shop-bounces@lists.example>: User unknown",
  "<SRS0=aB3d=XY=shop.example=news@relay.example>: user unknown",
];

export const ABOUT_SOMEBODY_ELSE = { VERIFIED, ANSWERED, SENT, HOSTS, SENDING };
