/** Which objects D1, restored to an earlier time, may note instead of one that was replaced and deleted since. */
import { withDeadline } from "../platform/timeout.ts";
import { R2_DEADLINE_MS } from "./verified.ts";

interface Version {
  readonly version: number;
  readonly token: string;
}

/**
 * The objects of a file with a later version than the noted one, and the noted one itself, if it is there. The latest
 * version comes first, and of one version the object that was written last: what an erasure has taken out of a file may
 * be in an object that somebody wrote before it, and died.
 * @param prefix of the names of all versions
 * @param parsed reads a name; undefined: it is of something else
 * @throws R2's error
 */
export async function successorsOf<Named extends Version>(
  bucket: R2Bucket,
  prefix: string,
  parsed: (key: string) => Named | undefined,
  noted: Version,
): Promise<readonly Named[]> {
  const { objects } = await withDeadline(bucket.list({ prefix }), R2_DEADLINE_MS, "R2");
  return objects
    .toSorted((one, other) => other.uploaded.getTime() - one.uploaded.getTime())
    .flatMap(({ key }) => parsed(key) ?? [])
    .filter(({ version, token }) => version > noted.version || token === noted.token)
    .toSorted((one, other) => other.version - one.version);
}
