/**
 * Which opens of a message are recorded: the first; a person's first after a bot's; a person's next, if late enough.
 */

/** A load of the pixel, which may be recorded as the message's open. */
export interface GateLoad {
  /** ms since 1970 UTC. */
  readonly atMs: number;
  /** Whether a bot loaded the pixel. */
  readonly isBot: boolean;
}

/** The load that a message's gate has stored as recorded. */
export interface RecordedOpen extends GateLoad {
  /** Whether a person's later load was recorded, too. */
  readonly again?: boolean;
}

/** How long after a person's open another one is kept as a candidate. Most bursts of bots are over by then. */
export const CANDIDATE_AFTER_MS = 10_000;

/** From when on a person's open is recorded; ms since 1970 UTC, infinity for never. */
export function recordableFrom(recorded: RecordedOpen | undefined): number {
  if (recorded === undefined || recorded.isBot) return 0;
  return recorded.again === true ? Number.POSITIVE_INFINITY : recorded.atMs + CANDIDATE_AFTER_MS;
}

export function shouldRecord({ atMs, isBot }: GateLoad, recorded: RecordedOpen | undefined): boolean {
  return isBot ? recorded === undefined : atMs >= recordableFrom(recorded);
}
