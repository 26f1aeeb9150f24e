/**
 * Blocks of "Name: value" lines, as delivery reports (RFC 3464 §2.1), abuse reports (RFC 5965 §3) and the headers of a mail
 * (RFC 5322 §2.2) are made of. Whatever is no such line is passed over.
 */

/** By name in lower case, each with its values in order, unfolded. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** Of a line, in UTF-16 units: no server needs more, and every pattern that reads it stays cheap. */
export const LINE_READ = 4_000;

const FIELD = /^([\w-]{1,80})[ \t]*:[ \t]*(.*)$/;

/** The blocks of `text`, which empty lines separate, at most `limit`; those without a field are left out. */
export function blocksOf(text: string, limit: number): readonly Fields[] {
  const blocks: Fields[] = [];
  for (const block of text.split(/\r?\n[ \t]*\r?\n/)) {
    if (blocks.length === limit) break;
    const fields = fieldsOf(block);
    if (fields.size > 0) blocks.push(fields);
  }
  return blocks;
}

/** The fields of one block. */
export function fieldsOf(block: string): Fields {
  const fields = new Map<string, string[]>();
  for (const line of unaggregated(block)) {
    const [, name, value] = FIELD.exec(line.slice(0, LINE_READ)) ?? [];
    if (name === undefined || value === undefined) continue;
    const values = fields.get(name.toLowerCase());
    if (values === undefined) fields.set(name.toLowerCase(), [value.trim()]);
    else values.push(value.trim());
  }
  return fields;
}

/** A line that begins with white space goes on with the one before (RFC 5322 §2.2.3). */
function unaggregated(block: string): readonly string[] {
  const lines: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const last = lines.length - 1;
    const before = lines[last];
    if (before === undefined || !/^[ \t]/.test(line)) lines.push(line);
    else if (before.length < LINE_READ) lines[last] = `${before} ${line.trim()}`;
  }
  return lines;
}
