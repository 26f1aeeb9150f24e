/**
 * Evidence against "invalid recipient", each list with the category that it speaks for, in the order in which they
 * are tried. One phrase is enough: "blocked: too many unknown users" is not an unknown user.
 */
import { type BounceCategory, CATEGORY } from "../outcome.ts";
import { GREYLISTS, LIMITS_RATE } from "./deferral-cause.ts";
import { CONTRADICTIONS_IN_OTHER_LANGUAGES } from "./languages.ts";
import { anyOf, gap, IS } from "./pattern.ts";

/** The sender's address, domain, host or name in HELO is refused. */
const SENDER = [
  "\\bcallback\\b|\\bbounce address|\\b(?:for|to) send(?:ing)?\\b(?! to)|\\byou(?:'re| are) (?:not|un)",
  "\\bsender(?:'s)?(?: e-?mail)?(?: address| domain| host| user| ip)? ?:? ?" +
    `${IS}(?:rejected|denied|blocked|refused|invalid|unknown|blacklisted|verif|not |does |did |could |cannot |has )`,
  "\\b(?:domain|address|host|hostname) (?:of|in|for|from) (?:the )?(?:sender|mail from|from)\\b",
  "\\bsender(?:'s)?(?: address)? domain|(?:verify|verified|verifying|authori[sz]ed|approved|banned|bad) sender",
  "\\bsender id",
  "(?<!recipient )(?<!address )\\bverification failed|\\bsender verif|\\bcallout\\b|\\bverify failed",
  "\\boriginat(?:or|ing)\\b",
  "\\byour (?:from|envelope|bounce)\\b|\\( ?from ?\\)|\\bin (?:the|your) envelope\\b|" +
    "(?<!recipient )(?<!address )\\bverification of\\b",
  "\\bsender address|\\b(?:unable to|could not|couldn't|cannot|can't|failed to) verify\\b|\\bnull sender",
  "\\bempty sender|\\bbatv\\b|\\bbackscatter",
  "\\b(?:unknown|invalid|illegal|unroute?able|non-?existent|no such|bogus|fake) (?:\\S{1,20} ){0,1}sender",
  "\\b(?:return[- ]path|reverse[- ]path|mail from|envelope[- ](?:from|sender)|from[: ]{1,2}(?:address|domain|" +
    "header|field))\\b",
  "\\b(?:helo|ehlo)\\b(?! command\\b.{0,10}\\))",
  `\\byour (?:${gap(1)})?(?:ip|server|mail server|host|hostname|host name|domain|isp|network|machine|computer|` +
    "dns|ptr|mail system|" +
    "reputation|mailserver|smtp|mx)\\b",
  "\\bclient host\\b|\\b(?:client|connecting|sending) (?:ip|host(?: ?name)?|server|domain|system|mta)\\b",
  // qmail's: "I couldn't find a mail exchanger or IP address."
  "(?<!mail exchanger or )\\bip(?:v[46])?(?: address(?:es)?|s)?\\b",
  "\\b(?:sent|came|comes) from\\b|\\bsasl\\b",
  // "Your mailbox is full" is said to whoever reads it there.
  "\\byour (?:\\S{1,10} )?(?!mailbox (?:is|was|has) (?:\\S{1,20} )?(?:exceeded|full|no space|out of|over|reached)\\b)" +
    "(?:address|account|mailbox|user ?name) (?:is|was|has|does|could|cannot|not|unknown|invalid)\\b",
  "\\bmay send\\b|\\bsending from\\b|\\bauthor(?:'s)?\\b|\\breply(?:-to)? address|^ ?from:|\\bin b?cc\\b",
  // Whoever is said to have sent it.
  "\\b(?:submit(?:ter|ted|ting)|issuer|poster|correspondent|sending|posting|claimed|purported) (?:\\S{1,20} )?" +
    "(?:address|mail ?box|account|user|domain|host|party)|\\borigin(?:s|ator)?\\b|" +
    "\\bsource (?:\\S{1,20} )?(?:address|" +
    "mail ?box|account|user|domain|host)",
  "\\b(?:reply-to|from|sender|source|return-path|envelope|originator|errors-to) ?: ?(?![§ ])",
  "\\b(?:you|they) (?:(?:are|were|have been) )?(?:mailing|sending|writing|posting)\\b|" +
    "\\b(?:address|account|mail ?box|domain|user) (?:(?:that|which) )?you (?:have )?(?:sent|used)\\b(?! to)|" +
    "\\bmail command\\b",
  "\\b(?:who|that|which) (?:sent\\b|\\S{1,20}ed (?:this|the|your) (?:message|mail|e-?mail)\\b)|" +
    "\\bused (?:for|to) send|\\bassociated with this (?:message|mail|e-?mail)\\b",
  "\\b(?:spoof|forged|forgery|impersonat|imperson)",
  // Whether answers would arrive: an address that was verified, and one to reply to.
  "(?<!recipient )(?<!address )\\bverification\\b(?! in progress)",
  "\\b(?:no-?|donot)reply\\b|\\breplies\\b|\\b(?:cannot|can't|unable to|impossible to) reply\\b|" +
    "\\breply to (?:this|that|the|your) (?:address|mail ?box|account|user)",
  "\\b(?:responses|answers|bounces|dsns?|notifications) (?:to|for|from|would|could|can|cannot|will|are)\\b|" +
    "\\b(?:accept|receive|allow)s? (?:any |no )?(?:responses|answers|bounces)\\b",
  "\\b(?:user|account|address|person|mail ?box|host|server|domain|system) (?:has |have )?sent\\b|" +
    "\\b(?:sent|written|submitted|posted|message|mail|e-?mail) by\\b(?! ?§| could\\b)|" +
    "\\bfrom (?:an? |the )?(?:unknown|unidentified)\\b",
  "\\b(?:address|mail ?box) for (?:answers|bounces|replies|returned|returns)\\b|\\bsmtp (?:user|" +
    "account)\\b(?! \\S{0,20} in )",
  "\\b(?:signing|signature|signed|announced|declared|greeting|linked?) (?:domain|host|name)\\b|" +
    "\\bdomain contact\\b",
  "\\bhello name\\b|\\bwho are you\\b",
];

