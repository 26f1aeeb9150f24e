/**
 * Who loads what of one message, and when: the people and the scanners of a simulated mailing. Each states its
 * assumptions. Where no published figure exists, the figure is a guess at what senders see; some were changed while the
 * rules were made, so that a mailing of another simulation is the better judge of them.
 */
import type { Chance } from "./chance.ts";

export interface Visit {
  readonly atMs: number;
  /** The number of the link that is clicked; undefined: an open. */
  readonly link: number | undefined;
  readonly by: "person" | "bot";
  /** What of it the edge sees by itself. Scanners come with browsers' user agents, from networks that nobody lists. */
  readonly seen: "nothing" | "HEAD" | "Apple";
}

const S = 1_000;
const MINUTE = 60 * S;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const open = (atMs: number): Visit => ({ atMs, link: undefined, by: "bot", seen: "nothing" });
const fetched = (atMs: number, link: number, seen: Visit["seen"] = "nothing"): Visit => ({
  atMs,
  link,
  by: "bot",
  seen,
});

/** One after the other, beginning at a time, with pauses as long as `pause` says. */
function inTurn(fromMs: number, links: readonly number[], pause: () => number, seen?: Visit["seen"]): Visit[] {
  let atMs = fromMs;
  return links.map((link) => {
    const visit = fetched(atMs, link, seen);
    atMs += pause();
    return visit;
  });
}

/** What a scanner does with a message that has such links, and is delivered at a time and read at another, if ever. */
type Scanner = (chance: Chance, deliveredMs: number, links: readonly number[], readMs: number | undefined) => Visit[];

/**
 * Safe Links-like: several fetchers request all or most links at once, mostly while the mail server still has the
 * message, so that some requests come before Delivered. No images.
 */
const atOnce: Scanner = (chance, deliveredMs, links) => {
  const start = deliveredMs + chance.between(-3 * S, 6 * S);
  const some = chance.is(0.6) ? links : chance.shuffled(links).slice(0, Math.ceil(links.length * 0.7));
  return some.map((link) => fetched(start + chance.between(0, 2 * S), link));
};

/**
 * Proofpoint-like: renders the message: the image first, then all links within two seconds; a third repeat a minute
 * later.
 */
const rendering: Scanner = (chance, deliveredMs, links) => {
  const pass = (start: number) => [
    open(start),
    ...chance.shuffled(links).map((link) => fetched(start + chance.between(100, 2 * S), link)),
  ];
  const start = deliveredMs + chance.between(0.5 * S, 10 * S);
  return [...pass(start), ...(chance.is(0.33) ? pass(start + chance.between(30 * S, 90 * S)) : [])];
};

/** Barracuda-like: HEAD and then GET of each link, in turn, while it holds the message back or just after. */
const headFirst: Scanner = (chance, deliveredMs, links) =>
  inTurn(
    deliveredMs + chance.between(-8 * S, 8 * S),
    links,
    () => chance.between(0.1 * S, 1.5 * S),
    chance.is(0.7) ? "HEAD" : "nothing",
  );

/** Mimecast-like, in a queue: the image or not, then link after link over a minute or so. */
const slow: Scanner = (chance, deliveredMs, links) => {
  const start = deliveredMs + chance.between(1 * S, 30 * S);
  const image = chance.is(0.5) ? [open(start)] : [];
  return [
    ...image,
    ...inTurn(start + chance.between(0, 3 * S), links, () => chance.between(1 * S, (120 * S) / (links.length + 6))),
  ];
};

/** One link and no more, the first or any; half of them the image as well. */
const oneLink: Scanner = (chance, deliveredMs, links) => {
  const start = deliveredMs + chance.between(0.5 * S, 15 * S);
  const link = links[chance.is(0.6) ? 0 : chance.whole(0, links.length - 1)] ?? 0;
  return [...(chance.is(0.5) ? [open(start)] : []), fetched(start + chance.between(0, 2 * S), link)];
};

/** Renders the message, and visits its links half a minute later, all at once or in turn. */
const openFirst: Scanner = (chance, deliveredMs, links) => {
  const opened = deliveredMs + chance.between(0.5 * S, 10 * S);
  const start = opened + chance.between(25 * S, 40 * S);
  const pause = chance.is(0.5) ? 0.1 * S : 1 * S;
  return [open(opened), ...inTurn(start, links, () => chance.between(0, 2 * pause))];
};

/** Fetches all links within a fifth of a second, half of them before and half of them after a second begins. */
const onTheEdge: Scanner = (chance, deliveredMs, links) => {
  const edge = Math.ceil((deliveredMs + chance.between(0.5 * S, 12 * S)) / S) * S;
  return links.map((link) => fetched(edge + chance.between(-0.1 * S, 0.1 * S), link));
};

