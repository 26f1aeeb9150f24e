/** Why a mail server refused: the vocabulary of the log's bounces. */

/** Categories of bounces, in Marketo's numbers, which the log and the API use. */
export const CATEGORY = {
  /** Hard. Refused as spam or by policy: the person is not mailed for a day. */
  blocked: 1,
  /** Hard. There is no such mailbox: the address is not mailed any more. */
  invalidRecipient: 2,
  /** Soft. Mailbox full, throttled, timed out. */
  temporary: 3,
  /** Soft. DNS, routing, administration. */
  technical: 4,
  /** Soft. The reason is unclear. */
  unclear: 9,
} as const;

export type BounceCategory = HardCategory | SoftCategory;
/** Permanent. */
export type HardCategory = typeof CATEGORY.blocked | typeof CATEGORY.invalidRecipient;
/** Worth another attempt. */
export type SoftCategory = typeof CATEGORY.temporary | typeof CATEGORY.technical | typeof CATEGORY.unclear;

interface BounceOf<Category extends BounceCategory> {
  readonly category: Category;
  /** The source's own finer word, e.g. SES "General", Postmark "HardBounce", Mailgun "suppress-bounce". */
  readonly subcategory?: string | undefined;
  /** Enhanced status code (RFC 3463), e.g. "5.1.1". */
  readonly status?: string | undefined;
  /** The server's reply, e.g. "550 5.1.1 no such user". */
  readonly details?: string | undefined;
}

export type HardBounce = BounceOf<HardCategory>;
export type SoftBounce = BounceOf<SoftCategory>;
export type Bounce = HardBounce | SoftBounce;

/** Whether a bounce is hard. */
export function isHard(bounce: Bounce): bounce is HardBounce {
  return bounce.category === CATEGORY.blocked || bounce.category === CATEGORY.invalidRecipient;
}