/** Refused as spam, by policy, for the content or the headers, or for want of authentication. */
const POLICY = [
  "\\bunsubscribe|\\bonly members\\b|\\bauth\\b|\\bhold\\b|\\btraps?\\b|honey ?pot|\\buser[- ]defined\\b",
  "\\bmust be (?:an? )?(?:registered|authenticated|member|known|logged)\\b|\\bsubmission\\b|\\bto the public\\b|" +
    "\\blogin (?:is )?(?:unknown|invalid|incorrect|failed)|" +
    "\\b(?:external|internal) (?:e-?mail|mail|messages?|senders?|use)\\b",
  "\\bport \\d|\\brejected your\\b|\\bscore\\b",
  "\\bopt(?:ed|s|ing)?[- ]?(?:out|in)\\b|\\bmarketing\\b|\\bconsent|\\bpermission\\b(?! denied)|" +
    "\\basked (?:us )?to|\\bpromotion|\\badvertis(?:ing|ement)|\\bcommercial\\b|\\bgdpr\\b",
  "\\b(?:user|recipient|addressee|owner|customer|mail ?box) (?:(?:has|have) (?:refused|rejected|blocked)|" +
    "declined|opted|objected|" +
    "unsubscribed)\\b|\\bno longer wish",
  "\\bpreferences\\b|\\buser rejects?\\b|\\b(?:rejected|refused|denied|declined) by (?:the |this )?(?:user|recipient)",
  "\\bclosed (?:\\S{1,20} ){0,2}(?:list|group|forum)\\b|\\b(?:allow|bypass|safe)[- ]?list|\\blist contains\\b",
  "\\b(?:may|to) post\\b|\\bposting\\b|\\bonly accepts?\\b|\\binternal (?:mail|e-?mail|use)\\b|\\bthreshold",
  "\\bmessage contains\\b|\\bin (?:the )?(?:to|cc|from|reply-to|subject)(?: header)?\\s{0,2}$",
  "\\bspam\\b|spam(?:my|med|mer|ming|cop|haus|trap|assassin)|\\bjunk\\b|unsolicited|\\bbulk\\b|\\bube\\b|\\buce\\b",
  "\\bphish|\\bvirus|malware|\\bharvest|\\battack|\\bquarantin|\\burls?\\b|\\bhyperlink|\\binfected|\\bfraud",
  "suspicious|\\bthreat",
  "(?<!they may be )black[- ]?list|(?:block|deny|white|reject)[- ]?list|\\bdns[bw]l\\b|\\brbl\\b|\\bsbl\\b|" +
    "\\bxbl\\b|\\b(?:uri|sur)bl\\b",
  "\\((?:bl|rbl|hvu|dnsbl)\\b",
  "(?<!not )\\blisted (?:in|on|at|by|as)\\b|\\bdrbl\\b|\\b(?:dt|mi|rp|hl|iq):[a-z]{3}\\b",
  "reputation|\\bcomplain|\\babus(?:e|ive)\\b|\\bpolic(?:y|ies)\\b|prohibit|\\bforbidden\\b|\\bbanned\\b",
  "\\bdisallowed\\b",
  "\\bdmarc\\b|\\bdkim\\b|\\bspf\\b|unauthenticated|not authenticated|\\bauthenticat|\\bcredentials\\b|\\bpassword\\b",
  "\\bblocked\\b|\\bblocking\\b",
  `\\b(?:message|mail|content|client|attachment|url|connection from \\S{1,40}) ${gap(3)}${IS}(?:block(?:ed|ing)|` +
    "filtered|not allowed|not welcome)",
  `\\breject\\w{0,3} (?:due to|because of|as|by|for) ${gap(3)}(?:content|filter|system|security|restrict|header)`,
  "\\bcontent\\b|\\bfilter(?:ed|ing|s)?\\b|\\bheaders?\\b|\\battachments?\\b|\\bmime\\b|\\bmessage-id\\b",
  "\\breverse\\b|\\baddress \\[?\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.",
  "\\bptr\\b|\\brdns\\b|open (?:proxy|relay)|\\bgeneric dns\\b",
  "not accept delivery of this message|unacceptable|\\bnot accepted from\\b|\\bwill not accept (?:mail|e-?mail) from",
  "\\baccess (?:is |was )?(?:restricted|deni\\w{1,4})|\\brestricted\\b|\\brestrictions?\\b",
  "\\bnot (?:authori[sz]ed|permitted|allowed|approved|welcome) (?:to|by|from|for)\\b|\\bauthori[sz]ed sender",
  "\\bunauthori[sz]ed",
  "\\bonly accepts? (?:mail|messages|e-?mail) from|\\bnot accept(?:ing)? (?:any )?(?:mail|messages|e-?mail) from\\b",
  `\\baccepts? ${gap(2)}only from\\b|\\bmembers?[- ]only\\b|\\bnon-?members?\\b|\\bnot (?:a )?(?:member|subscribed)\\b`,
  "\\bstarttls\\b|\\btls (?:is )?required|\\bencryption (?:is )?required",
  "known to (?:the |this )?(?:recipient|addressee|user|owner)|" +
    "\\b(?:recipient|addressee|user|owner)'s (?:contacts|address ?book|friends|list)|\\bcorrespondents\\b|" +
    "\\bunknown (?:users|addresses|persons|people) (?:may|must|cannot|are not|are)\\b",
  "\\bsuppression list\\b|\\bunsubscribed\\b|\\badministrative(?:ly)?\\b|\\bchallenge\\b|\\bcaptcha\\b|\\bsecurity\\b",
];

