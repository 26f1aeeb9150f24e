/** Words for why a mail server refused a message: on every page the same. */
import type { Schemas } from "../client/index.ts";

type BounceReason = Schemas["BouncesReportRow"]["reason"];

/** By `reason` of `/v1/reports/bounces`. */
export const BOUNCE_WORDS: Readonly<Record<BounceReason, string>> = {
  blocked: "Blocked",
  invalid_recipient: "No such mailbox",
  rate_limited: "Rate limited",
  greylisted: "Greylisted",
  temporary: "Temporary",
  technical: "Technical",
  unclear: "Unclear",
};

/** For the note of a table of them. */
export const BOUNCE_WORDS_MEAN =
  "Blocked: because of the sender or the content. Rate limited: deferred because of the sender. Greylisted: deferred " +
  "once, as every new sender. Temporary: mailbox full, server busy. Technical: DNS, TLS, a broken connection.";

/** By `category` of a bounce in the log: docs/events.md. */
const CATEGORY_WORDS: Readonly<Record<Schemas["Bounce"]["category"], string>> = {
  1: `${BOUNCE_WORDS.blocked} (hard)`,
  2: `${BOUNCE_WORDS.invalid_recipient} (hard)`,
  3: `${BOUNCE_WORDS.temporary} (soft)`,
  4: `${BOUNCE_WORDS.technical} (soft)`,
  9: `${BOUNCE_WORDS.unclear} (soft)`,
};

export function categoryWords(category: Schemas["Bounce"]["category"]): string {
  return CATEGORY_WORDS[category];
}
