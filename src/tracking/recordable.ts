/**
 * Which of the opens of one id (events/opened-id.ts) are recorded: the first; a person's first after a bot's; and a few
 * of a person's later ones. Guarantees that there is always a time from which on a person's open is recorded, because
 * all those before it may yet turn out to be a scanner's; and that few are: one in the first 80 seconds, three in each
 * window after it, of windows that grow eightfold, so that they are at most 23 within five years.
 */

/** A load of the pixel, which may be recorded as the message's open. */
export interface GateLoad {
  /** ms since 1970 UTC. */
  readonly atMs: number;
  /** Whether a bot loaded the pixel. */
  readonly isBot: boolean;
}

/** What a message's gate has stored of the loads that were recorded. */
export interface RecordedOpens {
  /** The first by a person; while there is none, the first by a bot. */
  readonly first: GateLoad;
  readonly latestAtMs: number;
  /** How many were recorded in the window of the latest. */
  readonly inWindow: number;
}

/** How long after a recorded open the next one is recorded. Most bursts of bots are over by then. */
export const CANDIDATE_AFTER_MS = 10_000;

/** The first window ends so long after the first open, each further one so many times later. */
const FIRST_WINDOW_MS = CANDIDATE_AFTER_MS;
const WINDOW_GROWTH = 8;
/** A scanner that loads the pixel again, twice, when its person reads the message leaves one for the person. */
const MAX_IN_WINDOW = 3;
/** So soon, a message is opened again most often, and one more is enough. */
const SOON_MS = FIRST_WINDOW_MS * WINDOW_GROWTH;

/** From when on a person's open is recorded; ms since 1970 UTC. */
export function recordableFrom(recorded: RecordedOpens | undefined): number {
  if (recorded === undefined || recorded.first.isBot) return 0;
  const { first, latestAtMs, inWindow } = recorded;
  const most = latestAtMs < first.atMs + SOON_MS ? 1 : MAX_IN_WINDOW;
  const afterPauseMs = latestAtMs + CANDIDATE_AFTER_MS;
  return inWindow < most ? afterPauseMs : Math.max(afterPauseMs, windowEnd(recorded));
}

export function shouldRecord({ atMs, isBot }: GateLoad, recorded: RecordedOpens | undefined): boolean {
  return isBot ? recorded === undefined : atMs >= recordableFrom(recorded);
}

/** The recorded opens, and one more. */
export function recordedWith(load: GateLoad, recorded: RecordedOpens | undefined): RecordedOpens {
  if (recorded === undefined || recorded.first.isBot) return { first: load, latestAtMs: load.atMs, inWindow: 1 };
  const isInWindow = load.atMs < windowEnd(recorded);
  return { first: recorded.first, latestAtMs: load.atMs, inWindow: isInWindow ? recorded.inWindow + 1 : 1 };
}

/** When the window of the latest open ends; ms since 1970 UTC. */
function windowEnd({ first, latestAtMs }: RecordedOpens): number {
  let lengthMs = FIRST_WINDOW_MS;
  while (first.atMs + lengthMs <= latestAtMs) lengthMs *= WINDOW_GROWTH;
  return first.atMs + lengthMs;
}
