/**
 * The range of a file that a request names (RFC 9110 §14). R2 reads the header, too (`get(key, { range: headers })`),
 * but answers a range behind the end with the whole file in development and with an error in production, and a range
 * that is the whole file like no range: it tells neither 416 nor 206.
 */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const ONE_RANGE = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i;

/**
 * @param size the file's size in bytes
 * @returns undefined for the whole file: there is no `Range`, it is malformed, or names several ranges (§14.2 allows
 * to ignore it)
 */
export function byteRange(header: string | null, size: number): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = ONE_RANGE.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { offset: size - length, length };
  }
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return undefined;
  if (offset >= size) return "unsatisfiable";
  return { offset, length: Math.min(last === "" ? size - 1 : Number(last), size - 1) - offset + 1 };
}
