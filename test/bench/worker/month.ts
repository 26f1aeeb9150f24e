/** The events of a month, at steady traffic: each email goes to everybody, one email after the other. */
import type { LogEvent, Visitor } from "../../../src/events/event.ts";
import { deliveredId, hardBouncedId, sendKey, sentId, softBouncedId } from "../../../src/events/send-key.ts";
import { hexOf } from "./seeded-log.ts";

export interface Month {
  /** 0 is the first. */
  readonly index: number;
  /** How many messages are sent in it. */
  readonly messages: number;
  /** How long it is. */
  readonly lengthMs: number;
}

export const MONTH_MS = 30 * 86_400_000;
export const FIRST_MONTH_MS = Date.UTC(2025, 8, 1);

/** Of the messages, what happens to so many. */
export const SHARES = { hardBounced: 0.01, softBounced: 0.02, opened: 0.3, openedByBot: 0.1, clicked: 0.05 };

/** Everybody gets each email. */
const PEOPLE = 1_000;
const PERSON: Visitor = { userAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15" };
const BOT: Visitor = { userAgent: "Mozilla/5.0", botPattern: "Match with user agent: Apple Mail Privacy Protection" };
const MINUTE_MS = 60_000;
const LINKS = 12;

/** In the order of their times. */
export function eventsOfMonth({ index, messages, lengthMs }: Month): readonly LogEvent[] {
  const startMs = FIRST_MONTH_MS + index * lengthMs;
  const first = index * messages;
  const events = Array.from({ length: messages }, (_, place) =>
    eventsOfMessage(first + place, startMs + Math.floor((place / messages) * (lengthMs - 100 * MINUTE_MS))),
  );
  return events.flat().toSorted((one, other) => one.atMs - other.atMs);
}

/** Shares are spread evenly: of a hundred messages exactly so many, whichever hundred it is. */
function isOf(share: number, number: number, step: number): boolean {
  return (number * step) % 100 < share * 100;
}

function eventsOfMessage(number: number, atMs: number): readonly LogEvent[] {
  const email = String(1_000 + Math.floor(number / PEOPLE));
  const message = { email, person: String(5_000_000 + (number % PEOPLE)), campaign: "88012" };
  const send = { ...message, send: `s${email}` };
  const key = sendKey(send);
  const address = `p${message.person}@mail${number % 50}.example`;
  const sent: LogEvent = { type: "sent", id: sentId(key), atMs, message: send, address };
  const outcome = { atMs: atMs + 1_000, message: send, address };
  if (isOf(SHARES.hardBounced, number, 37)) {
    const bounce = { category: 2, status: "5.1.1", details: "550 5.1.1 no such user" } as const;
    return [sent, { type: "hardBounced", id: hardBouncedId(key), ...outcome, bounce }];
  }
  const softBounced: LogEvent = {
    type: "softBounced",
    id: softBouncedId(key, "1"),
    ...outcome,
    bounce: { category: 3, status: "4.2.2", details: "452 4.2.2 mailbox full" },
  };
  return [
    sent,
    ...(isOf(SHARES.softBounced, number + 50, 37) ? [softBounced] : []),
    { type: "delivered", id: deliveredId(key), atMs: atMs + 2_000, message: send },
    ...visits(number, message, atMs),
  ];
}

/** Opens and clicks, some minutes later. */
function visits(number: number, message: LogEvent["message"], atMs: number): readonly LogEvent[] {
  const isByPerson = isOf(SHARES.opened, number, 7);
  const isByBot = !isByPerson && isOf(SHARES.opened + SHARES.openedByBot, number, 7);
  const link = {
    id: `a1b2c3${number % LINKS}`,
    url: `https://shop.example.com/collections/autumn?item=${number % LINKS}`,
  };
  const opened: LogEvent = {
    type: "opened",
    id: hexOf(number, 64),
    atMs: atMs + (isByBot ? MINUTE_MS : 20 * MINUTE_MS),
    message,
    visitor: isByBot ? BOT : PERSON,
  };
  const clicked: LogEvent = {
    type: "clicked",
    id: `${hexOf(number, 32)}.${number.toString(36)}`,
    atMs: atMs + 21 * MINUTE_MS,
    message,
    link,
    visitor: PERSON,
  };
  return [...(isByPerson || isByBot ? [opened] : []), ...(isOf(SHARES.clicked, number, 7) ? [clicked] : [])];
}
