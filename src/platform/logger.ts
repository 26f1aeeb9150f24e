/**
 * The Worker's own log: one JSON object a line. Guarantees that no line holds an address, a token or what an error
 * quotes, whatever callers pass: every text is redacted. Persons' ids and UUIDs stay, because operators need them to
 * find what went wrong.
 */

/** The fields of a line beside its message. `error` may be any thrown value. */
export interface LogFields {
  readonly [field: string]: unknown;
}

export const logger = {
  info(message: string, fields: LogFields = {}): void {
    console.log(line(message, fields));
  },
  warn(message: string, fields: LogFields = {}): void {
    console.warn(line(message, fields));
  },
  error(message: string, fields: LogFields = {}): void {
    console.error(line(message, fields));
  },
};

/** A text that is logged unredacted. Only for text made for logs: rows without user agent and destination. */
export class Unredacted {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function line(message: string, fields: LogFields): string {
  const redacted = Object.entries(fields).map(([name, value]) => [name, redactedField(name, value)]);
  return JSON.stringify({ ...Object.fromEntries(redacted), message: redactedText(message) });
}

function redactedField(name: string, value: unknown): unknown {
  if (value instanceof Unredacted) return value.text;
  if (name === "error" || value instanceof Error) return errorText(value);
  if (typeof value === "string") return redactedText(value);
  if (Array.isArray(value)) return value.map((each) => redactedField("", each));
  return typeof value === "object" && value !== null ? errorText(value) : value;
}

/** From the first quotation mark to the last: `JSON.parse` quotes its input between them. */
const QUOTED = /".*"/s;
/** A pattern of addresses would try each word of a text without "@" from each of its characters. */
const WORD = /[^\s<>()[\]:;,]+/g;
/** Tokens are longer than 32 characters. */
const TOKEN = /[\w-]{32,}/g;
/** Ids that are no secrets: UUIDs (a retry's with its slot behind it), and the 32 digits of queue messages. */
const ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-\d+)?|[0-9a-f]{32})$/;
const MAX_TEXT_CHARS = 300;

/** An error's text without quoted text, addresses and tokens, at most 300 characters. */
export function errorText(error: unknown): string {
  return shortened(withoutAddresses(String(error).replace(QUOTED, '"…"')).replace(TOKEN, "…"));
}

function redactedText(text: string): string {
  return shortened(withoutAddresses(text).replace(TOKEN, (run) => (ID.test(run) ? run : "…")));
}

function withoutAddresses(text: string): string {
  return text.replace(WORD, (word) => (word.slice(1, -1).includes("@") ? "…@…" : word));
}

function shortened(text: string): string {
  return text.slice(0, MAX_TEXT_CHARS).toWellFormed();
}
