/**
 * Scanners of a simulated mailing, by what is published of them and what senders see; where no figure is known, it is a
 * guess. All send a browser's user agent, from networks that nobody lists.
 */
import type { Chance } from "./chance.ts";
import { DAY, type Load, MINUTE, ofKind, S, type Visit } from "./visit.ts";

/** What a scanner does with a message that has such links, and is delivered at a time and read at another, if ever. */
type Scanner = (chance: Chance, deliveredMs: number, links: readonly number[], readMs: number | undefined) => Load[];

const open = (atMs: number): Load => ({ atMs, link: undefined, by: "bot", seen: "nothing" });
const fetched = (atMs: number, link: number, seen: Visit["seen"] = "nothing"): Load => ({
  atMs,
  link,
  by: "bot",
  seen,
});

/** One after the other, beginning at a time, with pauses as long as `pause` says. */
function inTurn(fromMs: number, links: readonly number[], pause: () => number, seen?: Visit["seen"]): Load[] {
  let atMs = fromMs;
  return links.map((link) => {
    const load = fetched(atMs, link, seen);
    atMs += pause();
    return load;
  });
}

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

/** A crawler with a delay of one to ten seconds, which varies little; it begins up to ten minutes later. */
const regular: Scanner = (chance, deliveredMs, links) => {
  const delay = chance.between(1 * S, 10 * S);
  const start = deliveredMs + chance.between(1 * S, chance.is(0.5) ? 30 * S : 10 * MINUTE);
  const jitter = chance.between(0.01, 0.15);
  return inTurn(start, links, () => delay * chance.between(1 - jitter, 1 + jitter));
};

/** One link and no more, the first or any; half of them the image as well. */
const oneLink: Scanner = (chance, deliveredMs, links) => {
  const start = deliveredMs + chance.between(0.5 * S, 15 * S);
  const link = links[chance.is(0.6) ? 0 : chance.whole(0, links.length - 1)] ?? 0;
  return [...(chance.is(0.5) ? [open(start)] : []), fetched(start + chance.between(0, 2 * S), link)];
};

/** The image and no more. */
const imageOnly: Scanner = (chance, deliveredMs) => [open(deliveredMs + chance.between(0, 10 * S))];

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

/** A sandbox that gets to the message half a minute to ten minutes after delivery: the image, then all links. */
const sandbox: Scanner = (chance, deliveredMs, links) => {
  const start = deliveredMs + chance.between(30 * S, 10 * MINUTE);
  const image = chance.is(0.6) ? [open(start)] : [];
  return [...image, ...links.map((link) => fetched(start + chance.between(0.1 * S, 3 * S), link))];
};

/** Two or three fetchers of one service, each in its own turn, from different networks: the links again and again. */
const severalTimes: Scanner = (chance, deliveredMs, links) =>
  Array.from({ length: chance.whole(2, 3) }, () => {
    const start = deliveredMs + chance.between(0.5 * S, 5 * MINUTE);
    return inTurn(start, chance.shuffled(links), () => chance.between(0.05 * S, 0.6 * S));
  }).flat();

/** Every link in the order of the mail, also the one that unsubscribes (which logs nothing), as answers come. */
const inOrder: Scanner = (chance, deliveredMs, links) =>
  inTurn(deliveredMs + chance.between(0.5 * S, 60 * S), links, () => 0.1 * S + chance.around(0.5 * S, 1.8));

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

const SCANNERS: readonly (readonly [weight: number, scanner: readonly [kind: string, scan: Scanner]])[] = [
  [24, ["at once", atOnce]],
  [19, ["rendering", rendering]],
  [15, ["HEAD first", headFirst]],
  [6, ["slow", slow]],
  [4, ["regular", regular]],
  [3, ["one link", oneLink]],
  [2, ["image only", imageOnly]],
  [7, ["open first", openFirst]],
  [5, ["on the edge", onTheEdge]],
  [5, ["sandbox", sandbox]],
  [3, ["several times", severalTimes]],
  [4, ["in order", inOrder]],
  [2, ["on reading", onReading]],
  [3, ["at the click only", atClickOnly]],
];

export function scannerVisits(
  chance: Chance,
  deliveredMs: number,
  links: readonly number[],
  readMs: number | undefined,
): Visit[] {
  const [kind, scan] = chance.oneOf(SCANNERS);
  return ofKind(`scanner: ${kind}`, scan(chance, deliveredMs, links, readMs));
}

/** Of what is scanned on delivery and read, so much is scanned again on reading. */
const SCANNED_AGAIN = 0.1;
/** Of what people click behind a scanner, one in four is fetched by it as well, a moment before they get there. */
const FETCHED_AT_CLICK = 0.25;

/** What a scanner does when the message's person is there. */
export function visitsBeside(
  chance: Chance,
  people: readonly Visit[],
  deliveredMs: number,
  links: readonly number[],
): Visit[] {
  if (people.length === 0) return [];
  const readMs = Math.min(...people.map(({ atMs }) => atMs));
  const again = chance.is(SCANNED_AGAIN) ? onReading(chance, deliveredMs, links, readMs) : [];
  const atClick = people.flatMap(({ atMs, link }) =>
    link !== undefined && chance.is(FETCHED_AT_CLICK) ? [fetched(atMs - chance.between(0.2 * S, 3 * S), link)] : [],
  );
  return [...ofKind("scanner: on reading, again", again), ...ofKind("scanner: at the click", atClick)];
}
