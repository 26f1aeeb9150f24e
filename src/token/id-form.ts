/**
 * An id as bytes: one byte with the form in its high two bits and (length − 1) in its low six, then that many bytes.
 * Guarantees one spelling for each id: it is written in the first form that can hold it, which is also the shortest, and
 * read in no other.
 */
import { parseId } from "./id.ts";

/** The longest id in bytes: its head and 64 characters. */
export const MAX_ID_BYTES = 65;

// The forms, in the order in which they are tried.
const INTEGER = 0; // unsigned, big-endian, no leading zero byte, up to 2^53 − 1
const HEXADECIMAL = 1; // lowercase, two digits a byte
const UUID = 2; // lowercase with its four dashes, in its 16 bytes
const ASCII = 3;

type Form = typeof INTEGER | typeof HEXADECIMAL | typeof UUID | typeof ASCII;

const DECIMAL_TEXT = /^(?:0|[1-9][0-9]{0,15})$/;
const HEXADECIMAL_TEXT = /^(?:[0-9a-f]{2})+$/;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function formOf(id: string): Form {
  if (DECIMAL_TEXT.test(id) && Number.isSafeInteger(Number(id))) return INTEGER;
  if (HEXADECIMAL_TEXT.test(id)) return HEXADECIMAL;
  return UUID_TEXT.test(id) ? UUID : ASCII;
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
  } else if (form === ASCII) {
    for (let i = 0; i < id.length; i++) out[end++] = id.charCodeAt(i);
  } else {
    for (let i = 0; i < id.length; i += 2) {
      if (id[i] === "-") i++;
      out[end++] = Number.parseInt(id.slice(i, i + 2), 16);
    }
  }
  out[at] = (form << 6) | (end - start - 1);
  return end;
}

/** A place in bytes that moves on as ids are read. */
export interface Cursor {
  at: number;
}

/** Reads the id at the cursor, or `undefined` when none ends at or before `end` there or it is spelled another way. */
export function readId(bytes: Uint8Array, cursor: Cursor, end: number): string | undefined {
  const head = bytes[cursor.at] ?? 0;
  const start = cursor.at + 1;
  const stop = start + (head & 63) + 1;
  if (stop > end) return undefined;
  cursor.at = stop;
  const form = head >> 6;
  if (form === INTEGER) return readInteger(bytes, start, stop);
  const id =
    form === ASCII ? readAscii(bytes, start, stop) : readHexadecimal(bytes, start, stop, form === UUID);
  return parseId(id) !== undefined && formOf(id) === form ? id : undefined;
}

function readInteger(bytes: Uint8Array, start: number, stop: number): string | undefined {
  if (bytes[start] === 0 && stop - start > 1) return undefined;
  let value = 0;
  for (let i = start; i < stop; i++) value = value * 256 + (bytes[i] ?? 0);
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function readAscii(bytes: Uint8Array, start: number, stop: number): string {
  let id = "";
  for (let i = start; i < stop; i++) id += String.fromCharCode(bytes[i] ?? 0);
  return id;
}

function readHexadecimal(bytes: Uint8Array, start: number, stop: number, dashed: boolean): string {
  let id = "";
  for (let i = start; i < stop; i++) {
    const digits = (bytes[i] ?? 0).toString(16);
    const place = i - start;
    if (dashed && place >= 4 && place <= 10 && place % 2 === 0) id += "-";
    id += digits.length === 1 ? `0${digits}` : digits;
  }
  return id;
}
