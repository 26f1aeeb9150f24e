/**
 * Bloom filters on the messages of a file and on their persons, by which SQL knows which files may have one (Burton H.
 * Bloom, "Space/Time Trade-offs in Hash Coding with Allowable Errors", 1970). 24 bits a key and ten hashes of it:
 * of fifty thousand keys that a file does not have, it may have one. A key's chunk is chosen by its hash, so that a
 * lookup reads a quarter of a kilobyte of a file's filter.
 */
import { messageFiles, messageFilters } from "../../events/archive-schema.ts";
import { sha256Hex } from "../../platform/sha256.ts";
import { joined, rawSql, type Sql, sql } from "../../platform/sql.ts";
import type { Message } from "../../tokens/claims.ts";

const CHUNK_BYTES = 256;
const BITS_PER_KEY = 24;
const CHUNK_BITS = CHUNK_BYTES * 8;
const HASHES = 10;
/** The hexadecimal digits that have each of the four bits, in capitals, as `hex` writes them. */
const DIGITS_WITH_BIT = ["13579BDF", "2367ABEF", "4567CDEF", "89ABCDEF"] as const;

/** What a filter has of a key. */
interface KeyBits {
  /** An integer, of which the rest by the number of chunks is its chunk. */
  readonly hash: number;
  /** Bits of the chunk, from 0 on. */
  readonly bits: readonly number[];
}

function bitsOf(key: string): KeyBits {
  const digest = sha256Hex(key);
  const bits = Array.from({ length: HASHES }, (_, nth) => {
    return Number.parseInt(digest.slice(8 + 4 * nth, 12 + 4 * nth), 16) % CHUNK_BITS;
  });
  return { hash: Number.parseInt(digest.slice(0, 8), 16), bits };
}

/** What identifies a message, as one text. */
export function keyOfMessage({ email, campaign, person }: Message): string {
  // Ids have no slash in them, so that no person's key is a message's.
  return `${email}/${campaign}/${person}`;
}

/** The chunks of a file's filter, in hexadecimal digits. */
export function filterChunks(messages: readonly Message[]): readonly string[] {
  const keys = [...new Set(messages.flatMap((message) => [keyOfMessage(message), message.person]))];
  const count = Math.max(1, Math.ceil((keys.length * BITS_PER_KEY) / CHUNK_BITS));
  const chunks = Array.from({ length: count }, () => new Uint8Array(CHUNK_BYTES));
  for (const { hash, bits } of keys.map(bitsOf)) {
    const chunk = chunks[hash % count];
    if (chunk === undefined) continue;
    // As hexadecimal digits a byte's higher half comes first.
    for (const bit of bits) chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) | (1 << ((bit & 3) + ((bit & 4) === 0 ? 4 : 0)));
  }
  return chunks.map((chunk) => [...chunk].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
}

/** What is looked up in files: a message, or all messages of a person, perhaps of one email. */
export interface MessageLookup {
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  readonly person: string;
}

/** It as a JSON object for `lookupsIn`. */
export function lookupJson({ email, campaign, person }: MessageLookup): string {
  const isMessage = email !== undefined && campaign !== undefined;
  const { hash, bits } = bitsOf(isMessage ? keyOfMessage({ email, campaign, person }) : person);
  const digits = bits.map((bit) => [(bit >> 2) + 1, DIGITS_WITH_BIT[bit & 3]]);
  return JSON.stringify({ email, campaign, person, hash, digits });
}

const EACH_HASH = Array.from({ length: HASHES }, (_, nth) => rawSql(String(nth)));

/**
 * A WITH clause: `lookups`, with the columns `email`, `campaign`, `person`, of which the first two may be null, and
 * what `MAY_HAVE` asks for. Read out of JSON once, and not for each file.
 * @param array of JSON, of what `lookupJson` returns
 */
export function lookupsIn(array: string): Sql {
  const columns = EACH_HASH.map(
    (nth) => sql`value->'digits'->${nth}->>0 AS position${nth}, value->'digits'->${nth}->>1 AS allowed${nth}`,
  );
  return sql`lookups AS MATERIALIZED (SELECT value->>'email' AS email, value->>'campaign' AS campaign,
  value->>'person' AS person, value->>'hash' AS hash, ${joined(columns)} FROM json_each(${array}))`;
}

const BITS = sql`hex(${messageFilters.bits})`;

/** The files that may have what one of `lookups` asks for, for a FROM clause in which that comes before. */
export const MAY_HAVE: Sql = sql`CROSS JOIN ${messageFiles}
  ON lookups.email IS NULL
  OR (${messageFiles.firstEmail} <= lookups.email AND ${messageFiles.lastEmail} >= lookups.email)
CROSS JOIN ${messageFilters} ON ${messageFilters.file} = ${messageFiles.id}
  AND ${messageFilters.chunk} = lookups.hash % ${messageFiles.chunks}
  AND ${joined(
    EACH_HASH.map((nth) => sql`instr(lookups.allowed${nth}, substr(${BITS}, lookups.position${nth}, 1)) > 0`),
    "\n  AND ",
  )}`;
