/**
 * A log of a million events over 100,000 messages, the same each time: twenty emails of 5,000 recipients, one after the
 * other. Each message is sent, then delivered or bounced; half are opened; few people click, and they click often.
 */
import type { LogEvent } from "../../../src/events/event.ts";
import { rowOf } from "../../../src/events/row.ts";
import { deliveredId, hardBouncedId, sendKey, sentId, softBouncedId } from "../../../src/events/send-key.ts";

export const EVENTS = 1_000_000;
const MESSAGES_AN_EMAIL = 5_000;
const EVENTS_A_MESSAGE = 10;
const EVENTS_AN_EMAIL = MESSAGES_AN_EMAIL * EVENTS_A_MESSAGE;
const FIRST_PERSON = 5_000_000;
const FIRST_AT_MS = Date.UTC(2026, 9, 1);
const MS_AN_EVENT = 1_000;
const LINKS = 12;
const DOMAINS = 50;
const BOT = {
  userAgent: "Mozilla/5.0",
  botPattern: "Match with user agent: Apple Mail Privacy Protection",
};
const PERSON = {
  userAgent: [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)",
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148",
  ].join(" "),
} as const;

/** A number from 0 up to 1 that belongs to `seed` (mulberry32, public domain). */
function chance(seed: number): number {
  let state = (seed + 0x6d2b79f5) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}

/** Everybody to whom a message is sent, with the address that sends name. */
export function seededPeople(): readonly { readonly id: string; readonly address: string }[] {
  return Array.from({ length: MESSAGES_AN_EMAIL }, (_, index) => {
    const id = String(FIRST_PERSON + index);
    return { id, address: addressOf(id) };
  });
}

function addressOf(person: string): string {
  return `p${person}@mail${Number(person) % DOMAINS}.example`;
}

/** The form of the ids of emails, people, campaigns and sends. */
export type IdForm = "integers" | "uuids";

/** Rows of the log from the event `first` on, `count` of them. */
export function seededRows(first: number, count: number, ids: IdForm = "integers"): string[] {
  const idOf = ids === "uuids" ? uuidOf : String;
  return Array.from({ length: count }, (_, index) => rowOf(eventAt(first + index, idOf)));
}

/** So many random hexadecimal digits, a multiple of eight, that belong to `seed`. */
export function hexOf(seed: number, digits: number): string {
  const words = Array.from({ length: digits / 8 }, (_, word) => Math.floor(chance(seed * 8 + word) * 2 ** 32));
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** A random UUID (RFC 9562, version 4) that belongs to `seed`. */
function uuidOf(seed: number): string {
  const hex = hexOf(seed, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function eventAt(index: number, idOf: (number: number) => string): LogEvent {
  const emailIndex = Math.floor(index / EVENTS_AN_EMAIL);
  const round = Math.floor((index % EVENTS_AN_EMAIL) / MESSAGES_AN_EMAIL);
  const number = FIRST_PERSON + (index % MESSAGES_AN_EMAIL);
  const person = idOf(number);
  const send = { email: idOf(1_000 + emailIndex), person, campaign: idOf(88_012), send: idOf(700 + emailIndex) };
  const key = sendKey(send);
  const atMs = FIRST_AT_MS + index * MS_AN_EVENT;
  const message = { email: send.email, person, campaign: send.campaign };
  const address = addressOf(String(number));
  if (round === 0) return { type: "sent", id: sentId(key), atMs, message: send, address };
  if (round === 1) {
    const luck = chance(index);
    if (luck < 0.02) {
      const bounce = { category: 2, status: "5.1.1", details: "550 5.1.1 no such user" } as const;
      return { type: "hardBounced", id: hardBouncedId(key), atMs, message: send, address, bounce };
    }
    if (luck < 0.05) {
      const bounce = { category: 3, status: "4.2.2", details: "452 4.2.2 mailbox full" } as const;
      return { type: "softBounced", id: softBouncedId(key, "1"), atMs, message: send, address, bounce };
    }
    return { type: "delivered", id: deliveredId(key), atMs, message: send };
  }
  const visitor = chance(index) < 0.2 ? BOT : PERSON;
  if (round === 2 && chance(index + 7) < 0.5) return { type: "opened", id: hexOf(index, 64), atMs, message, visitor };
  // The square lets few of an email's people click often, and most of them seldom.
  const clicker = idOf(FIRST_PERSON + Math.floor(chance(index + 13) ** 2 * MESSAGES_AN_EMAIL));
  const link = Math.floor(chance(index + 17) * LINKS);
  return {
    type: "clicked",
    id: `5eeded00000000000000000000000000.${index.toString(36)}`,
    atMs,
    message: { ...message, person: clicker },
    link: {
      id: `a1b2c3${link.toString(16).padStart(2, "0")}`,
      url: `https://shop.example.com/collections/autumn/products/linen-shirt?item=${link}`,
    },
    visitor,
  };
}
