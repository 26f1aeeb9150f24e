/**
 * How the bodies of webhooks read: most are JSON, older ones are forms. Guarantees that a form costs no more than its
 * size: of one with too many fields none is read.
 */
import { Buffer } from "node:buffer";
import { ok, type Result, refused } from "../../platform/result.ts";
import { parseUtf8Json } from "../../platform/utf8-json.ts";

export interface WebhookBody {
  readonly headers: Headers;
  /** The bytes that were signed. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Why a body cannot be read. */
export type BodyFault = "not_json" | "not_a_form";

export type BodyReading<Value = unknown> = (webhook: WebhookBody) => Promise<Result<Value, BodyFault>>;

export const jsonBody: BodyReading = async ({ body }) => {
  const json = nestsDeeperThan(MAX_DEPTH, body) ? undefined : parseUtf8Json(body);
  return json?.ok === true ? json : refused("not_json");
};

/** Deeper than any provider nests. Strangers' bodies are parsed, and "[" takes thirty times as long as events do. */
const MAX_DEPTH = 64;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];

/** Whether JSON has more than so many lists and objects around something. */
function nestsDeeperThan(most: number, json: Uint8Array): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < json.length && depth <= most; at++) {
    const byte = json[at];
    if (byte === QUOTE) isInText = !isInText;
    else if (isInText) at += byte === BACKSLASH ? 1 : 0;
    // "[" and "{", "]" and "}".
    else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return depth > most;
}

/** JSON, or JSON Lines → the list of what the lines hold; undefined for a line that is not JSON. */
export const jsonOrLinesBody: BodyReading = async (webhook) => {
  const json = await jsonBody(webhook);
  if (json.ok) return json;
  const lines = linesOf(webhook.body).map(jsonOfLine);
  return lines.some((line) => line !== undefined) ? ok(lines) : json;
};

/** Those that are not blank; none when the body is not UTF-8. */
function linesOf(body: Uint8Array): readonly string[] {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
    return text.split("\n").filter((line) => line.trim() !== "");
  } catch {
    return [];
  }
}

function jsonOfLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The values of each field, by its name, in their order; files are left out. */
export type BodyFields = Readonly<Record<string, readonly string[]>>;

const URLENCODED = "application/x-www-form-urlencoded";
const MULTIPART = "multipart/form-data";
/** A provider's form has some twenty fields, and the sender's own. */
const MAX_FIELDS = 200;

/** A body of `multipart/form-data` or `application/x-www-form-urlencoded` → `BodyFields`. */
export const formBody: BodyReading<BodyFields> = async ({ headers, body }) => {
  const type = headers.get("Content-Type") ?? "";
  const separator = separatorIn(type);
  if (separator === undefined || !hasAtMost(MAX_FIELDS, separator, body)) return refused("not_a_form");
  try {
    const form = await new Response(body, { headers: { "Content-Type": type } }).formData();
    return ok(fieldsOf(form));
  } catch {
    // Thrown for a body that is not of its type.
    return refused("not_a_form");
  }
};

/** JSON, or what `fromForm` makes of a form. */
export function jsonOrFormBody(fromForm: (fields: BodyFields) => unknown): BodyReading {
  return async (webhook) => {
    if (!isFormType(webhook.headers.get("Content-Type") ?? "")) return await jsonBody(webhook);
    const form = await formBody(webhook);
    return form.ok ? ok(fromForm(form.value)) : form;
  };
}

function isFormType(type: string): boolean {
  return [URLENCODED, MULTIPART].includes(nameIn(type));
}

function nameIn(type: string): string {
  const [name = ""] = type.split(";", 1);
  return name.trim().toLowerCase();
}

/** What parts the fields of a form of this media type; undefined when it is no form's. */
function separatorIn(type: string): string | undefined {
  if (nameIn(type) === URLENCODED) return "&";
  return nameIn(type) === MULTIPART ? /;\s*boundary="?([^";\s]{1,70})/i.exec(type)?.[1] : undefined;
}

function hasAtMost(count: number, separator: string, body: Uint8Array<ArrayBuffer>): boolean {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  let at = -1;
  for (let found = 0; found <= count; found++) {
    at = bytes.indexOf(separator, at + 1);
    if (at === -1) return true;
  }
  return false;
}

function fieldsOf(form: FormData): BodyFields {
  const fields = new Map<string, string[]>();
  for (const [name, value] of form) {
    if (typeof value !== "string") continue;
    const values = fields.get(name) ?? [];
    values.push(value);
    fields.set(name, values);
  }
  return Object.fromEntries(fields);
}
