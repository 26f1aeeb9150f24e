/**
 * Pseudonyms. Guarantees that none can be taken for an id of the sender's: each begins with "~", which no id holds
 * (id.ts). Those here stand for persons whose opens and clicks are counted anonymously; privacy/ makes others for
 * people who were erased, and for old messages.
 *
 * All copies of a message have the same anonymous one, so that an open counts once, and it leads nobody without the
 * keys to the person. Gives up: counting a person's messages together (each has a pseudonym of its own), and stability
 * when the oldest key is removed.
 */
import { Buffer } from "node:buffer";
import type { Message } from "./claims.ts";
import { ANONYMOUS_ID, isAnonymous } from "./id-form.ts";
import type { TokenKeys } from "./keys.ts";
import { HMAC_BYTES } from "./mac.ts";

/** A token holds the pseudonym in eight bytes: these, and the head of the id. */
const PSEUDONYM_BYTES = 7;

const mac = new Uint8Array(HMAC_BYTES);
const text = new TextEncoder();

/**
 * `~anon-` and 14 lowercase hexadecimal digits: the first seven bytes of the HMAC-SHA256 over the message's email,
 * person and campaign, joined by line feeds, with the oldest key's HMAC key of the use "anonymous". The oldest, because
 * rotations put new keys in front. The pseudonym of a pseudonym is itself, so that an anonymous copy's events share one
 * person.
 */
export function pseudonym({ all }: TokenKeys, { email, person, campaign }: Message): string {
  if (isAnonymous(person)) return person;
  const oldest = all.at(-1) ?? all[0];
  oldest.mac("anonymous").digestInto(text.encode(`${email}\n${person}\n${campaign}`), mac);
  return `${ANONYMOUS_ID}${Buffer.from(mac.subarray(0, PSEUDONYM_BYTES)).toString("hex")}`;
}

/** Whether this stands for a person in place of their id. */
export function isPseudonym(person: string): boolean {
  return person.startsWith("~");
}
