/**
 * Blocks of "Name: value" lines: delivery reports (RFC 3464 §2.1), abuse reports (RFC 5965 §3) and the headers of a
 * mail (RFC 5322 §2.2). Other lines are skipped.
 */

/** Values by name in lower case, in order, unfolded. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** The longest line that is read, in UTF-16 units: no server needs more, and patterns stay cheap. */
const MAX_LINE_CHARS = 4_000;

const FIELD = /^([\w-]{1,80})[ \t]*:[ \t]*(.*)$/;

/** The first `limit` blocks of `text`, separated by empty lines, without those that have no field. */
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
  for (const line of unfolded(block)) {
    const [, name, value] = FIELD.exec(line.slice(0, MAX_LINE_CHARS)) ?? [];
    if (name === undefined || value === undefined) continue;
    const values = fields.get(name.toLowerCase());
    if (values === undefined) fields.set(name.toLowerCase(), [value.trim()]);
    else values.push(value.trim());
  }
  return fields;
}

/** A line that begins with white space continues the one before it (RFC 5322 §2.2.3). */
function unfolded(block: string): readonly string[] {
  const lines: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const last = lines.length - 1;
    const before = lines[last];
    if (before === undefined || !/^[ \t]/.test(line)) lines.push(line);
    else if (before.length < MAX_LINE_CHARS) lines[last] = `${before} ${line.trim()}`;
  }
  return lines;
}
