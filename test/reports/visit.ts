/** What one visitor does with a message: loads its image or clicks a link. */

/** Durations in ms. */
export const S = 1_000;
export const MINUTE = 60 * S;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Visit {
  readonly atMs: number;
  /** The number of the link that is clicked; undefined: an open. */
  readonly link: number | undefined;
  readonly by: "person" | "bot";
  /** What of it the edge sees by itself. Scanners come with browsers' user agents, from networks that nobody lists. */
  readonly seen: "nothing" | "HEAD" | "Apple";
  /** Whose it is: "scanner that renders", "person who opens tabs". */
  readonly kind: string;
}

/** Before its kind is known. */
export type Load = Omit<Visit, "kind">;

export function ofKind(kind: string, loads: readonly Load[]): Visit[] {
  return loads.map((load) => ({ ...load, kind }));
}