/** Too large. */
const SIZE = [
  "\\bmessage size|\\bsize (?:limit|exceed)|\\btoo (?:large|big)\\b|(?:message|mail) (?:is )?(?:too long|larger than)",
  "\\bexceed\\w{0,4} (?:the )?(?:fixed )?maximum (?:message|size|length)",
];

/** Full. */
const FULL = [
  "\\b(?:over|above) (?:the |its |his |her )?limits?\\b|\\boverlimit\\b",
  "over ?quota|over (?:the |his |her |their |its )?(?:allowed |disk |storage )?quota|disk ?quota|\\bquota\\b",
  "full (?:mailbox|inbox)|\\b(?:is|or) full\\b",
  `\\bexceed\\w{0,4} ${gap(5)}(?:quota|storage|disk|space|limits?|size)\\b`,
  `\\breached ${gap(3)}(?:limit|quota|maximum|size)`,
  `\\b(?:mail ?box|inbox|mail ?folder|account|user|recipient|maildir|message store|disk)(?:'s)? ${gap(3)}` +
    "(?:full|out of space|exceeded)\\b",
  "\\binsufficient (?:\\S{1,20} )?(?:storage|space)",
  "\\b(?:not (?:have )?enough|no|out of|lack of|low on) (?:\\S{1,20} )?(?:storage|disk|space)\\b",
  "\\bstorage (?:limit|allocation)|\\btoo many messages (?:in|on) (?:the |this )?(?:mailbox|server)",
  "\\bspace (?:has been )?used up",
  "\\bmail ?box (?:size|limit)|\\b(?:would be|is) over (?:the )?(?:allowed|limit)|\\btoo much mail data",
  "\\blimits? (?:is |was |has been )?(?:exceeded|reached)|\\bmaximum number",
];