/**
 * Fetches the links when the message is read, or some days later when nobody reads it; half of the time with the image.
 * The links at once, in turn at an even pace, or in turn as they answer.
 */
const onReading: Scanner = (chance, deliveredMs, links, readMs) => {
  const start = (readMs ?? deliveredMs + chance.around(2 * DAY, 2)) + chance.between(0.3 * S, 20 * S);
  const image = chance.is(0.5) ? [open(start - chance.between(0.1 * S, 1 * S))] : [];
  const pace = chance.between(0.1 * S, 1 * S);
  const pause = chance.oneOf([
    [60, () => chance.between(0, (2 * S) / links.length)],
    [20, () => pace * chance.between(0.95, 1.05)],
    [20, () => chance.between(0.1 * S, 1.5 * S)],
  ]);
  return [...image, ...inTurn(start, links, pause)];
};

/** Nothing on delivery: only when a person clicks. */
const atClickOnly: Scanner = () => [];

const SCANNERS: readonly (readonly [number, Scanner])[] = [
  [25, atOnce],
  [20, rendering],
  [18, headFirst],
  [9, slow],
  [6, oneLink],
  [8, openFirst],
  [7, onTheEdge],
  [3, onReading],
  [7, atClickOnly],
];

/** Of what is scanned on delivery and read, so much is scanned again on reading. */
const SCANNED_AGAIN = 0.1;

/** Of what people click behind a scanner, one in four is fetched by it as well, a moment before they get there. */
const FETCHED_AT_CLICK = 0.25;

export interface Recipient {
  readonly isScanned: boolean;
  /** Apple's mail, whose relay loads every image once and nobody afterwards. */
  readonly isApple: boolean;
}

/** Three of ten behind scanners, half of the others with Apple's mail, hardly any in companies. */
export function recipient(chance: Chance, scannedShare = 0.3): Recipient {
  const isScanned = chance.is(scannedShare);
  return { isScanned, isApple: chance.is(isScanned ? 0.1 : 0.5) };
}

/** All visits to a message with so many links, delivered at a time, perhaps sent again at another, in no order. */
export function visits(
  chance: Chance,
  { isScanned, isApple }: Recipient,
  deliveredMs: number,
  linkCount: number,
  againMs?: number,
): Visit[] {
  const links = Array.from({ length: linkCount }, (_, link) => link);
  const people = chance.is(0.35) ? peopleVisits(chance, deliveredMs, links, isApple) : [];
  if (againMs !== undefined && chance.is(0.05)) people.push(...oldMail(chance, againMs, links, isApple));
  const readMs = people.length > 0 ? Math.min(...people.map(({ atMs }) => atMs)) : undefined;
  const all: Visit[] = isScanned ? chance.oneOf(SCANNERS)(chance, deliveredMs, links, readMs) : [];
  if (isScanned && againMs !== undefined) all.push(...chance.oneOf(SCANNERS)(chance, againMs, links, undefined));
  if (isScanned && readMs !== undefined && chance.is(SCANNED_AGAIN))
    all.push(...onReading(chance, deliveredMs, links, readMs));
  // From some seconds to an hour after delivery, whether anybody reads it or not.
  if (isApple) all.push({ ...open(deliveredMs + chance.around(3 * MINUTE, 4)), seen: "Apple" });
  const atClick = people.flatMap(({ atMs, link }) =>
    isScanned && link !== undefined && chance.is(FETCHED_AT_CLICK)
      ? [fetched(atMs - chance.between(0.2 * S, 3 * S), link)]
      : [],
  );
  return [...all, ...people, ...atClick];
}

const byPerson = (atMs: number, link?: number): Visit => ({ atMs, link, by: "person", seen: "nothing" });

/** How many links somebody clicks who clicks. */
const CLICKS: readonly (readonly [weight: number, clicks: number])[] = [
  [65, 1],
  [20, 2],
  [10, 3],
  [5, 5],
];

/**
 * One in twelve opens on a notification, seconds after delivery; the others within hours or days. One in six who open
 * also click: mostly one link, some a few, and some of these open tabs in a row. One click in twenty-five is a double
 * click. One in ten who click blocks images; for one in ten the image loads at the moment of the click. A third come
 * back later. Half of the people of a mail with one link wait for it, to confirm; of one with two or three, a tenth.
 * One in twenty who click visits three links within six seconds.
 */
