/**
 * Refusals in which a mailbox, a user or a domain is "unknown" or "not found", and it is none of a recipient: a part of
 * the server, a property, somebody else's. And mailboxes that are closed or missing for a while. Never category 2.
 */

/** What a server does not find of its own. */
const PARTS: readonly string[] = [
  "table virtual_mailbox does not exist|Table 'mail.users' doesn't exist|unknown user table|LDAP server not found",
  "mailbox server not found|mailbox store unknown error|database does not exist|user not found: directory down",
  "user not found (ldap down)|mailbox not found, storage offline|mailbox offline or unknown|cannot find mailbox: I/O",
  "user not found, NFS server not responding|recipient not found, no answer from directory",
  "mailbox not found (index rebuild)|recipient unknown: database is locked|user unknown - read error",
  "user unknown; queue file write error|user lookup returned unknown|Unrouteable address 192.0.2.1",
  "No reverse for host; host unknown",
  'Command died with status 67: "/usr/bin/procmail". Command output: procmail: Unknown user "vmail"',
];

/** "invalid mailbox state": the state is. */
const PROPERTIES: readonly string[] = [
  "unknown user error|unknown address problem|invalid mailbox state|invalid mailbox configuration",
  "no user session found|mailbox file does not exist|mailbox path not found|user folder does not exist",
  "user home directory not found|not a valid user session",
  "invalid mailbox permissions|unknown mailbox format|unknown mailbox type|invalid user input",
  "invalid recipients number",
];

const FOR_A_WHILE: readonly string[] = [
  "could not find the mailbox of the user, please wait|invalid recipient, wait 5 minutes|account not found, pending",
  "user not found on this server; try mx2|domain not found on this server, try the other MX",
  "Mailbox cannot be found in time|User not found at the moment|mailbox is not available at present",
  "Mailbox unavailable: busy|mailbox unavailable, user on vacation|mailbox unavailable (backup running)",
  "unknown user for now|account closed for the time being",
  "Customer account unpaid, mailbox closed|Mailbox closed for non-payment|Mailbox is closed until Monday",
];

const OF_OTHERS: readonly string[] = [
  "login unknown: account does not exist|alias target does not exist|verification of news@example.com: user unknown",
  "no such user (in your envelope)|<news@example.com> is an invalid address; fix your From|domain not found (from)",
  "a domain in this mail does not exist|an address in the message does not exist",
  "not one of our users; submission denied",
  "You must be a registered user to mail this address: user not found",
  "mailbox closed to the public|address not valid for external mail|alias info@example.com points to unknown user",
  "alias resolves to an address that does not exist",
];

export const NOT_OF_A_RECIPIENT = [...PARTS, ...PROPERTIES, ...FOR_A_WHILE, ...OF_OTHERS].flatMap((list) =>
  list.split("|"),
);

/** A server that answers RCPT was found by the recipient's domain; the sender's is what it misses. */
export const DOMAINS_OF_NOBODY: readonly string[] = [
  "553 Domain does not exist in DNS",
  "550 No such domain",
  "550 No MX found for the domain",
  "554 Domain sender.example not found; please fix DNS",
  "550 domain sender.example has no mx, so no mail is accepted",
  "553 news@sender.example domain does not exist in DNS",
  "550 <news@sender.example>: no such domain",
  "554 5.0.0 host of news@sender.example not found",
  "550 null mx of news@sender.example",
  "550 Rejecting: domain sender.example has null MX",
];