/** Disabled, suspended, locked: it may be opened again (RFC 3463 X.2.1). */
const DISABLED = [
  "\\bexpire[sd]\\b",
  "\\b(?:disabled|suspended|inactive|deactivated|in-?active|frozen|dormant|on hold|discontinued|archived|archivee|" +
    "abandoned|inactivity|not active|read-only|not activated|not enabled|no longer active|not currently active|" +
    "blocked user)\\b",
  `\\b(?:account|mail ?box|user|recipient|address) ${gap(4)}(?:locked|expired|limited|blocked|paused|` +
    "hibernat\\w{0,4})\\b",
  "\\b(?:locked|blocked|expired|limited) (?:user|mail ?box|account|recipient|address)",
  "\\bnot (?:currently )?accepting (?:any |your )?(?:mail|messages|e-?mail|new)",
  "\\bcannot receive (?:mail|messages|e-?mail)",
  "\\b(?:user|account|mail ?box|recipient) (?:is |was |has been )?terminated\\b",
  "\\bun-?paid\\b|\\b(?:non-?)?payment\\b",
  "\\brefuses? to (?:accept|receive) |\\bdoes not (?:want|wish) to receive",
];

/** The server asks for another attempt, or limits the rate. */
const LATER = [
  "\\bretry\\b|\\bmigrat",
  ...GREYLISTS,
  "(?<!not )(?:try|retry|retried) (?:it )?(?:again|later|after)|come back later|\\blater\\b",
  "\\bdefer(?:red|ral|ring)?\\b",
  ...LIMITS_RATE,
  "\\btoo (?:many|much|fast|frequent)|\\brate\\b|\\bfrequency\\b",
  "(?:receiving|sending|sent|delivery) limit",
  "\\btemporar(?:y|ily)\\b(?! dns\\b)|\\btransient\\b|\\bunverified address|\\bnot yet\\b",
  // What a check has found, if it has ended. Postfix's "unverifiable address: User unknown" says what it was answered.
  "\\bunverifiable\\b(?! address: \\S)|\\bverification\\b",
  "\\bwait\\b|\\bpending\\b|\\buntil\\b|\\b(?:try|use) (?:the |an)?(?:other|another|next|primary|mx)",
  "\\bat present\\b|\\bfor (?:now|the time being)\\b|\\btomorrow\\b|\\bbeing (?:moved|created)\\b",
  "\\b(?:in|for) (?:an?|a few|the next) (?:short )?(?:seconds?|minutes?|hours?|days?|weeks?|while|time)\\b",
  "\\bin \\d{1,3} (?:seconds?|minutes?|hours?|days?)\\b",
  "\\bin time\\b|\\bat (?:the|this) moment\\b|\\bat this time\\b|\\bright now\\b",
  "\\bbusy\\b|\\bon vacation\\b|\\bbackup\\b|\\brebuil[dt]",
  "\\bresources? (?:are )?(?:temporarily|unavailable)|\\btime(?:d)? ?out\\b",
  "\\boverload|\\bmaintenance\\b",
];

