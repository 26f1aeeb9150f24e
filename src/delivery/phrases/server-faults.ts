/** What says nothing of the recipient, and is looked for last: attempts that ended, servers that failed. */
import { type BounceCategory, CATEGORY } from "../outcome.ts";
import { anyOf } from "./pattern.ts";

/** Tried for too long. */
const EXPIRED = [
  "\\btime(?:d|s)? ?out\\b|\\bexpired\\b|\\btoo long\\b|\\bretry time",
  "(?:failing|undeliverable|unable to deliver|queued?|tried).{0,40}(?:for|after|in) .{0,20}(?:time|day|hour)",
  "delivery (?:time|attempts?) .{0,20}(?:exceed|exhaust|expire)|could not be delivered (?:for|within|after)",
  "not delivered within|message (?:has )?expired",
];

/** A fault of a server or its network. */
const FAULT = [
  "connection (?:was |is )?(?:refused|reset|lost|dropped|closed|failed|terminated)|lost connection|no route to",
  "network (?:is )?(?:unreachable|error)",
  "(?:host|server|service) (?:is )?(?:unreachable|down|not available|unavailable|not ready|not responding)",
  "(?:could not|unable to|failed to|can't|cannot) (?:connect|establish)",
  "name service error|dns (?:error|fail)|system (?:error|fail)|config(?:uration)? error|misconfigur",
  "(?:internal|local|server|protocol|software|lookup|i/o|input/output|syntax|database|ldap) " +
    "(?:server )?(?:error|fail|problem)",
  "command (?:unrecogni[sz]ed|not implemented)|bad sequence|tls (?:negotiation|handshake)",
  "handshake fail|invalid domain name|permission denied|(?:can't|cannot) (?:create|open|write)",
];

const FAULTS: readonly (readonly [BounceCategory, RegExp])[] = [
  [CATEGORY.temporary, anyOf(EXPIRED)],
  [CATEGORY.technical, anyOf(FAULT)],
];

export function categoryOfFault(words: string): BounceCategory | undefined {
  return FAULTS.find(([, phrase]) => phrase.test(words))?.[0];
}
