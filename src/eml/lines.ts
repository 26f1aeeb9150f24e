/** Lines of bytes. Guarantees that they add up to the bytes they came from. */

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
