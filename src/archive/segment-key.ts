/** The names of segments' objects; pure, for the command, too. */

/** What a name says. */
export interface NamedSegment {
  /** The UTC day on which its events were recorded, as YYYY-MM-DD. */
  readonly day: string;
  /** The seqs of its first and last event when it was written first. */
  readonly first: number;
  readonly last: number;
  /** Random, and the same in all versions: D1, restored to an earlier time, gives the seqs to other events again. */
  readonly fileToken: string;
  readonly version: number;
  /** Random, of the version. */
  readonly token: string;
}

/** What all names begin with. */
export const PREFIX = "log/v1/";
const STRETCH = String.raw`day=(?<day>\d{4}-\d\d-\d\d)/(?<first>\d+)-(?<last>\d+)`;
const RANDOM = "[0-9a-f-]+";
const KEY = new RegExp(
  String.raw`^${PREFIX}${STRETCH}\.(?<fileToken>${RANDOM})\.v(?<version>\d+)\.(?<token>${RANDOM})\.parquet$`,
  "u",
);

/** The name of a segment's object. */
export function segmentKey(segment: NamedSegment): string {
  return `${keysOfVersions(segment)}${segment.version}.${segment.token}.parquet`;
}

/** What the names of all versions of a segment begin with. */
export function keysOfVersions({ day, first, last, fileToken }: Omit<NamedSegment, "version" | "token">): string {
  return `${PREFIX}day=${day}/${first}-${last}.${fileToken}.v`;
}

/** What the name of an object says; undefined when it is no segment's. */
export function parsedKey(key: string): NamedSegment | undefined {
  const { day = "", first, last, fileToken = "", version, token = "" } = KEY.exec(key)?.groups ?? {};
  if (first === undefined) return undefined;
  return { day, first: Number(first), last: Number(last), fileToken, version: Number(version), token };
}
