/**
 * The rules by which a run of clicks is a scanner's.
 *
 * The numbers were set by simulation (test/reports/visits.ts), so that double clicks, an open with a click at once,
 * three links within six seconds, a confirmation four seconds after delivery and five tabs in ten seconds days later
 * count as a person's.
 */

/** So many different links in so short a time. */
export interface NumberSign {
  readonly links: number;
  readonly withinMs: number;
  /** How long after the message was sent or delivered the first of them comes at the latest; infinity: whenever. */
  readonly afterDeliverySeconds: number;
}

/** So many clicks in turn, each on another link than the one before, with such pauses; others may lie in between. */
export interface PaceSign {
  readonly links: number;
  readonly leastPauseMs: number;
  readonly mostPauseMs: number;
  readonly afterDeliverySeconds: number;
}

/** What makes a run of clicks a scanner's: any of the signs. */
export interface ScanRule {
  /** Clicks with pauses no longer than this belong to one run. */
  readonly pauseMs: number;
  readonly numbers: readonly NumberSign[];
  readonly paces: readonly PaceSign[];
  /** An open so short before one of the run's clicks is the scanner's: images load before links. */
  readonly openBeforeMs: number;
  /** Whether the scanner may have rendered the message long before. */
  readonly rendersFirst: boolean;
}

export const WHENEVER = Number.POSITIVE_INFINITY;

/** Just after delivery few people open a message, and hardly anybody clicks on several links. */
const AT_ONCE_ON_DELIVERY: ScanRule = {
  pauseMs: 3_000,
  numbers: [
    { links: 4, withinMs: Number.POSITIVE_INFINITY, afterDeliverySeconds: 60 },
    { links: 3, withinMs: 3_000, afterDeliverySeconds: 60 },
    { links: 2, withinMs: 2_000, afterDeliverySeconds: 12 },
    { links: 2, withinMs: 1_500, afterDeliverySeconds: 120 },
  ],
  paces: [],
  openBeforeMs: 3_000,
  rendersFirst: true,
};

/** In turn through a queue. What a quick scanner fetched in one second is one step of it: a person may come next. */
const SLOWLY_ON_DELIVERY: ScanRule = {
  pauseMs: 12_000,
  numbers: [],
  paces: [{ links: 4, leastPauseMs: 1_000, mostPauseMs: 12_000, afterDeliverySeconds: 60 }],
  openBeforeMs: 3_000,
  rendersFirst: false,
};

/** Pauses of which none is a fifth longer than another, finely enough for any such pace. */
const EVEN_SPREAD = 1.2;
const EVEN_STEP = 1.05;
const LONGEST_EVEN_PAUSE_MS = 900;
const EVEN_PAUSES_MS = Array.from({ length: 31 }, (_, index) => 200 * EVEN_STEP ** index);

/**
 * A pace that hands do not keep up. The message's person may be there at the same time, because scanners fetch its
 * links again when it is read: only what belongs to the scanner's moment is marked.
 */
const FASTER_THAN_HANDS: ScanRule = {
  pauseMs: 1_500,
  numbers: [
    { links: 4, withinMs: 1_500, afterDeliverySeconds: WHENEVER },
    { links: 5, withinMs: 2_200, afterDeliverySeconds: WHENEVER },
    { links: 6, withinMs: 3_000, afterDeliverySeconds: WHENEVER },
    { links: 8, withinMs: 4_800, afterDeliverySeconds: WHENEVER },
    { links: 10, withinMs: 6_800, afterDeliverySeconds: WHENEVER },
  ],
  paces: EVEN_PAUSES_MS.map((leastPauseMs) => ({
    links: 5,
    leastPauseMs,
    mostPauseMs: Math.min(leastPauseMs * EVEN_SPREAD, LONGEST_EVEN_PAUSE_MS),
    afterDeliverySeconds: WHENEVER,
  })),
  openBeforeMs: 1_000,
  rendersFirst: false,
};

export const SCAN_RULES = [AT_ONCE_ON_DELIVERY, SLOWLY_ON_DELIVERY, FASTER_THAN_HANDS] as const;
