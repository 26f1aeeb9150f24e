/**
 * Phrases by which servers say that nobody can be reached at an address. The words are in lower case, with single
 * spaces, without links, host names and codes; "§" stands for an address.
 */
import { NO_SUCH_RECIPIENT_IN_OTHER_LANGUAGES } from "./languages.ts";
import { anyOf, behindWords, gap, IS } from "./pattern.ts";

/** A property of a mailbox, not a mailbox: "invalid mailbox state". */
const PROPERTY =
  "(?:server|store|database|system|backend|host|limit|quota|agent|group|family|lists?|book|tables?|states?|status|" +
  "config\\w{0,10}|permissions?|formats?|types?|input|sessions?|numbers?|counts?|data|settings?|options?|credentials|" +
  "roles?|modes?|password|profile|files?|folders?|paths?|spool|partition|" +
  "home|lookups?)\\b";
const FAILURE = "(?:errors?|reason|failures?|problems?)\\b";

/** What a mailbox is called. An address of the sender, of an IP or of a list is none. */
export const MAILBOX_WORD =
  "(?<!\\b(?:sender|sender's|from|ip|your|server|client|source|relay|return|reply-to|reverse|list|group) )" +
  "(?:user's|users?(?: ?name| ?id| account)?|user\\(s\\)|recipients?(?:'s)?(?: e-?mail)?(?: address| name| user)?|" +
  "recipient\\(s\\)|mail[- ]?box(?:es)?|mail drop|(?:mail )?accounts?|address(?:es|\\(es\\))?|addressees?|" +
  "alias(?:es)?|" +
  "e-?mail (?:address(?:es)?|account|id|user|box)|persons?|customers?|subscribers?|local[- ]part|" +
  "destinations?(?: address(?:es)?| mailbox| user)?|inbox|userid|mailuser|receivers?|spectator)" +
  `(?! ${PROPERTY})`;
/** "§" stands for an address in the text. */
const MAILBOX = `(?:${MAILBOX_WORD}|§)`;
const UNKNOWN =
  "(?:unkn?own?|unknwon|invalid|non[- ]?exist[ea]nt|undeliverable|unroute?able|unregistered|unrecogni[sz]ed|no exist|" +
  "not (?:be )?(?:found|known|recogni[sz]ed|valid|listed|registered|located|present|exist(?:s|ing)?|" +
  "in (?:my |the |our )?(?:directory|database)))" +
  "(?!\\w| (?:error|reason|response|status|failure|problem))";

/** What a mailbox is or does that nobody can be reached at, up to so many words behind it. */
const IS_NONE = behindWords([
  [
    3,
    `(?:name )?(?:currently )?${IS}(?:currently )?${UNKNOWN}|` +
      "no longer (?:exists?|valid|available|in use|accepts?|on (?:this )?server|registered|used)",
  ],
  [5, "(?:does not|do not|do(?:es)?n'?t|dosn'?t|did not|didn't|does n't|not) exists?\\b"],
  [
    2,
    "(?:could not|couldn't|cannot|can't|can not) be (?:found|resolved|located|identified)|" +
      "(?:wasn't|isn't|weren't|aren't) (?:valid|found|known|recogni[sz]ed|a valid|registered)|" +
      `${IS}(?:permanently )?(?:deleted|removed|closed|cancell?ed|retired)\\b` +
      "(?! (?:you|due|for|temporar|from (?:this|the|your) list))",
  ],
  // It has moved, and the server names no forward that was used.
  [1, "(?:has|have) (?:moved|left)\\b|moved to (?:a )?(?:new|different|another)"],
]);

/** No such mailbox. What begins with the same words is one phrase, for those are looked for at each word. */
const NO_MAILBOX = [
  "\\b(?:no such|unknown|unrecogni[sz]ed|invalid|non[- ]?exist[ea]nt|non-existing|undeliverable|unroute?able|" +
    `unresolvable|illegal|malformed|bad|wrong|incorrect) ${gap(1)}${MAILBOX_WORD}(?!\\w| ${FAILURE})`,
  `(?<!\\w)${MAILBOX} ${IS_NONE}`,
  "\\b(?:could not|couldn't|cannot|can't|unable to|failed to|did not|didn't) (?:find|locate|identify) (?:the |a |" +
    "any |" +
    `this |that |your |such )?${gap(1)}${MAILBOX}(?!\\w)`,
  `(?:does not|doesn't|do not|don't|did not) have (?:an?|this|that|such an?) ${gap(2)}(?:account|mailbox|user)`,
  `\\bno (?:account|mail[- ]?box|user|recipient|person|address)s?(?! ${PROPERTY}) ${gap(1)}` +
    "(?:by|with|for|here|found|named|that|at|called)\\b(?:(?: that)? name is currently available)?",
  `\\bno(?:body| one) (?:here )?(?:by|with) that|there is no (?:one|such|user|account|mailbox)`,
  `\\bno such (?:one|id|name)\\b`,
  "\\bno record of (?:that|this|such|the) (?:an? )?(?:account|address|mailbox|recipient|user)",
  "\\bnon-?working address",
  `\\bnot (?:an? )?(?:our|one of our|valid|known|local|existing|active local) ${gap(1)}${MAILBOX}(?!\\w)`,
  `\\bnot an? ${gap(1)}(?:user|mailbox|account|recipient|customer|subscriber)\\b(?! ${PROPERTY})`,
  "\\bnot listed in (?:domino|public|directory|the)|not found in (?:the )?(?:domino|directory|recipient|ldap)",
  "\\bnot present in (?:the )?directory|\\bnot (?:found|known|exist) (?:here|at this|to this|by smtp address lookup)",
  "\\brecip(?:ient)?notfound|resolver\\.adr\\.(?:recip|exrecip)\\w{0,20}notfound|\\bunknown or illegal",
  "\\bno-?such-?user|\\bcuda[_ ]nsu\\b",
  `\\buser[- ]?unknown|\\b(?:unknown[- ]?users?|invalid[- ]recipients?)(?!\\w| ${PROPERTY}| ${FAILURE})`,
  "\\be-?mail (?:is |was )?not found",
  "\\bunknown e-?mail(?! (?:header|format|server|client|message))\\b|\\bnot email addresses",
  "\\brcpt ?to not found|\\bnot in my (?:list of )?valid ?rcpt ?to|\\bdestin(?:atario|\\.) (?:errato|sconosciuto)",
  "\\b(?:sorry|rcpt) (?:to )?(?:does not|doesn't) exist|\\bunknown (?:to|in) (?:this|our) (?:server|system)",
  "\\bbad destination (?:mailbox|address|system|host)|\\binvalid final delivery|\\bno mailbox\\b(?! (?:space|quota))",
  "\\brecipient syntax error|\\b(?:recipient|mailbox|rcpt) (?:address )?syntax|syntax error in (?:recipient|mailbox)",
  "\\bnot a valid rfc[- ]?(?:5321|2821|821)",
];

