/** Sample events, one of each type, to try a receiver with. Of nobody: email, person and campaign are "sample". */
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { type EventRow, FEED_FILTERS, FEED_TYPES } from "../feed/index.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { messageOf, type WebhookMessage } from "./message.ts";
import { WEBHOOK_TYPES } from "./names.ts";

const SAMPLE = "sample";
const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const LINK = { linkId: "shop", link: "https://example.com/shop", linkName: "Shop" };
const ADDRESS = { address: "sample@example.com" };

/** What only events of some types have, by type. */
const OWN_COLUMNS: Readonly<Record<number, Partial<EventRow>>> = {
  [FEED_TYPES.sent]: { send: SAMPLE, detail: JSON.stringify(ADDRESS) },
  [FEED_TYPES.delivered]: { send: SAMPLE, detail: JSON.stringify(ADDRESS) },
  [FEED_TYPES.hard_bounced]: {
    send: SAMPLE,
    detail: JSON.stringify({ ...ADDRESS, category: 2, status: "5.1.1", details: "550 5.1.1 no such user" }),
  },
  [FEED_TYPES.soft_bounced]: {
    send: SAMPLE,
    detail: JSON.stringify({ ...ADDRESS, category: 3, status: "4.2.2", details: "452 4.2.2 mailbox full" }),
  },
  [FEED_TYPES.opened]: { userAgent: CHROME },
  [FEED_TYPES.clicked]: { ...LINK, userAgent: CHROME },
  [FEED_TYPES.unsubscribed]: { detail: JSON.stringify({ cause: "provider" }) },
  [FEED_FILTERS.complained]: { type: FEED_TYPES.unsubscribed, detail: JSON.stringify({ cause: "complaint" }) },
  [FEED_TYPES.subscribed]: { detail: JSON.stringify({ by: "sender" }) },
  [FEED_TYPES.suppression_removed]: { detail: JSON.stringify({ ...ADDRESS, reason: "invalid", why: "a sample" }) },
  // Without a send, so that no genuine token is in it.
  [FEED_TYPES.retry]: {
    detail: JSON.stringify({ ...ADDRESS, attempt: 2, firstAttemptAt: 0, category: 3, status: "4.2.2" }),
  },
  [FILTERED_TYPE_ID]: { detail: JSON.stringify({ retracted: FEED_TYPES.opened }) },
};

/**
 * The posts of a sample of each of these types; as one batch for an endpoint that gets batches.
 * @param types names of `WEBHOOK_TYPES`
 */
export function sampleMessages(types: readonly string[], isBatch: boolean, keys: TokenKeys): readonly WebhookMessage[] {
  const nowMs = Date.now();
  const rows = types.flatMap((name) => {
    const type = WEBHOOK_TYPES.get(name);
    return type === undefined ? [] : [sampleRow(type, nowMs)];
  });
  const groups = isBatch ? [rows] : rows.map((row) => [row]);
  // Each is an event of its own, however often samples are posted.
  const newId = () => `sample_${crypto.randomUUID()}`;
  return groups.map((group) => messageOf(group, isBatch, keys, newId));
}

function sampleRow(type: number, at: number): EventRow {
  return {
    seq: 0,
    id: `${SAMPLE}-${type}`,
    type,
    at,
    email: SAMPLE,
    person: SAMPLE,
    campaign: SAMPLE,
    send: null,
    linkId: null,
    link: null,
    userAgent: null,
    isBot: 0,
    botPattern: null,
    detail: null,
    emailName: "Sample email",
    campaignName: "Sample campaign",
    linkName: null,
    recordedAt: at,
    ...OWN_COLUMNS[type],
  };
}
