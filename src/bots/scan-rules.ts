/**
 * The rules by which a run of clicks is a scanner's. In doubt it is a person's: double clicks, three links within six
 * seconds, or tab after tab days later. docs/design/bots.md has what each number costs.
 */

/** So many different links or more, one after the other in so short a time on average. */
export interface NumberSign {
  readonly links: number;
  readonly msPerLink: number;
  /** How long after the message was sent or delivered the first of them comes at the latest; infinity: whenever. */
  readonly afterDeliverySeconds: number;
}

/** So many clicks in turn, each on another link than the one before, with such pauses; others may lie in between. */
export interface RhythmSign {
  readonly links: number;
  readonly leastPauseMs: number;
  readonly mostPauseMs: number;
  /** The longest pause divided by the shortest one, at most; infinity: any pauses. */
  readonly spread: number;
  readonly afterDeliverySeconds: number;
}

/** What makes a run of clicks a scanner's: any of the signs. */
export interface ScanRule {
  /** Clicks with pauses no longer than this belong to one run. */
  readonly pauseMs: number;
  readonly numbers: readonly NumberSign[];
  readonly rhythm?: RhythmSign;
  /** What is marked: the whole run, or the clicks in the rhythm. */
  readonly takes: "run" | "row";
  /** An open so short before one of these clicks is the scanner's: images load before links. */
  readonly openBeforeMs: number;
  /** Whether the scanner may have rendered the message long before. */
  readonly rendersFirst: boolean;
}

export const WHENEVER = Number.POSITIVE_INFINITY;
const ANY_PAUSES = Number.POSITIVE_INFINITY;

/**
 * Nobody has a message open and clicks two of its links within three seconds of its delivery, or three of them faster
 * than hands within ten. Later two or three links are somebody's who opens tabs; five are more than most people click
 * so soon, and sandboxes fetch them faster.
 */
const AT_ONCE_ON_DELIVERY: ScanRule = {
  pauseMs: 2_000,
  numbers: [
    { links: 2, msPerLink: 1_000, afterDeliverySeconds: 3 },
    { links: 3, msPerLink: 400, afterDeliverySeconds: 10 },
    { links: 4, msPerLink: 450, afterDeliverySeconds: 600 },
    { links: 5, msPerLink: 1_000, afterDeliverySeconds: 120 },
    { links: 5, msPerLink: 700, afterDeliverySeconds: 600 },
  ],
  takes: "run",
  openBeforeMs: 3_000,
  rendersFirst: true,
};

/** In turn through a queue. What a quick scanner fetched in one second is one step of it: a person may come next. */
const SLOWLY_ON_DELIVERY: ScanRule = {
  pauseMs: 12_000,
  numbers: [],
  rhythm: { links: 6, leastPauseMs: 1_000, mostPauseMs: 12_000, spread: ANY_PAUSES, afterDeliverySeconds: 45 },
  takes: "run",
  openBeforeMs: 3_000,
  rendersFirst: false,
};

/**
 * Tabs are opened at half a second each at the fastest. The message's person may be there at the same time, because
 * scanners fetch its links again when it is read: only what belongs to the scanner's moment is marked.
 */
const FASTER_THAN_HANDS: ScanRule = {
  pauseMs: 700,
  numbers: [{ links: 4, msPerLink: 450, afterDeliverySeconds: WHENEVER }],
  takes: "run",
  openBeforeMs: 1_000,
  rendersFirst: false,
};

/** A rhythm that is too even for hands: six links is one more than people open in tabs. */
const EVENLY: ScanRule = {
  pauseMs: 12_000,
  numbers: [],
  rhythm: { links: 6, leastPauseMs: 200, mostPauseMs: 12_000, spread: 1.2, afterDeliverySeconds: WHENEVER },
  takes: "row",
  openBeforeMs: 1_000,
  rendersFirst: false,
};

/** A crawler's delay, soon after delivery: fewer links and a wider spread are enough beside that. */
const EVENLY_ON_DELIVERY: ScanRule = {
  pauseMs: 12_000,
  numbers: [],
  rhythm: { links: 5, leastPauseMs: 1_000, mostPauseMs: 12_000, spread: 1.3, afterDeliverySeconds: 600 },
  takes: "row",
  openBeforeMs: 1_000,
  rendersFirst: false,
};

export const SCAN_RULES = [
  AT_ONCE_ON_DELIVERY,
  SLOWLY_ON_DELIVERY,
  FASTER_THAN_HANDS,
  EVENLY,
  EVENLY_ON_DELIVERY,
] as const;
