/**
 * Ids in bytes: one byte with the form in its high two bits and (length − 1) in its low six, then that many bytes.
 * Guarantees one spelling for each id: the first form that can hold it, which is also the shortest. Others are
 * rejected.
 */
import { Buffer } from "node:buffer";
import { parseId } from "./id.ts";

/** The longest id in bytes: its head and 64 characters. */
export const MAX_ID_BYTES = 65;

// The forms, in the order in which they are tried.
const INTEGER = 0; // unsigned, big-endian, no leading zero byte, up to 2^53 − 1
const HEXADECIMAL = 1; // lowercase, two digits a byte
// Lowercase hexadecimal in a frame that follows from its length: a UUID in 16 bytes, a pseudonym's 14 digits in 7.
const FRAMED = 2;
const ASCII = 3;

type Form = typeof INTEGER | typeof HEXADECIMAL | typeof FRAMED | typeof ASCII;

const DECIMAL_TEXT = /^(?:0|[1-9][0-9]{0,15})$/;
const HEXADECIMAL_TEXT = /^(?:[0-9a-f]{2})+$/;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const FRAME = /^~anon-|-/g;

/** In front of the 14 digits of an anonymous copy's pseudonym. The sender's own ids hold no "~". */
export const ANONYMOUS_ID = "~anon-";
const ANONYMOUS_TEXT = /^~anon-[0-9a-f]{14}$/;

/** Whether a person is the pseudonym of an anonymous copy, `~anon-` and 14 hexadecimal digits (pseudonym.ts). */
export function isAnonymous(person: string): boolean {
  return ANONYMOUS_TEXT.test(person);
}

function formOf(id: string): Form {
  if (DECIMAL_TEXT.test(id) && Number.isSafeInteger(Number(id))) return INTEGER;
  if (HEXADECIMAL_TEXT.test(id)) return HEXADECIMAL;
  return UUID_TEXT.test(id) || isAnonymous(id) ? FRAMED : ASCII;
}

/** Writes a canonical id at `at` and returns where it ends. `out` must have `MAX_ID_BYTES` left. */
export function writeId(id: string, out: Uint8Array, at: number): number {
  const form = formOf(id);
  const start = at + 1;
  let end = start;
  if (form === INTEGER) {
    let rest = Number(id);
    for (let bound = 256; rest >= bound; bound *= 256) end++;
    for (let i = end; i >= start; i--) {
      out[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    end++;
  } else {
    const content = form === ASCII ? Buffer.from(id, "latin1") : Buffer.from(id.replace(FRAME, ""), "hex");
    out.set(content, start);
    end += content.length;
  }
  out[at] = (form << 6) | (end - start - 1);
  return end;
}

/** A position in bytes that advances as ids are read. */
export interface ReadPosition {
  at: number;
}

/** Reads the id at the position; undefined when it passes `end` or is not spelled in its own form. */
export function readId(bytes: Uint8Array, position: ReadPosition, end: number): string | undefined {
  const id = readPersonId(bytes, position, end);
  return id === undefined || isAnonymous(id) ? undefined : id;
}

/** The same for a person, who may be a pseudonym. */
export function readPersonId(bytes: Uint8Array, position: ReadPosition, end: number): string | undefined {
  const head = bytes[position.at] ?? 0;
  const start = position.at + 1;
  const stop = start + (head & 63) + 1;
  if (stop > end) return undefined;
  position.at = stop;
  const form = head >> 6;
  if (form === INTEGER) return readInteger(bytes, start, stop);
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start);
  const text = content.toString(form === ASCII ? "latin1" : "hex");
  const id = form === FRAMED ? inFrame(text) : text;
  const isId = parseId(id) !== undefined || isAnonymous(id);
  return isId && formOf(id) === form ? id : undefined;
}

function readInteger(bytes: Uint8Array, start: number, stop: number): string | undefined {
  if (bytes[start] === 0 && stop - start > 1) return undefined;
  let value = 0;
  for (let i = start; i < stop; i++) value = value * 256 + (bytes[i] ?? 0);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function inFrame(digits: string): string {
  if (digits.length === 14) return `${ANONYMOUS_ID}${digits}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
