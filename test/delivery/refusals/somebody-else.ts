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

/** What is said comes after a colon, and of whom before it. */
const LABELLED: readonly string[] = [
  "from-address: user unknown|mail-from mailbox: no such user|envelope address: user unknown|" +
    "your account: user unknown",
  "bounce mailbox: mailbox unavailable|errors-to address: user unknown|writer's address: no such user",
  "submitter: user unknown|the vendor - unknown user|the address you gave: user unknown|client account: no such user",
  "login account: user unknown|the address we verified: user unknown|postmaster mailbox: user unknown",
  "the reply mailbox: user unknown|reply to address: user unknown|signing domain unknown|announced host not found",
  "list owner: user unknown|announced name: user unknown|the external user: no such user",
  "unknown address you use|invalid address presented|unknown user behind this|invalid address given",
  "mailfrom: user unknown|rcptfrom: no such user|returnpath: user unknown|smtpauth: unknown user|login: unknown user",
  "sav: no such user|client: unknown user|the address that delivered this mail does not exist",
  "the address for answers does not exist|the host does not exist|the computer does not exist|customer number unknown",
];

/** In languages of which not all words are known. */
const ELSEWHERE: readonly string[] = [
  "Verifica: utente sconosciuto|Controle: gebruiker onbekend|Weryfikacja: użytkownik nieznany|" +
    "Utente sconosciuto al momento",
  "Destinataire inconnu pour le moment|Destinatario sconosciuto o mailbox disatttivata|A feladó nem létezik",
  "Expeditorul nu există|Ο αποστολέας δεν υπάρχει|Відправника не існує|Адреса для відповіді не існує",
];

/** The reason is beside "user unknown", in words that no list ends with. */
const REASONS: readonly string[] = [
  "staff only|known contacts|friends only|from outside|internal mail only|login first|pop before smtp|members",
  "we called back|checked your address|probe failed|said your mail exchanger|use a real address|no way to answer",
  "cannot be answered|anonymous mail|in a while|try in 5 minutes|try tomorrow|server is being upgraded|tonight",
  "not ready|needs activation|account under review|on leave|trial ended|bill not paid|locked|parked|quota|size",
  "please check that you are listed|you must enter your name|make sure your address exists|use a registered address",
  "outsiders|paused|on holiday|sabbatical|firewall|sandbox|outage|barred|closed|denied|unavailable|not now|maybe",
  "our directory could not be asked this morning|only our own people write to this mailbox as a rule",
  "letters of companies with whom we have no contract are returned|contact us from a known address|at 10 pm",
  "you could not be identified|provide userid|contact us to be registered here|please contact us to be listed",
  "please provide the user name|you can not use this system|to get registered visit us|please identify|verify account",
  "ask us for an account here|registered users accepted|please use valid address|please be known to the server",
  "thank you for being registered here|you may not be identified here|make sure the user is registered|see user list",
  "contact us to have it entered|please contact us to update our records|please check for us in your list",
  "mass mail|no ads|rule matched|three strikes|no answer|read only|missing file|dns down|already delivered",
].flatMap((list) =>
  list
    .split("|")
    .flatMap((each) => [
      `user unknown (${each})`,
      `<marie@b.example>: no such user, ${each}`,
      `${each}: user unknown`,
      `Recipient address rejected: ${each}`,
      `utente sconosciuto. ${each}`,
    ]),
);

/** Addresses that mailings are sent from, where the recipient's is not known. */
const SENDING: readonly string[] = [
  "<bounces@x.example>: unresolvable address|address <noreply@shop.example> is invalid",
  "<newsletter@shop.example>: invalid address",
  "<bounce+abc@shop.example> is not a valid mailbox|<owner-shop@lists.example>: user unknown",
  "<marie=example.com@verp.example>: no such user|<shop-bounces@lists.example>: User unknown",
  "<SRS0=aB3d=XY=shop.example=news@relay.example>: user unknown",
];

export const ABOUT_SOMEBODY_ELSE = { VERIFIED, ANSWERED, SENT, HOSTS, LABELLED, ELSEWHERE, REASONS, SENDING };
