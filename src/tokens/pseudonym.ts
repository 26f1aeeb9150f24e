/**
 * Who stands in for a person whose opens and clicks count without saying whose. Guarantees that all copies of a message have the same
 * stand-in, so that an open counts once, and that nobody without the keys gets from it to the person. Gives up: telling messages of
 * one person from those of others (each message has a stand-in of its own), and staying the same when the oldest key is taken out.
 */
import type { Message } from "./claims.ts";
import type { TokenKeys } from "./keys.ts";
import { HMAC_BYTES } from "./mac.ts";

/** As many as a token holds in eight bytes with the id's head. */
const PSEUDONYM_BYTES = 7;

const PSEUDONYM = /^anon-[0-9a-f]{14}$/;

const mac = new Uint8Array(HMAC_BYTES);
const text = new TextEncoder();

/**
 * `anon-` and 14 lowercase hexadecimal digits: the first seven bytes of the HMAC-SHA256 over the message's email, person and campaign
 * with a line feed between them, by the key of the use "anonymous". That of the oldest key, since a new one is put in front. Nobody stands in
 * for a stand-in: an anonymous copy's events are those of the same one, whatever asks for it.
 */
export function pseudonym({ all }: TokenKeys, { email, person, campaign }: Message): string {
  if (isPseudonym(person)) return person;
  const oldest = all.at(-1) ?? all[0];
  oldest.mac("anonymous").digestInto(text.encode(`${email}\n${person}\n${campaign}`), mac);
  let digits = "";
  for (let i = 0; i < PSEUDONYM_BYTES; i++) digits += (mac[i] ?? 0).toString(16).padStart(2, "0");
  return `anon-${digits}`;
}

/** Whether that is how a person's id looks when it stands in for one. */
export function isPseudonym(person: string): boolean {
  return PSEUDONYM.test(person);
}
