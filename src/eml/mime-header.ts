/**
 * Edits the header of a message or of one of its parts. Guarantees that fields that are not named keep their bytes,
 * folding and line ends.
 */

/** One field with its continuation lines (RFC 5322 §2.2.3), or the empty line at the end. */
const FIELDS = /(?!$)[^\n]*(?:\n(?:[ \t][^\n]*(?:\n|$))*|$)/g;

export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

export interface HeaderEdit {
  /** Placed at the top, in this order; they replace all fields of the same name. */
  readonly set: readonly HeaderField[];
  /** The names of fields to leave out, in lower case. */
  readonly removed: readonly string[];
  readonly lineEnd: "\r\n" | "\n";
}

export function editHeader(header: Buffer, { set, removed, lineEnd }: HeaderEdit): Buffer {
  const names = new Set([...removed, ...set.map(({ name }) => name.toLowerCase())]);
  const fields = fieldsOf(header);
  const kept = fields.filter((field) => !names.has(nameOf(field)));
  const mbox = kept[0]?.startsWith("From ") ? kept.splice(0, 1) : [];
  const added = set.map(({ name, value }) => `${name}: ${value}${lineEnd}`);
  return Buffer.from([...mbox, ...added, ...kept].join(""), "latin1");
}

/** The names of its fields, in lower case. */
export function fieldNamesIn(header: Buffer): ReadonlySet<string> {
  return new Set(fieldsOf(header).map(nameOf));
}

function fieldsOf(header: Buffer): string[] {
  return header.toString("latin1").match(FIELDS) ?? [];
}

function nameOf(field: string): string {
  return field
    .slice(0, Math.max(0, field.indexOf(":")))
    .trim()
    .toLowerCase();
}
