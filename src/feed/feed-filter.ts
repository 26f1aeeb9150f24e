/** What a reader of the feed asks for. */
import type { ArchivedEvent } from "../archive/index.ts";
import { EVENT_TYPES, FILTERED_TYPE_ID } from "../events/event.ts";
import { FEED_TYPES } from "./event-answer.ts";

/** Asks for each Unsubscribed whose cause is a complaint. No event of the log has this type. */
export const COMPLAINED_FILTER_ID = -1;

/** What a reader can ask for, by name: the types of the feed, and complaints, which are of the type "unsubscribed". */
export const FEED_FILTERS = { ...FEED_TYPES, complained: COMPLAINED_FILTER_ID } as const;

export interface FeedFilter {
  /** Ids of `FEED_FILTERS`; FILTERED_TYPE_ID: whatever is retracted; undefined: all. */
  readonly types?: readonly number[] | undefined;
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  readonly person?: string | undefined;
  /** As `normalAddress` has it: the events of all who have it or had it. */
  readonly address?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly bots: "include" | "exclude";
}

/** Whether an archived event may pass; false where it cannot. What D1 decides about is read of D1 in any case. */
export function mayPassFeed(
  event: ArchivedEvent,
  { types, email, campaign, person, sinceMs, untilMs }: FeedFilter,
): boolean {
  return (
    (email === undefined || event.email === email) &&
    (campaign === undefined || event.campaign === campaign) &&
    (person === undefined || event.person === person) &&
    (sinceMs === undefined || event.at >= sinceMs) &&
    (untilMs === undefined || event.at < untilMs) &&
    (types === undefined ||
      types.includes(event.type) ||
      types.includes(FILTERED_TYPE_ID) ||
      (types.includes(COMPLAINED_FILTER_ID) && event.type === EVENT_TYPES.unsubscribed.id))
  );
}
