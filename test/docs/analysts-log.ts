/** The log of two small emails that docs/analysts.md asks: what happened in September and October of 2026. */
import type { LogEvent, Visitor } from "../../src/events/event.ts";
import { rowOf } from "../../src/events/row.ts";
import { deliveredId, hardBouncedId, sendKey, sentId, softBouncedId } from "../../src/events/send-key.ts";

const PERSON: Visitor = { userAgent: "Mozilla/5.0 (iPhone)" };
const BOT: Visitor = { userAgent: "Mozilla/5.0", botPattern: "Match with user agent: Apple Mail Privacy Protection" };
const LINKS = { coats: "a1", boots: "b2", gifts: "c3" };

/** A row, and when it was recorded, ms since 1970 UTC. */
export interface LogRow {
  readonly row: string;
  readonly recordedAtMs: number;
}

const message = (email: number, person: number) => ({
  email: String(email),
  person: String(person),
  campaign: "88012",
});

function send(email: number, person: number) {
  const named = { ...message(email, person), send: `s-${email}` };
  return { message: named, key: sendKey(named) };
}

function address(person: number): string {
  return `p${person}@${person <= 2 ? "mail" : "post"}.example`;
}

function sent(email: number, person: number, at: string): LogEvent {
  const { message, key } = send(email, person);
  return { type: "sent", id: sentId(key), atMs: Date.parse(at), message, address: address(person) };
}

function delivered(email: number, person: number, at: string): LogEvent {
  const { message, key } = send(email, person);
  return { type: "delivered", id: deliveredId(key), atMs: Date.parse(at), message };
}

function hardBounced(email: number, person: number, at: string): LogEvent {
  const { message, key } = send(email, person);
  const bounce = { category: 2, status: "5.1.1", details: "550 5.1.1 no such user" } as const;
  const common = { id: hardBouncedId(key), atMs: Date.parse(at), message, address: address(person) };
  return { type: "hardBounced", ...common, bounce };
}

function softBounced(email: number, person: number, at: string): LogEvent {
  const { message, key } = send(email, person);
  const bounce = { category: 3, status: "4.2.2", details: "452 4.2.2 mailbox full" } as const;
  const common = { id: softBouncedId(key, "1"), atMs: Date.parse(at), message, address: address(person) };
  return { type: "softBounced", ...common, bounce };
}

function opened(email: number, person: number, at: string, visitor = PERSON): LogEvent {
  return {
    type: "opened",
    id: `open-${email}-${person}`,
    atMs: Date.parse(at),
    message: message(email, person),
    visitor,
  };
}

function clicked(email: number, person: number, name: keyof typeof LINKS, at: string, visitor = PERSON): LogEvent {
  const link = { id: LINKS[name], url: `https://shop.example.com/${name}` };
  const id = `click-${email}-${person}-${name}`;
  return { type: "clicked", id, atMs: Date.parse(at), message: message(email, person), link, visitor };
}

/** Recorded a second after it happened, or `lateMs` later. */
function recorded(event: LogEvent, lateMs = 1_000): LogRow {
  return { row: rowOf(event), recordedAtMs: event.atMs + lateMs };
}

const inOrder = (rows: readonly LogRow[]) => rows.toSorted((one, other) => one.recordedAtMs - other.recordedAtMs);

const DAY_MS = 86_400_000;
/** 2026-09-07 and 2026-10-05 are Mondays; Paris is two hours ahead of UTC. */
export const SEPTEMBER: readonly LogRow[] = inOrder([
  ...[1, 2, 3, 4, 5, 6].map((person) => recorded(sent(1042, person, "2026-09-07T08:00:00Z"))),
  ...[1, 2, 3, 6].map((person) => recorded(delivered(1042, person, "2026-09-07T08:01:00Z"))),
  // Reported two days later.
  recorded(hardBounced(1042, 4, "2026-09-07T08:01:00Z"), 2 * DAY_MS),
  recorded(softBounced(1042, 5, "2026-09-07T08:02:00Z")),
  recorded(opened(1042, 1, "2026-09-07T08:05:00Z")),
  recorded(opened(1042, 2, "2026-09-07T10:00:00Z")),
  // A person's, as it seems; in October it is marked as a bot's.
  recorded(opened(1042, 3, "2026-09-07T08:02:00Z")),
  // In October it is left out of the log.
  recorded(opened(1042, 6, "2026-09-07T08:02:00Z")),
  recorded(clicked(1042, 1, "coats", "2026-09-07T08:06:00Z")),
  recorded(clicked(1042, 1, "boots", "2026-09-07T08:07:00Z")),
  recorded(clicked(1042, 2, "coats", "2026-09-08T05:00:00Z")),
]);

export const OCTOBER: readonly LogRow[] = inOrder([
  recorded(opened(1042, 3, "2026-09-07T08:02:00Z", BOT), 24 * DAY_MS),
  { ...recorded(opened(1042, 6, "2026-09-07T08:02:00Z", BOT), 24 * DAY_MS), row: retracted(1042, 6) },
  ...[1, 2, 3, 6, 7].map((person) => recorded(sent(1043, person, "2026-10-05T06:00:00Z"))),
  ...[1, 3, 6, 7].map((person) => recorded(delivered(1043, person, "2026-10-05T06:01:00Z"))),
  recorded(hardBounced(1043, 2, "2026-10-05T06:01:00Z")),
  recorded(opened(1043, 1, "2026-10-05T18:00:00Z")),
  recorded(opened(1043, 3, "2026-10-05T06:00:10Z", BOT)),
  recorded(opened(1043, 7, "2026-10-06T07:00:00Z")),
  recorded(clicked(1043, 7, "gifts", "2026-10-06T07:01:00Z")),
  recorded(clicked(1043, 6, "gifts", "2026-10-05T06:00:20Z", BOT)),
  // The last event of the log, which is never archived.
  recorded(clicked(1043, 7, "coats", "2026-10-08T00:00:00Z", BOT)),
]);

/** An open that was found to be a bot's, where those are left out: docs/events.md. */
function retracted(email: number, person: number): string {
  const [id, , ...rest]: readonly unknown[] = JSON.parse(rowOf(opened(email, person, "2026-09-07T08:02:00Z", BOT)));
  return JSON.stringify([id, 0, ...rest]);
}
