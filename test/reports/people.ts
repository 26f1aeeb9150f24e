/** People of a simulated mailing. Each kind states its assumptions; where no figure is published, it is a guess. */
import type { Chance } from "./chance.ts";
import { DAY, HOUR, type Load, MINUTE, ofKind, S, type Visit } from "./visit.ts";

/** A message as somebody gets it. */
export interface Received {
  readonly deliveredMs: number;
  readonly links: readonly number[];
  /** Apple's mail, whose relay loads every image once and nobody afterwards. */
  readonly isApple: boolean;
}

const load = (atMs: number, link?: number): Load => ({ atMs, link, by: "person", seen: "nothing" });

/** How many links somebody clicks who clicks. */
const CLICKS: readonly (readonly [weight: number, clicks: number])[] = [
  [65, 1],
  [20, 2],
  [10, 3],
  [5, 5],
];

/** How many links somebody opens in tabs at once. */
const FEW_LINKS: readonly (readonly [weight: number, links: number])[] = [
  [50, 2],
  [35, 3],
  [15, 4],
];

/** From when on somebody reads: one in twelve on a notification, seconds after delivery; the others within hours. */
function readingAt(chance: Chance, deliveredMs: number): number {
  const delay = chance.is(1 / 12) ? 2 * S + chance.around(9 * S, 2) : chance.around(2 * HOUR, 5);
  return deliveredMs + Math.max(delay, 3 * S);
}

/** The links that are clicked, the first ones most. */
function someLinks(chance: Chance, links: readonly number[], count: number): readonly number[] {
  return Array.from({ length: count }, () => links[Math.floor(chance.number() ** 1.7 * links.length)] ?? 0);
}

/** One click after the other. One in twenty-five is a double or triple click. */
function clicks(chance: Chance, fromMs: number, links: readonly number[], pause: () => number): Load[] {
  let atMs = fromMs;
  return links.flatMap((link) => {
    const times = [atMs];
    while (times.length < 3 && chance.is(0.04)) times.push((times.at(-1) ?? atMs) + chance.between(0.15 * S, 0.7 * S));
    atMs += pause();
    return times.map((each) => load(each, link));
  });
}

/**
 * One in six who open also click: mostly one link, some a few. One in ten who click block images; for one in ten the
 * image loads at the moment of the click. A third come back later.
 */
function reader(chance: Chance, { deliveredMs, links, isApple }: Received): Load[] {
  const opened = readingAt(chance, deliveredMs);
  const isClicker = chance.is(1 / 6);
  const hasImages = !isApple && !(isClicker && chance.is(0.1));
  const sessions = [opened, ...(chance.is(0.33) ? [opened + chance.around(5 * HOUR, 4)] : [])];
  const images = hasImages ? sessions.map((atMs) => load(atMs)) : [];
  if (!isClicker) return images;
  const firstMs = chance.is(0.1) ? opened + chance.between(0, 0.9 * S) : opened + 1.5 * S + chance.around(12 * S, 2.5);
  const some = someLinks(chance, links, chance.oneOf(CLICKS));
  return [...images, ...clicks(chance, firstMs, some, () => 2 * S + chance.around(15 * S, 2.5))];
}

/** The image once, then what `from` clicks some seconds later. */
function withImage(chance: Chance, { deliveredMs, isApple }: Received, from: (atMs: number) => Load[]): Load[] {
  const opened = readingAt(chance, deliveredMs);
  const image = isApple || chance.is(0.1) ? [] : [load(opened)];
  return [...image, ...from(opened + 1 * S + chance.around(8 * S, 2.5))];
}

/** Clicks two to six links, one each one to three seconds, as somebody does who looks for something. */
function rapidReader(chance: Chance, received: Received): Load[] {
  const some = chance.shuffled(received.links).slice(0, chance.whole(2, 6));
  return withImage(chance, received, (atMs) => clicks(chance, atMs, some, () => chance.between(1 * S, 3 * S)));
}

/** Opens five links in tabs within four seconds: at an even pace or by fits and starts. */
function tabOpener(chance: Chance, received: Received): Load[] {
  const some = chance.shuffled(received.links).slice(0, 5);
  const isEven = chance.is(0.5);
  return withImage(chance, received, (atMs) =>
    isEven
      ? clicks(chance, atMs, some, () => chance.between(0.7 * S, 1 * S))
      : clicks(chance, atMs, some, () => 0.35 * S + chance.around(0.5 * S, 1.8)),
  );
}

/** Clicks every link of a mail that has three, two to six seconds each. */
function everyLink(chance: Chance, received: Received): Load[] {
  return withImage(chance, received, (atMs) =>
    clicks(chance, atMs, received.links, () => chance.between(2 * S, 6 * S)),
  );
}

/** Three links of a mail, each one to four seconds after the one before, all within six seconds. */
function threeWithinSix(chance: Chance, firstMs: number, links: readonly number[]): Load[] {
  const lastMs = firstMs + chance.between(3 * S, 6 * S);
  const times = [firstMs, chance.between(firstMs + 1 * S, lastMs - 1 * S), lastMs];
  const some = chance.shuffled(links);
  return times.map((atMs, index) => load(atMs, some[index] ?? 0));
}

const threeLinks = (chance: Chance, received: Received) =>
  withImage(chance, received, (atMs) => threeWithinSix(chance, atMs, received.links));

