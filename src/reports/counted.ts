/** What the statistics of messages need of the rows of the log. */
import type { PixelLoad } from "../events/pixel-loads.ts";
import type { events } from "../events/schema.ts";
import type { OpenedBy } from "./recent.ts";

/** What the statistics need of an event that is no Opened. */
export interface CountedEvent extends Pick<typeof events.$inferSelect, "seq" | "type" | "at" | "linkId"> {
  /** The pattern that marked it as a bot's, "" when none is known; null for a person's. */
  readonly pattern: string | null;
  /** Whether it is an Unsubscribed by a complaint. */
  readonly isComplaint: 0 | 1;
  /** Whether it is a Hard Bounced because of the sender or what the message says. */
  readonly isBlocked: 0 | 1;
  /** For an Unsubscribed that was retracted or replaced: the flags of those that the message has still; else null. */
  readonly remaining: number | null;
  /** Whether it is a Sent that nobody has reported: its time is that of whichever outcome came first. */
  readonly isImplied: 0 | 1;
  /** The user agent of a click, and of a bot's load of a provider's own pixel; else null. */
  readonly agent: string | null;
}

/** What the statistics of a message need of an Opened with loads from it. */
export interface CountedOpened {
  readonly seq: number;
  /** The beginning of its id, which the row that replaces it has as well. */
  readonly openedId: string;
  readonly by: OpenedBy;
  /** The loads from this message, at least one. */
  readonly loads: readonly PixelLoad[];
  /** Those among them that decide what the row shows. */
  readonly deciding: readonly PixelLoad[];
}