function peopleVisits(chance: Chance, deliveredMs: number, links: readonly number[], isApple: boolean): Visit[] {
  if (chance.is([0, 0.5, 0.1, 0.1][links.length] ?? 0)) return confirmation(chance, deliveredMs, links, isApple);
  if (links.length >= 5 && chance.is(0.01)) return manyTabs(chance, deliveredMs, links, isApple);
  const delay = chance.is(1 / 12) ? 2 * S + chance.around(9 * S, 2) : chance.around(2 * HOUR, 5);
  const opened = deliveredMs + Math.max(delay, 3 * S);
  const isClicker = chance.is(1 / 6);
  const hasImages = !isApple && !(isClicker && chance.is(0.1));
  const sessions = [opened, ...(chance.is(0.33) ? [opened + chance.around(5 * HOUR, 4)] : [])];
  const all = hasImages ? sessions.map((atMs) => byPerson(atMs)) : [];
  if (!isClicker) return all;
  const count = chance.oneOf(CLICKS);
  const opensTabs = chance.is(0.15);
  let atMs = chance.is(0.1) ? opened + chance.between(0, 0.9 * S) : opened + 1.5 * S + chance.around(12 * S, 2.5);
  if (links.length >= 3 && chance.is(0.05)) return [...all, ...threeAtOnce(chance, atMs, links)];
  for (let clicked = 0; clicked < count; clicked++) {
    // The first links of a mail are clicked most.
    const link = links[Math.floor(chance.number() ** 1.7 * links.length)] ?? 0;
    all.push(byPerson(atMs, link));
    if (chance.is(0.04)) all.push(byPerson(atMs + chance.between(0.15 * S, 0.7 * S), link));
    atMs += opensTabs ? chance.between(0.6 * S, 3 * S) : 2 * S + chance.around(15 * S, 2.5);
  }
  return all;
}

/** Three links of a mail, each one to four seconds after the one before, all within six seconds. */
function threeAtOnce(chance: Chance, firstMs: number, links: readonly number[]): Visit[] {
  const lastMs = firstMs + chance.between(3 * S, 6 * S);
  const times = [firstMs, chance.between(firstMs + 1 * S, lastMs - 1 * S), lastMs];
  const some = chance.shuffled(links);
  return times.map((atMs, index) => byPerson(atMs, some[index] ?? 0));
}

/**
 * A person who waits for a mail, opens it and clicks its link, four seconds after delivery at the earliest. Where there
 * are others, one in seven clicks the logo as well, one to five seconds later, and one in ten of those with three all
 * three within six seconds.
 */
function confirmation(chance: Chance, deliveredMs: number, links: readonly number[], isApple: boolean): Visit[] {
  const clicked = deliveredMs + 4 * S + chance.around(5 * S, 2);
  const image = isApple ? [] : [byPerson(clicked - chance.between(0, 3 * S))];
  if (links.length === 3 && chance.is(0.1)) return [...image, ...threeAtOnce(chance, clicked, links)];
  const logo = links.length > 1 && chance.is(1 / 7) ? [byPerson(clicked + chance.between(1 * S, 5 * S), 1)] : [];
  return [...image, byPerson(clicked, 0), ...logo];
}

/** A person who has the mail in front of them while it is sent again, and clicks one to five of its links. */
function oldMail(chance: Chance, againMs: number, links: readonly number[], isApple: boolean): Visit[] {
  let atMs = againMs + chance.between(-30 * S, 60 * S);
  const image = isApple ? [] : [byPerson(atMs - chance.around(4 * S, 2))];
  const clicks = chance.shuffled(links).slice(0, chance.oneOf(CLICKS));
  return [
    ...image,
    ...clicks.map((link) => {
      const visit = byPerson(atMs, link);
      atMs += 1 * S + chance.around(4 * S, 2.5);
      return visit;
    }),
  ];
}

/**
 * A power user: keeps the mail for days, reads it, and then opens five links or more in tabs, at their own pace: one
 * each 0.7 seconds at the fastest, one each 2.5 seconds at the slowest.
 */
function manyTabs(chance: Chance, deliveredMs: number, links: readonly number[], isApple: boolean): Visit[] {
  const opened = deliveredMs + chance.around(2 * DAY, 2);
  const pace = chance.between(0.7 * S, 2.5 * S);
  const count = chance.whole(5, links.length);
  const image = isApple || chance.is(0.1) ? [] : [byPerson(opened)];
  let atMs = opened + chance.around(10 * S, 2.5);
  const clicks = chance.shuffled(links).slice(0, count);
  return [
    ...image,
    ...clicks.map((link) => {
      const visit = byPerson(atMs, link);
      atMs += Math.max(0.25 * S, chance.around(pace, 1.4));
      return visit;
    }),
  ];
}