/** It has moved, and the server names no forward that was used. */
const MOVED = [
  "\\bhas (?:moved to|left (?:the|our|this) )",
  `\\b(?:address|mailbox) ${gap(1)}(?:has )?changed\\b`,
  `\\bchanged (?:his|her|their|its) ${gap(1)}address|\\buser not local\\b|\\bhas been replaced by\\b`,
  "\\bno longer (?:at|with|works?|working|employed|handled|here)\\b",
];

/** A domain that accepts no mail at all (RFC 7505, RFC 7504), or that the sending server itself did not find. */
const NO_MAIL_SERVER = [
  "\\bmx (?:or srv )?records? (?:\\S{1,30} ){0,2}(?:indicated|indicates?) no smtp service",
  `\\b(?:host|domain|recipient's domain) ${gap(2)}(?:does|do) not (?:accept|receive|handle) (?:any )?(?:e-?mail|mail|` +
    "messages|smtp)\\b(?! (?:from|at this time|now|with))",
  "\\bmx records? point\\w{0,3} to (?:\\S{1,30} ){0,3}(?:non[- ]?existent|localhost)",
  "\\bhost address lookups failed permanently|\\bhost or domain name not found",
  "(?<![a-z] )\\bhost unknown\\b(?! error| ?\\[)",
  "\\bnxdomain\\b|\\bname or service not known|\\benotfound\\b|nonexistent ?domain|domainnonexistent",
  "\\bdomain nonexistent",
];

/** No such domain. A server may say so of the sender's domain, too. */
const NO_DOMAIN = [
  "\\bnull ?mx\\b|\\bempty mx\\b",
  `\\b(?:couldn't|could not|cannot|can't|unable to|weren't able to|were unable to|not able to) find ${gap(2)}` +
    "(?:hosts?|domain|mail exchanger|mx)\\b",
  `\\b(?!host ?names? ${IS}invalid)(?:host|domain|mail exchanger)(?: names?|s)? ${gap(3)}${IS}` +
    "(?:unknown(?! ?\\[)|invalid|non[- ]?existent|not (?:be )?(?:found|known|valid|registered))\\b",
  `\\b(?:host|domain)(?: names?|s)? ${gap(3)}(?:(?:does not|doesn't|did not|not) exist(?!:)|` +
    "(?:could not|couldn't|cannot|can't) be (?:found|resolved))",
  "\\bhas no (?:mx|mail exchanger|mail server)s?\\b",
  `\\b(?:no such|unknown|non[- ]?existent|invalid|illegal|unroute?able) ${gap(1)}(?:host|hostname|domain)s?\\b`,
  "\\bno (?:mx|mail exchanger|mail server)s?(?: or (?:a|" +
    "address))?(?: records?)?s? (?:[^\\s:;,]{1,30} ){0,3}(?:found|exist)",
  "\\bno (?:mx|mail exchanger|mail server|valid mx)(?: or (?:an? )?\\w{1,10})? ?(?:records?|hosts?)? for\\b",
];

export const NO_SUCH_RECIPIENT = anyOf([
  ...NO_MAILBOX,
  ...MOVED,
  ...NO_MAIL_SERVER,
  ...NO_SUCH_RECIPIENT_IN_OTHER_LANGUAGES,
]);
export const NO_SUCH_DOMAIN = anyOf(NO_DOMAIN);

/** The words of 550 in RFC 5321 §4.2.3, which large providers use for "no such user". Those of 450 are others. */
export const MAILBOX_UNAVAILABLE = anyOf([
  "\\bmail[- ]?box (?:§ )?(?:is |was )?(?:unavailable|unavaiable|not available)",
  "\\bno mail[- ]?box (?:is )?available",
]);
/** RFC 5321's own sentence, clear even where the code was lost on the way. */
export const MAILBOX_UNAVAILABLE_IN_FULL = /\brequested action (?:was )?not taken: ?mail[- ]?box (?:is )?unavailable/;
/** In answer to RCPT, beside a code that says that it is about an address. */
export const ADDRESS_REJECTED = /\baddress rejected\b/;
