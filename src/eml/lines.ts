/** Bytes, split into lines. Guarantees that the lines concatenate to the same bytes. */

/** Each with its line end; the last one may have none. */
export function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const lineFeed = bytes.indexOf(0x0a, start);
    const next = lineFeed < 0 ? bytes.length : lineFeed + 1;
    lines.push(bytes.subarray(start, next));
    start = next;
  }
  return lines;
}
