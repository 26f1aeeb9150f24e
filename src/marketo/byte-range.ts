/** The part of a file that a request asks for (RFC 9110 §14). */

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const ONE_RANGE = /^bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i;

/**
 * What `Range` asks for of a file of `size` bytes. Undefined: the whole file, as for a header that is none or asks for several parts
 * (§14.2 lets a server ignore it).
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
