/** The names of segments' objects; pure, for the command, too. */

/** What a name says. */
export interface NamedSegment {
  /** The UTC day on which its events were recorded, as YYYY-MM-DD. */
  readonly day: string;
  /** The seqs of its first and last event when it was written first. */
  readonly first: number;
  readonly last: number;
  readonly version: number;
}

/** What all names begin with. */
export const PREFIX = "log/v1/";
const KEY = /^log\/v1\/day=(?<day>\d{4}-\d\d-\d\d)\/(?<first>\d+)-(?<last>\d+)\.v(?<version>\d+)\.parquet$/u;

/** The name of a segment's object. */
export function segmentKey(segment: NamedSegment): string {
  return `${keysOfVersions(segment)}${segment.version}.parquet`;
}

/** What the names of all versions of a segment begin with. */
export function keysOfVersions({ day, first, last }: Omit<NamedSegment, "version">): string {
  return `${PREFIX}day=${day}/${first}-${last}.v`;
}

/** What the name of an object says; undefined when it is no segment's. */
export function parsedKey(key: string): NamedSegment | undefined {
  const { day = "", first, last, version } = KEY.exec(key)?.groups ?? {};
  if (first === undefined) return undefined;
  return { day, first: Number(first), last: Number(last), version: Number(version) };
}