/** A server that does not handle the domain: a routing fault. */
const RELAY = [
  // "relay=[192.0.2.1]" only says who asked.
  "(?<!open )\\brelay(?:ing|ed)?\\b(?!=)|\\brcpt ?hosts\\b|\\btoo many hops|\\bhop count|\\bloop(?:s|ing|ed)?\\b",
  "\\bgateway\\b",
  "\\bnot (?:hosted|local) (?:here|domain)|\\bdo(?:es)? not host\\b|\\bis not a local domain",
];

/** The server could not look up the domain or the recipient: "Temporary DNS failure". */
const LOOKUP = [
  `\\b(?:ldap|database|sql|backend|back-end|directory|lookup|dns|mx) ${gap(2)}(?:failures?|errors?|` +
    "failed(?! permanently)|unavailable|timeout)\\b",
  "\\b(?:errors?|failures?|problems?) (?:in|of|with) (?:(?:the|our) )?(?:ldap|database|directory)\\b",
];

/** The server failed, or its configuration is wrong. */
const FAULT = [
  "\\bconnection\\b|\\b(?:could not|unable to|cannot|failed to) contact\\b(?! (?:the )?(?:recipient|user))|" +
    "\\breported an error\\b",
  "\\bresource records?\\b|\\brefused to talk\\b|\\bservice (?:is )?(?:currently )?unavailable\\b|\\bunreachable\\b",
  "\\b(?:internal|local|server|system|configuration|protocol|software|i/o|syntax|" +
    "delivery agent) (?:server )?(?:errors?|failures?|problems?)\\b(?! in (?:recipient|mailbox))",
  "\\bservfail\\b|\\bcname\\b|\\bname ?server (?:timeout|fail)|\\bunexpected name ?server\\b",
  "\\bmisconfigur|\\bambiguous\\b|\\bnot unique\\b",
  "\\b(?:could not|couldn't|cannot|can't|unable to|failed to) (?:create|open|write|lock|append)\\b",
  "\\bpermission denied\\b|\\bmay not follow\\b|\\buser[- ]agent\\b|\\block\\b|\\bkeys?\\b",
  // A table or a server of its own, that is missing or does not answer.
  `\\b(?:table|database|(?:mailbox |message )?store|(?:ldap|mailbox|directory|database) server) ${gap(2)}${IS}` +
    "(?:not found|unknown|unavailable|missing|does not exist|doesn't exist)",
  "\\b(?:read|write) (?:errors?|failures?)\\b|\\bdatabase (?:is )?locked\\b",
  "\\bunknown (?:user |mailbox |recipient )?(?:table|database|store)\\b|\\bcommand (?:died|output)\\b|" +
    "\\b(?:down|offline)\\b|\\bnot respond|\\bno (?:answer|response|reply) from\\b|(?<!\\S)i/o\\b",
  "\\bcommand not\\b|\\b(?:tls|ssl|certificate|handshake)\\b",
];

