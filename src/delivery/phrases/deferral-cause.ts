/**
 * What a server that defers mail says of the sender: that it takes less from them for a while, or that it does not
 * know them yet. Sources: https://support.google.com/a/answer/3726730 (4.7.28, 4.7.0),
 * https://senders.yahooinc.com/smtp-error-codes/ (TSS04, GL01),
 * https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/non-delivery-reports-in-exchange-online
 * (4.7.500 to 4.7.699, 4.7.85x), RFC 6647 (greylisting). Words count more than codes, which many share: 4.7.1 stands
 * for greylisting, too.
 */
import { anyOf } from "./pattern.ts";

export type DeferralCause = "rate_limited" | "greylisted";

/** "Greylisted", in small letters. It speaks against "invalid recipient", too. */
export const GREYLISTS = ["gr[ae]y-?list"];

/** "Throttled", in small letters. So does that. */
export const LIMITS_RATE = ["\\bthrottl|\\brate.?limit"];

/** Beside the words: Yahoo's "[GL01]", postgrey's "see http://postgrey.schweikert.ch/". */
const GREYLISTED = anyOf([...GREYLISTS, "\\bpostgrey\\b|\\[gl01\\]"], "i");

/** The recipient's own limit, or their mailbox: no word of the sender. */
const OF_RECIPIENT = /\breceiving (?:mail|messages) (?:at|too)\b|\bmailbox\b|\brecipients\b/i;

const LIMITED = anyOf(
  [
    ...LIMITS_RATE,
    "\\bunusual (?:rate|amount|volume) of (?:unsolicited )?(?:mail|messages|e-?mail)",
    "\\b(?:unexpected|unusual|high|excessive) (?:volume|rate)\\b",
    "\\bdeferred due to\\b|\\buser complaints\\b|\\[ts[so]?\\d{2}\\]",
    // Outlook.com's "RP-001 … We have limits for how many messages can be sent per hour and per day".
    "\\brp-00[1-3]\\b|\\blimits? (?:for|on) how many messages\\b",
    "\\b(?:sending|message|hourly|daily|ip|sender|sender's|connection) (?:rate|limit)s?\\b",
    "\\btoo (?:many|much) (?:messages|mails?|e-?mails?|connections?|sessions|concurrent)\\b|\\btoo fast\\b",
    "\\bdue to ip reputation\\b|\\btemporarily (?:blocked|rejected|restricted|limited)\\b",
  ],
  "i",
);

/** Gmail's rate limits (4.7.26 to 4.7.32), and Exchange Online's for senders. */
const LIMITED_CODE = /^4\.7\.(?:2[6-9]|3[0-2]|[56]\d\d|85\d)$/;
const TEMPORARY = /^\W*4\d\d\b/;

/**
 * Undefined for any other refusal, and for one that is final.
 * @param status enhanced status code, e.g. "4.7.28"
 */
export function deferralCause(isSoft: boolean, status: string | null, words: string): DeferralCause | undefined {
  if (!isSoft && !(status?.startsWith("4") ?? TEMPORARY.test(words))) return undefined;
  if (GREYLISTED.test(words)) return "greylisted";
  if (LIMITED_CODE.test(status ?? "")) return "rate_limited";
  return LIMITED.test(words) && !OF_RECIPIENT.test(words) ? "rate_limited" : undefined;
}