/**
 * Waits for a mail, opens it and clicks its link, four seconds after delivery at the earliest. Where there are others,
 * one in seven clicks the logo as well, one to five seconds later, and one in ten of those with three all three within
 * six seconds.
 */
function waiting(chance: Chance, { deliveredMs, links, isApple }: Received): Load[] {
  const clicked = deliveredMs + 4 * S + chance.around(5 * S, 2);
  const image = isApple ? [] : [load(clicked - chance.between(0, 3 * S))];
  if (links.length === 3 && chance.is(0.1)) return [...image, ...threeWithinSix(chance, clicked, links)];
  const logo = links.length > 1 && chance.is(1 / 7) ? [load(clicked + chance.between(1 * S, 5 * S), 1)] : [];
  return [...image, ...clicks(chance, clicked, [links[0] ?? 0], () => 0), ...logo];
}

/**
 * A mail program that loads the images in advance, half a minute to ten minutes after delivery, and not again when the
 * mail is read: the only open that there is.
 */
function prefetched(chance: Chance, { deliveredMs, links }: Received): Load[] {
  const loaded = load(deliveredMs + chance.between(30 * S, 10 * MINUTE));
  const readMs = loaded.atMs + chance.around(2 * HOUR, 3);
  return [loaded, ...(chance.is(1 / 6) ? clicks(chance, readMs, someLinks(chance, links, 1), () => 0) : [])];
}

/**
 * A power user: keeps the mail for days, reads it, and then opens five to twelve links in tabs, at their own pace: one
 * each 0.7 seconds at the fastest, one each 2.5 seconds at the slowest.
 */
function manyTabs(chance: Chance, received: Received): Load[] {
  const later = { ...received, deliveredMs: received.deliveredMs + chance.around(2 * DAY, 2) };
  const pace = chance.between(0.7 * S, 2.5 * S);
  const some = chance.shuffled(received.links).slice(0, chance.whole(5, Math.min(12, received.links.length)));
  return withImage(chance, later, (atMs) =>
    clicks(chance, atMs, some, () => Math.max(0.25 * S, chance.around(pace, 1.4))),
  );
}

/** Opens a mail soon after delivery, half of the time within a minute of it, and `from` clicks 0.3 to 3 s later. */
function withNewMail(chance: Chance, { deliveredMs, isApple }: Received, from: (atMs: number) => Load[]): Load[] {
  const opened = deliveredMs + 3 * S + chance.around(45 * S, 2.5);
  const image = isApple || chance.is(0.1) ? [] : [load(opened)];
  return [...image, ...from(opened + chance.between(0.3 * S, 3 * S))];
}

/** Opens two to four links of a new mail in tabs, one each 0.3 to 1 s. */
function quickWithNewMail(chance: Chance, received: Received): Load[] {
  const some = chance.shuffled(received.links).slice(0, chance.oneOf(FEW_LINKS));
  return withNewMail(chance, received, (atMs) => clicks(chance, atMs, some, () => chance.between(0.3 * S, 1 * S)));
}

/** Goes through three or four links of a new mail, one each 1 to 12 s. */
function goesThroughNewMail(chance: Chance, received: Received): Load[] {
  const some = chance.shuffled(received.links).slice(0, chance.whole(3, 4));
  return withNewMail(chance, received, (atMs) => clicks(chance, atMs, some, () => chance.between(1 * S, 12 * S)));
}

/** A kind of people, and how many links a mail has that they do so with. */
const PEOPLE: readonly {
  readonly kind: string;
  readonly visits: (chance: Chance, received: Received) => Load[];
  readonly share: (links: number) => number;
}[] = [
  { kind: "waits for it", visits: waiting, share: (links) => [0, 0.5, 0.1, 0.1][links] ?? 0 },
  { kind: "opens many tabs", visits: manyTabs, share: (links) => (links >= 5 ? 0.003 : 0) },
  { kind: "opens five tabs", visits: tabOpener, share: (links) => (links >= 5 ? 0.004 : 0) },
  { kind: "clicks quickly", visits: rapidReader, share: (links) => (links >= 2 ? 0.006 : 0) },
  { kind: "clicks every link", visits: everyLink, share: (links) => (links === 3 ? 0.02 : 0) },
  { kind: "clicks three links", visits: threeLinks, share: (links) => (links >= 3 ? 0.006 : 0) },
  { kind: "is quick with a new mail", visits: quickWithNewMail, share: (links) => (links >= 2 ? 0.006 : 0) },
  { kind: "goes through a new mail", visits: goesThroughNewMail, share: (links) => (links >= 3 ? 0.006 : 0) },
  { kind: "has images prefetched", visits: prefetched, share: () => 0.02 },
];

export function peopleVisits(chance: Chance, received: Received): Visit[] {
  const some = PEOPLE.find(({ share }) => chance.is(share(received.links.length)));
  return ofKind(`person: ${some?.kind ?? "reads"}`, (some?.visits ?? reader)(chance, received));
}

/** A person who has the mail in front of them while it is sent again, and clicks one to five of its links. */
export function oldMailVisits(chance: Chance, againMs: number, { links, isApple }: Received): Visit[] {
  const firstMs = againMs + chance.between(-30 * S, 60 * S);
  const image = isApple ? [] : [load(firstMs - chance.around(4 * S, 2))];
  const some = chance.shuffled(links).slice(0, chance.oneOf(CLICKS));
  const all = [...image, ...clicks(chance, firstMs, some, () => 1 * S + chance.around(4 * S, 2.5))];
  return ofKind("person: reads the old mail", all);
}
