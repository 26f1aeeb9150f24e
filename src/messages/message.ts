/**
 * What the log says of one message, an email to a person from a campaign, put together event by event in the order of their places.
 * Sends of the same message count once.
 */
import { EVENT_TYPE_IDS } from "../events/event.ts";

/** Bits of `marks`. */
export const MARK = {
  sent: 1,
  delivered: 2,
  hardBounced: 4,
  softBounced: 8,
  unsubscribed: 16,
  openedByPerson: 32,
  openedByMachine: 64,
  clickedByPerson: 128,
  clickedByMachine: 256,
} as const;

/** How often people and machines clicked a link. */
export type Clicks = readonly [byPeople: number, byMachines: number];

export interface MessageState {
  /** When it was sent: the first Sent's time, else the earliest event's; ms since 1970 UTC. */
  readonly since: number;
  readonly marks: number;
  /** By the link's id. */
  readonly clicks: Readonly<Record<string, Clicks>>;
}

/** What of an event counts for reports. */
export interface CountedEvent {
  readonly type: number;
  /** ms since 1970 UTC. */
  readonly at: number;
  readonly linkId: string | null;
  readonly isBot: number;
}

/** The state behind an event; undefined when there is none yet. What reports do not count leaves it as it was. */
export function fold(state: MessageState | undefined, event: CountedEvent): MessageState | undefined {
  const mark = markOf(event);
  if (mark === 0) return state;
  const { marks = 0, clicks = {}, since = event.at } = state ?? {};
  return { since: sinceOf(marks, since, event), marks: marks | mark, clicks: clicksOf(clicks, event) };
}

function markOf({ type, isBot }: CountedEvent): number {
  switch (type) {
    case EVENT_TYPE_IDS.sent:
      return MARK.sent;
    case EVENT_TYPE_IDS.delivered:
      return MARK.delivered;
    case EVENT_TYPE_IDS.hardBounced:
      return MARK.hardBounced;
    case EVENT_TYPE_IDS.softBounced:
      return MARK.softBounced;
    case EVENT_TYPE_IDS.unsubscribed:
      return MARK.unsubscribed;
    case EVENT_TYPE_IDS.opened:
      return isBot === 1 ? MARK.openedByMachine : MARK.openedByPerson;
    case EVENT_TYPE_IDS.clicked:
      return isBot === 1 ? MARK.clickedByMachine : MARK.clickedByPerson;
    default:
      return 0;
  }
}

function sinceOf(marks: number, since: number, { type, at }: CountedEvent): number {
  if ((marks & MARK.sent) !== 0) return since;
  return type === EVENT_TYPE_IDS.sent ? at : Math.min(since, at);
}

function clicksOf(clicks: MessageState["clicks"], { type, linkId, isBot }: CountedEvent) {
  if (type !== EVENT_TYPE_IDS.clicked || linkId === null) return clicks;
  // A link may be called "constructor", and every object has something by that name.
  const before = Object.hasOwn(clicks, linkId) ? clicks[linkId] : undefined;
  const [byPeople, byMachines] = before ?? [0, 0];
  const more: Clicks = isBot === 1 ? [byPeople, byMachines + 1] : [byPeople + 1, byMachines];
  return { ...clicks, [linkId]: more };
}
