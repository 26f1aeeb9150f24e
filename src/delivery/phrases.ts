/**
 * The sentences of mail servers, in the order in which they are tried: what contradicts an invalid recipient stands
 * before it, so that "blocked: too many unknown users" is not an unknown user.
 */
import { type BounceCategory, CATEGORY } from "./outcome.ts";

/**
 * `words` in lower case, with single spaces, without addresses, links and host names. Undefined when no phrase
 * matches.
 */
export function categoryOfWords(words: string): BounceCategory | undefined {
  return PHRASES.find(([, phrase]) => phrase.test(words))?.[0];
}

export function anyOf(patterns: readonly string[], flags = ""): RegExp {
  return new RegExp(patterns.join("|"), flags);
}

const USER =
  "(?:user|user name|username|recipient|mailbox|mail box|account|address|addressee|alias|e-?mail|person|" +
  "customer|subscriber|member|local part|local-part)s?";
const IS = "(?:is |was |are |were |has been |have been )?";

const PHRASES: readonly (readonly [BounceCategory, RegExp])[] = [
  // cPanel's Exim, when DNS knows neither a mail exchanger nor a host.
  [CATEGORY.invalidRecipient, /account or domain may not exist/],

  // The sender is refused, not the recipient.
  [
    CATEGORY.blocked,
    anyOf([
      `\\bsender(?:'s)?(?: e-?mail)?(?: address| domain| host| user)? ?:? ?${IS}(?:rejected|denied|` +
        "blocked|refused|invalid|unknown|blacklisted|verif|not (?:allowed|authori[sz]ed|permitted|found|" +
        "accepted))",
      "(?:domain|address|host|hostname) (?:of|in|for|from) (?:the )?(?:sender|mail from)",
      "sender(?:'s)?(?: address)? domain",
      "could not verify (?:the )?sender",
      "\\boriginator\\b",
      "(?:return[- ]path|mail from|envelope[- ]from|from address|\\bhelo\\b|\\behlo\\b)(?: address| " +
        `command| domain)? ?:? ?${IS}(?:rejected|invalid|unknown|denied|verif|not |does )`,
    ]),
  ],

  // Too large.
  [
    CATEGORY.technical,
    anyOf([
      "message size|\\bsize (?:limit|exceed)",
      "too (?:large|big)\\b|(?:message|mail) (?:is )?(?:too long|larger than)",
      "exceed\\w* (?:the )?(?:fixed )?maximum",
    ]),
  ],

  // Full.
  [
    CATEGORY.temporary,
    anyOf([
      "over ?quota|disk ?quota|full (?:mailbox|inbox)",
      "\\bquota\\b.{0,40}(?:exceed|full|reach|violat)|exceed\\w*.{0,40}(?:quota|storage|disk|space)",
      "(?:mailbox|mail box|inbox|mail ?folder|account|user|maildir|message store|disk)(?: \\S+){0,3} " +
        "(?:full|out of space)\\b",
      "insufficient (?:system |disk )?(?:storage|space)",
      "(?:not enough|no|out of|lack of|low on) (?:\\S+ )?(?:storage|disk|space)",
      "storage (?:limit|allocation)",
      "mailbox (?:size|has exceeded)|too many messages (?:in|on) (?:the |this )?mailbox",
    ]),
  ],

  // Refused as spam, by policy, or for the sender's reputation.
  [
    CATEGORY.blocked,
    anyOf([
      "\\bspam\\b|spam(?:my|med|mer|ming|cop|haus|trap|assassin)|\\bjunk\\b|unsolicited|\\bbulk (?:e-?mail|mail)",
      "\\bphish|\\bvirus|malware|\\binfected|\\bfraud|suspicious|hack attack",
      "(?:black|block|deny|white)[- ]?list|\\bdns[bw]l\\b|\\brbl\\b|\\((?:bl|rbl|hvu|dnsbl)\\b",
      "(?<!not )\\blisted (?:in|on|at|by|as)\\b",
      "reputation|\\bcomplain|\\babus(?:e|ive)\\b|\\bpolic(?:y|ies)\\b|prohibited|\\bbanned\\b",
      "\\bdmarc\\b|\\bdkim\\b|\\bspf\\b|sender id\\b|unauthenticated|not authenticated",
      "authentication (?:is )?(?:required|fail|check)|fail(?:s|ed) authentication",
      "\\bblocked (?:by|using|for|due|because|from)|(?:is|are|been) (?:currently )?blocked\\b",
      "(?:message|mail|content|client|ip|ip address|attachment|url|connection from \\S+)(?: \\S+){0,3} " +
        `${IS}(?:block(?:ed|ing)|filtered|not allowed|not welcome)`,
      "reject\\w* (?:due to|because of|as|by|for) (?:\\S+ ){0,3}(?:content|filter|system|security|restrict)",
      "content (?:filter|reject|restriction|not accept|den)|\\bfilter(?:ed|ing)\\b",
      "reverse (?:dns|lookup|address)|\\bptr\\b|\\brdns\\b|dynamic ip|open (?:proxy|relay)",
      "not accept delivery of this message|unacceptable",
      "access (?:is )?restricted|restricted (?:sender|recipient|list)",
      "not (?:authori[sz]ed|permitted|allowed) to (?:send|post|submit|mail|connect)",
      "only accepts? (?:mail|messages) from",
      "\\bstarttls\\b|\\btls (?:is )?required",
    ]),
  ],

  // The server asks for another attempt later.
  [
    CATEGORY.temporary,
    anyOf([
      "gr[ae]y-?list|(?<!not )(?:try|retry) (?:again|later|after)|come back later",
      "too (?:many|much|fast)\\b.{0,30}(?:connection|session|message|mail|recipient|concurrent|sent|rate|request)",
      "throttl|rate.?limit|\\brate that\\b|(?:receiving|sending|sent|delivery) (?:limit|rate)",
      "temporar(?:y|ily) (?:rejected|deferred|refused|blocked|unavailable|suspended|disabled|locked|" +
        "failure|failed|error|local|lookup)",
      "unverified address|verification in progress",
      "server (?:is )?(?:too )?busy|\\bresources? (?:are )?(?:temporarily|unavailable)",
    ]),
  ],

  // A server that does not handle the domain: a routing fault.
  [
    CATEGORY.technical,
    anyOf([
      "relay(?:ing)? (?:is |was )?(?:denied|not|prohibited|access|refused|forbidden)",
      "(?:unable|not allowed|refuse[sd]?|denied|will not|cannot|can't|don't|not permitted|do not) (?:to )?relay",
      "\\brcpt ?hosts\\b|too many hops|hop count|\\bloop(?:s|ing|ed)?\\b",
    ]),
  ],

  // A disabled mailbox may be enabled again (RFC 3463 X.2.1).
  [
    CATEGORY.temporary,
    anyOf([
      `${USER}(?: \\S+){0,6} (?:disabled|suspended|inactive|deactivated|locked|on hold|frozen|not active|` +
        "not activated|expired|discontinued)",
      "(?:disabled|suspended|inactive|deactivated|locked|blocked|dormant|expired) (?:user|mailbox|" +
        "account|recipient|address)",
      "not accepting (?:mail|messages) (?:at this time|right now)",
    ]),
  ],

  // The name server did not answer.
  [
    CATEGORY.technical,
    anyOf([
      "name ?server (?:timeout|fail)|servfail|\\bcname\\b",
      "(?:dns|domain|mx|host|name)(?: name)? (?:lookup|query|resolution) (?:error|fail|timeout|timed out)",
    ]),
  ],

  // No such mailbox.
  [
    CATEGORY.invalidRecipient,
    anyOf([
      "\\b(?:no such|unknown|unrecogni[sz]ed|invalid|non-?existent|undeliverable|unroute?able|" +
        `unresolvable|illegal|bad) (?:\\S+ )?${USER}\\b`,
      `\\b${USER} (?:\\S+ ){0,3}?(?:name )?${IS}(?:currently )?(?:unknown|invalid|non-?existent|` +
        "undeliverable|unroute?able|not (?:found|known|recogni[sz]ed|valid|listed|registered))\\b",
      `\\b${USER} (?:\\S+ ){0,7}(?:does not|do not|doesn't|don't|did not|didn't|not) exist`,
      `\\b${USER} (?:\\S+ ){0,2}(?:could not|couldn't|cannot|can't|can not) be (?:found|resolved)`,
      `\\b${USER} (?:wasn't|isn't) (?:valid|found)`,
      `\\b${USER} (?:\\S+ ){0,3}?no longer (?:exists?|valid|available|in use|active|accepts?|on server)`,
      `\\b${USER} ${IS}(?:deleted|removed|closed|cancell?ed|terminated|abandoned|retired)\\b`,
      "(?:does not|doesn't|do not|don't) have an? (?:\\S+ )?(?:account|mailbox)",
      "\\bno (?:account|mailbox)(?: \\S+)? (?:by|with|for|here|found|named|that)\\b|\\bno recipients? (?:found|by)",
      "no(?:body| one) (?:here )?(?:by|with) that|there is no (?:one|such|user|account|mailbox)",
      `not (?:our|one of our|a|a valid|a known|a local|an existing) ${USER}\\b`,
      "not listed in (?:domino|public)|not found in (?:the )?(?:domino|directory|recipient)",
      "not known (?:here|at this)",
      "unroute?able (?:mail )?(?:domain|address)|recip(?:ient)?notfound|resolver\\.adr\\.(?:recip|ex)",
      "unknown or illegal|user[- ]?unknown",
      "(?:has|have) (?:moved|left)\\b|moved to (?:a )?(?:new|different|another)",
      "changed (?:his|her|their|its) address|user not local",
      "no longer (?:at|with|works?|employed|handled|here)\\b|address (?:has )?changed",
    ]),
  ],

  // No such domain, or one that does not accept mail.
  [
    CATEGORY.invalidRecipient,
    anyOf([
      "(?:couldn't|could not|cannot|can't|unable to) find (?:any|a) (?:host|domain|mail exchanger|mx)",
      `(?:host|domain)(?: name)?s? (?:\\S+ ){0,3}?${IS}(?:unknown|invalid|non-?existent|not (?:found|` +
        "known))\\b(?!.{0,20}(?:again|later))",
      "(?:host|domain)(?: name)?s? (?:\\S+ ){0,3}?(?:does not|doesn't|not) exist",
      "(?:no such|unknown|non-?existent|invalid) (?:host|hostname|domain)|\\bnxdomain\\b|name or service not known",
      "no (?:mx|mail exchanger)s?(?: or (?:a|address))?(?: record)?s?(?: \\S+){0,3} found|(?:null ?|empty )mx\\b",
      "(?:host|domain|server|system)(?: \\S+){0,2} (?:does|do) not (?:accept|receive|handle) (?:any " +
        ")?(?:e-?mail|mail|messages)",
      "\\bmx records? point\\w* to .{0,30}(?:non-?existent|localhost)",
    ]),
  ],

  // Tried for too long.
  [
    CATEGORY.temporary,
    anyOf([
      "timed? ?out\\b|\\bexpired\\b|too long\\b|retry time",
      "(?:failing|undeliverable|unable to deliver|queued?|tried).{0,40}(?:for|after|in) .{0,20}(?:time|day|hour)",
      "delivery (?:time|attempts?) .{0,20}(?:exceed|exhaust|expire)|could not be delivered (?:for|within|after)",
    ]),
  ],

  // A fault of a server or its network.
  [
    CATEGORY.technical,
    anyOf([
      "connection (?:was |is )?(?:refused|reset|lost|dropped|closed|failed|terminated)|lost connection|no route to",
      "network (?:is )?(?:unreachable|error)",
      "(?:host|server|service) (?:is )?(?:unreachable|down|not available|unavailable|not ready)",
      "(?:could not|unable to|failed to|can't|cannot) (?:connect|establish)",
      "name service error|dns (?:error|fail)|system (?:error|fail)|config(?:uration)? error|misconfigur",
      "(?:internal|local|server|protocol|software|lookup|i/o|input/output|syntax|database|ldap) " +
        "(?:server )?(?:error|fail|problem)",
      "command (?:died|output|unrecogni[sz]ed|not implemented)|bad sequence|tls (?:negotiation|handshake)",
      "handshake fail",
      "permission denied|(?:can't|cannot) (?:create|open|write)",
    ]),
  ],
];
