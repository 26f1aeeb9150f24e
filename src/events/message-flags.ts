/** What happened to a message, as bits. */

/** The bits of `message_stats.flags`. */
export const MESSAGE_FLAGS = {
  sent: 1,
  delivered: 2,
  hardBounced: 4,
  softBounced: 8,
  unsubscribed: 16,
  openedByPerson: 32,
  openedByBot: 64,
  clickedByPerson: 128,
  clickedByBot: 256,
  /** An anonymous copy, which is only opened and clicked: the message that was sent is counted under its person. */
  anonymous: 512,
  /** Its latest Soft Bounced happened after its latest Delivered. */
  softBouncedLast: 1_024,
  /** Unsubscribed by a complaint. */
  complained: 2_048,
  /** It has only events that reports do not count, and is in no report. */
  uncounted: 4_096,
  /** Hard bounced because of its sender or what it says. */
  blocked: 8_192,
} as const;
