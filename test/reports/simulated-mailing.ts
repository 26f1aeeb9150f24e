/**
 * A mailing as the log receives it, with the truth about who was a bot: by default 10,000 recipients of twenty emails
 * with one to twenty links. The same for the same seed.
 *
 * Further assumptions (visits.ts has the visitors): fifty messages are sent a second; a mail server accepts a message
 * in seconds, one in thirty after minutes (greylisting). Half of all Delivered have times in whole seconds, as some
 * providers report them. Webhooks come seconds later, one in fifty up to hours later; opens and clicks within two
 * seconds, one in a hundred minutes later, one in two hundred twice.
 */
import { BOT_PATTERNS } from "../../src/bots/bot.ts";
import type { LogEvent } from "../../src/events/event.ts";
import { openedId } from "../../src/events/opened-id.ts";
import { rowOf } from "../../src/events/row.ts";
import { deliveredId, sendKey, sentId } from "../../src/events/send-key.ts";
import { type RecordedOpens, recordedWith, shouldRecord } from "../../src/tracking/recordable.ts";
import { Chance } from "./chance.ts";
import { programsOf } from "./programs.ts";
import type { Visit } from "./visit.ts";
import { recipient, visits } from "./visits.ts";

export const RECIPIENTS = 10_000;
/** As many as the most links that one has. */
const EMAILS = 20;
const FIRST_MS = Date.UTC(2026, 10, 3, 9);
const A_SEND_MS = 20;
const S = 1_000;
const MINUTE = 60 * S;
const DAY = 24 * 60 * MINUTE;
/** Of all messages: a send that was tried twice, or that the recipient asked for once more. */
const SENT_AGAIN = 0.02;

/** A row, and when it gets to the log. */
export interface Arrival {
  readonly arrivesMs: number;
  readonly row: string;
}

export interface Mailing {
  /** In the order of arrival. */
  readonly arrivals: readonly Arrival[];
  /** Whose each open and click is, by `truthKey`; not those of Apple's relay, which the edge knows by name. */
  readonly truth: ReadonlyMap<string, Pick<Visit, "by" | "kind">>;
}

/** All opens of a message have the same id; the time distinguishes them. */
export function truthKey(id: string, atMs: number): string {
  return `${id} ${atMs}`;
}

export interface MailingSize {
  readonly recipients?: number;
  /** So many emails, the first of which has one link, and the last one as many. */
  readonly emails?: number;
  /** Of the recipients, behind scanners. Default: that of `recipient`. */
  readonly scannedShare?: number | undefined;
}

export function simulatedMailing(
  seed: number,
  { recipients = RECIPIENTS, emails = EMAILS, scannedShare }: MailingSize = {},
): Mailing {
  const chance = new Chance(seed);
  // Apart, so that who comes when does not depend on it.
  const ofPrograms = new Chance(~seed);
  const arrivals: Arrival[] = [];
  const truth = new Map<string, Visit>();
  let clicks = 0;
  const arrive = (event: LogEvent, arrivesMs: number) => arrivals.push({ arrivesMs, row: rowOf(event) });
  for (let index = 0; index < recipients; index++) {
    const linkCount = 1 + (index % emails);
    const email = `${1_000 + linkCount}`;
    const message = { email, person: `${5_000_000 + index}`, campaign: "88012" };
    const send = { ...message, send: "s1" };
    const key = sendKey(send);
    const sentMs = FIRST_MS + index * A_SEND_MS;
    arrive({ type: "sent", id: sentId(key), atMs: sentMs, message: send }, sentMs + chance.between(0, S));
    const isGreylisted = chance.is(1 / 30);
    const acceptedMs = Math.round(
      sentMs + (isGreylisted ? chance.between(5 * MINUTE, 30 * MINUTE) : chance.around(2 * S, 2)),
    );
    const reportedAtMs = chance.is(0.5) ? Math.floor(acceptedMs / S) * S : acceptedMs;
    const late = chance.is(0.02) ? chance.around(30 * MINUTE, 4) : chance.around(3 * S, 2);
    arrive({ type: "delivered", id: deliveredId(key), atMs: reportedAtMs, message: send }, acceptedMs + late);
    const againMs = chance.is(SENT_AGAIN) ? Math.round(acceptedMs + chance.around(DAY, 2)) : undefined;
    if (againMs !== undefined) {
      const again = { ...message, send: "s2" };
      const againKey = sendKey(again);
      arrive({ type: "sent", id: sentId(againKey), atMs: againMs, message: again }, againMs + chance.between(0, S));
      const atMs = againMs + chance.whole(1, 3) * S;
      arrive({ type: "delivered", id: deliveredId(againKey), atMs, message: again }, atMs + chance.around(3 * S, 2));
    }
    let recorded: RecordedOpens | undefined;
    const userAgentOf = programsOf(ofPrograms);
    const all = visits(chance, recipient(chance, scannedShare), acceptedMs, linkCount, againMs)
      .map((visit) => ({ ...visit, atMs: Math.round(visit.atMs) }))
      .sort((one, other) => one.atMs - other.atMs);
    for (const visit of all) {
      const { link, atMs, seen } = visit;
      if (link === undefined) {
        const load = { atMs, isBot: seen !== "nothing" };
        if (!shouldRecord(load, recorded)) continue;
        recorded = recordedWith(load, recorded);
      }
      const event = eventOf(visit, userAgentOf(visit.by, link), message, clicks);
      if (link !== undefined) clicks++;
      if (seen !== "Apple") truth.set(truthKey(event.id, atMs), visit);
      const arrivesMs = atMs + (chance.is(0.01) ? chance.between(0, 10 * MINUTE) : chance.between(0.1 * S, 2 * S));
      arrive(event, arrivesMs);
      if (chance.is(0.005)) arrive(event, arrivesMs + chance.between(0, 5 * MINUTE));
    }
  }
  arrivals.sort((one, other) => one.arrivesMs - other.arrivesMs);
  return { arrivals, truth };
}

function eventOf(
  { atMs, link, seen }: Visit,
  userAgent: string,
  message: { readonly email: string; readonly person: string; readonly campaign: string },
  number: number,
): LogEvent {
  const visitor =
    seen === "Apple"
      ? { userAgent: "Mozilla/5.0", botPattern: BOT_PATTERNS.userAgent }
      : seen === "HEAD"
        ? { userAgent, botPattern: BOT_PATTERNS.head }
        : { userAgent };
  if (link === undefined) return { type: "opened", id: openedId(message, "campaign"), atMs, message, visitor };
  const id = `${message.email}-${link}`;
  const url = `https://shop.example.com/${message.email}/${link}`;
  return { type: "clicked", id: `c${number.toString(36)}`, atMs, message, visitor, link: { id, url } };
}
