/**
 * The range of a file that a request names (RFC 9110 §14). R2 reads the header, too (`get(key, { range: headers })`),
 * but answers a range behind the end with the whole file in development and with an error in production, and a range
 * that is the whole file like no range: it distinguishes neither 416 nor 206.
 */
import { ok, type Result, refused } from "../platform/result.ts";

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Spaces belong to the digit before them, if there is one: each can match in one way only, so time is linear. */
const ONE_RANGE = /^bytes\s*=\s*(\d+\s*)?-\s*(\d+\s*)?$/i;

/**
 * @param size the file's size in bytes
 * @returns `whole_file` when there is no `Range`, it is malformed, or names several ranges (§14.2 allows to ignore it);
 * `unsatisfiable` when the file has none of the bytes
 */
export function byteRange(header: string | null, size: number): Result<ByteRange, "whole_file" | "unsatisfiable"> {
  const [, first, last] = ONE_RANGE.exec(header ?? "") ?? [];
  if (first === undefined) {
    if (last === undefined) return refused("whole_file");
    const length = Math.min(Number(last), size);
    return length === 0 ? refused("unsatisfiable") : ok({ offset: size - length, length });
  }
  const offset = Number(first);
  const end = last === undefined ? Number.POSITIVE_INFINITY : Number(last) + 1;
  if (end <= offset) return refused("whole_file");
  return offset >= size ? refused("unsatisfiable") : ok({ offset, length: Math.min(end, size) - offset });
}
