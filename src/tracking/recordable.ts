/** Which opens of a message are news to its log. */

/** An open that wants to be recorded, or was. */
export interface OpenMark {
  /** ms since 1970 UTC. */
  readonly atMs: number;
  /** Whether what opened it was a machine. */
  readonly isBot: boolean;
}

export interface Recorded extends OpenMark {
  /** Whether a person's later open was recorded, too. */
  readonly again?: boolean;
}

/** Most bursts are over by then. */
export const STANDS_BY_AFTER_MS = 10_000;

/** From when on a person's open is news to the log; ms since 1970 UTC. */
export function recordableFrom(recorded: Recorded | undefined): number {
  if (recorded === undefined || recorded.isBot) return 0;
  return recorded.again === true ? Number.POSITIVE_INFINITY : recorded.atMs + STANDS_BY_AFTER_MS;
}

export function shouldRecord({ atMs, isBot }: OpenMark, recorded: Recorded | undefined): boolean {
  return isBot ? recorded === undefined : atMs >= recordableFrom(recorded);
}
