/**
 * Fields, "Name: value" lines: of delivery reports, which have groups of them, per-message and per-recipient fields
 * (RFC 3464 §2.1), of abuse reports (RFC 5965 §3), and the headers of a mail (RFC 5322 §2.2). Other lines are skipped.
 */

/** Values by name in lower case, in order, unfolded. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** The longest line that is read, in UTF-16 units: no server needs more, and patterns stay cheap. */
const MAX_LINE_CHARS = 4_000;

const FIELD = /^([\w-]{1,80})[ \t]*:[ \t]*(.*)$/;

/** The first `limit` groups of fields in `text`, which empty lines separate. */
export function fieldGroupsOf(text: string, limit: number): readonly Fields[] {
  const groups: Fields[] = [];
  for (const group of text.split(/\r?\n[ \t]*\r?\n/)) {
    if (groups.length === limit) break;
    const fields = fieldsOf(group);
    if (fields.size > 0) groups.push(fields);
  }
  return groups;
}

/** The fields of one group. */
export function fieldsOf(group: string): Fields {
  const fields = new Map<string, string[]>();
  for (const line of unfolded(group)) {
    const [, name, value] = FIELD.exec(line.slice(0, MAX_LINE_CHARS)) ?? [];
    if (name === undefined || value === undefined) continue;
    const values = fields.get(name.toLowerCase());
    if (values === undefined) fields.set(name.toLowerCase(), [value.trim()]);
    else values.push(value.trim());
  }
  return fields;
}

/** A line that begins with white space continues the one before it (RFC 5322 §2.2.3). */
function unfolded(group: string): readonly string[] {
  const lines: string[] = [];
  for (const line of group.split(/\r?\n/)) {
    const last = lines.length - 1;
    const before = lines[last];
    if (before === undefined || !/^[ \t]/.test(line)) lines.push(line);
    else if (before.length < MAX_LINE_CHARS) lines[last] = `${before} ${line.trim()}`;
  }
  return lines;
}
