/** Why a mail server refused: the vocabulary of the log's bounces. */

/** Why a mail server refused, in Marketo's numbers. */
export type BounceCategory = HardCategory | SoftCategory;
/** Permanent. 1: refused as spam, blocked by policy. 2: there is no such mailbox. */
export type HardCategory = 1 | 2;
/** Worth trying again. 3: full, throttled, timed out. 4: DNS, routing, administration. 9: unclear. */
export type SoftCategory = 3 | 4 | 9;

interface BounceOf<Category extends BounceCategory> {
  readonly category: Category;
  /** The source's own finer word, e.g. SES "General", Postmark "HardBounce", Mailgun "suppress-bounce". */
  readonly subcategory?: string | undefined;
  /** Enhanced status code (RFC 3463), e.g. "5.1.1". */
  readonly status?: string | undefined;
  /** What the server said, e.g. "550 5.1.1 no such user". */
  readonly details?: string | undefined;
}

export type HardBounce = BounceOf<HardCategory>;
export type SoftBounce = BounceOf<SoftCategory>;
export type Bounce = HardBounce | SoftBounce;

/** Whether a bounce is hard: its category alone says so. Otherwise it is soft. */
export function isHard(bounce: Bounce): bounce is HardBounce {
  return bounce.category === 1 || bounce.category === 2;
}