/** Somebody else's mailbox failed: a forward or an alias led there. */
const FORWARDED = [
  "\\balias (?:target|destination|expansion)\\b",
  "\\balias (?:\\S{1,80} ){0,2}(?:points?|resolves|leads|maps|expands|refers) to\\b",
  "\\b(?:expanded|generated|forwarded|redirected) from\\b|\\bforward\\b(?!-)",
  "(?<!\\b(?:no|not|without) )\\bforward(?:ing|ed)\\b(?!-)",
  "\\bredirect(?:ed|ion|ing)?\\b|\\bautoforward",
];

/** "may not exist", or a sender or a part of the mail that is named in words that decide nothing. */
const DOUBT = [
  "\\b(?:may|might) (?:not |no longer )?(?:be|exist|have)\\b",
  "\\b(?:use|with|from) an? (?:valid|known|registered|existing|correct) (?:address|name|account|user|mail ?box)\\b",
  "(?<!to )(?<!to the )\\bsenders?\\b",
  "\\b(?:domain|host|name|address|link)(?:e?s)? (?:in|of) (?:(?:the|this|your) )?(?:mail|message|e-?mail|body|" +
    "text)\\b(?! (?:recipient|addressee))",
];

const IS_FULL = anyOf(FULL);

export const saysFull = (words: string) => IS_FULL.test(words);

/** Evidence against, with what it means instead. */
const AGAINST: readonly (readonly [BounceCategory, RegExp])[] = [
  [CATEGORY.blocked, anyOf(SENDER)],
  [CATEGORY.technical, anyOf(SIZE)],
  [CATEGORY.temporary, IS_FULL],
  [CATEGORY.technical, anyOf(RELAY)],
  [CATEGORY.blocked, anyOf(POLICY)],
  [CATEGORY.technical, anyOf(LOOKUP)],
  [CATEGORY.temporary, anyOf(LATER)],
  [CATEGORY.temporary, anyOf(DISABLED)],
  [CATEGORY.technical, anyOf(FAULT)],
  ...CONTRADICTIONS_IN_OTHER_LANGUAGES,
  [CATEGORY.unclear, anyOf(FORWARDED)],
  [CATEGORY.unclear, anyOf(DOUBT)],
];

/** What the words speak for instead of an invalid recipient; undefined when nothing contradicts it. */
export function contradictionIn(words: string): BounceCategory | undefined {
  return AGAINST.find(([, phrase]) => phrase.test(words))?.[0];
}

const FULL_OR_DISABLED = anyOf([...FULL, ...DISABLED]);

export const saysFullOrDisabled = (words: string) => FULL_OR_DISABLED.test(words);

/** Pages of block lists and of providers for senders whom they block. Links count for nothing else. */
const BLOCK_LIST_PAGE = anyOf(
  [
    "\\b(?:spamhaus|spamcop|sorbs|barracudacentral|uceprotect|abuseat|dnsbl|mailspike|invaluement|senderscore|" +
      "sender-?base|trustedsource|cloudmark|abusix|backscatterer|surriel|njabl|dsbl|ordb|manitu|urlblacklist)\\b",
    "/(?:dns|r|s|x|p)?bl[/?]|[?&]c=bl\\b|/block(?:ed|list)?\\b|blacklist|dnsbl|help_spam|/spam|notspam",
    "ipcheck|ip-?lookup",
    "delist|unblock",
  ],
  "i",
);
/** At most this many characters of a link are read. */
const LINK = /\bhttps?:\/\/\S{1,200}/gi;

export const linksToBlockList = (details: string) =>
  (details.match(LINK) ?? []).slice(0, 5).some((link) => BLOCK_LIST_PAGE.test(link));
