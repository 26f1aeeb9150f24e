/** The test vectors that must be rejected: tokens that were changed, wrongly signed, or break the layout. */
import type { TokenRejection } from "../../src/tokens/verify.ts";
import { authenticated, base64url, body, idBytes, idIn, type Key, signSlowly, type Use, utf8 } from "./reference.ts";
import { CLICK, LINK, MESSAGE, OLDER, SIGNING, USES } from "./vector-cases.ts";

const header = (use: Use, key: Key = SIGNING) => body(key, use, MESSAGE).slice(0, 2);
const IDS = [MESSAGE.email, MESSAGE.person, MESSAGE.campaign].flatMap(idBytes);
const REST = [MESSAGE.person, MESSAGE.campaign].flatMap(idBytes);
const LINK_ID = idBytes(LINK.id);

const clickTo = (destination: readonly number[], ending: readonly number[] = [...IDS, IDS.length]) => [
  ...header("click"),
  ...LINK_ID,
  ...destination,
  ...ending,
];
const openOf = (person: readonly number[]) => [
  ...header("open"),
  ...idBytes(MESSAGE.email),
  ...person,
  ...idBytes(MESSAGE.campaign),
];
const openWith = (email: readonly number[]) => [...header("open"), ...email, ...REST];

// Signed with the right key, but each breaks the layout in one way.
const BROKEN: readonly (readonly [why: string, use: Use, bytes: readonly number[]])[] = [
  ["an integer with a leading zero byte", "open", openWith(idIn(0, [0, 7]))],
  ["an integer of 2^53", "open", openWith(idIn(0, [0x20, 0, 0, 0, 0, 0, 0]))],
  ["an integer of eight bytes", "open", openWith(idIn(0, [1, 0, 0, 0, 0, 0, 0, 0]))],
  ["hexadecimal where an integer holds the id", "open", openWith(idIn(1, [0x10]))],
  ["hexadecimal of 66 digits", "open", openWith(idIn(1, Array<number>(33).fill(0xab)))],
  ["a UUID of 15 bytes", "open", openWith(idIn(2, Array<number>(15).fill(0xab)))],
  ["a UUID of 17 bytes", "open", openWith(idIn(2, Array<number>(17).fill(0xab)))],
  ["a pseudonym of 6 bytes", "open", openOf(idIn(2, Array<number>(6).fill(0xab)))],
  ["a pseudonym of 8 bytes", "open", openOf(idIn(2, Array<number>(8).fill(0xab)))],
  ["a pseudonym in place of an email", "open", openWith(idBytes("~anon-00c0ffee00c0fe"))],
  ["ASCII where the form of pseudonyms holds the person", "open", openOf(idIn(3, utf8("~anon-00c0ffee00c0fe")))],
  ["ASCII where an integer holds the id", "open", openWith(idIn(3, utf8("7")))],
  ["ASCII where hexadecimal holds the id", "open", openWith(idIn(3, utf8("abcd")))],
  ["ASCII where a UUID holds the id", "open", openWith(idIn(3, utf8("6f1e8c1a-0b7e-4a55-9d0e-2f6a9f3c5b11")))],
  ["a character outside the alphabet of ids", "open", openWith(idIn(3, utf8("a b")))],
  ["a byte that is not ASCII", "open", openWith(idIn(3, [0x61, 0xe9]))],
  ["a byte of zero in an id", "open", openWith(idIn(3, [0x61, 0]))],
  ["no ids", "open", header("open")],
  ["two ids where three belong", "open", [...header("open"), ...REST]],
  ["an id longer than what is left", "open", [...header("open"), ...REST, 0xff, 0x61]],
  ["a byte behind the last id", "open", [...openWith(idBytes("7")), 0]],
  ["a fourth id in an open", "open", [...openWith(idBytes("7")), ...idBytes("7")]],
  ["no send in a message", "message", [...header("message"), ...IDS]],
  ["a byte behind the send", "message", [...header("message"), ...IDS, ...idBytes("7"), 0]],
  ["a destination without http", "click", clickTo(utf8("javascript:alert(1)"))],
  ["a destination without a scheme", "click", clickTo(utf8("//a.example/"))],
  ["a destination that only contains http", "click", clickTo(utf8(" https://a.example/"))],
  ["an empty destination", "click", clickTo([])],
  ["a line break in a destination", "click", clickTo(utf8("https://a.example/\r\nSet-Cookie: a=b"))],
  ["a DEL in a destination", "click", clickTo(utf8("https://a.example/\u007f"))],
  ["a byte order mark before the destination", "click", clickTo(utf8("\ufeffhttps://a.example/"))],
  ["a destination that is not UTF-8", "click", clickTo([...utf8("https://a.example/"), 0xff])],
  ["a destination with an overlong slash", "click", clickTo([...utf8("https://a.example/"), 0xc0, 0xaf])],
  ["a destination with a surrogate", "click", clickTo([...utf8("https://a.example/"), 0xed, 0xa0, 0x80])],
  ["a destination that is cut inside a character", "click", clickTo([...utf8("https://a.example/"), 0xc3])],
  ["ids one byte longer than they are", "click", clickTo(utf8(LINK.url), [...IDS, IDS.length + 1])],
  ["ids one byte shorter than they are", "click", clickTo(utf8(LINK.url), [...IDS, IDS.length - 1])],
  ["ids longer than the token", "click", clickTo(utf8("https://a"), [...IDS, 255])],
  ["no ids behind the destination", "click", clickTo(utf8(LINK.url), [0])],
  ["no link", "click", header("click")],
  ["a link and nothing else", "click", [...header("click"), ...LINK_ID]],
];

type Rejected = readonly [why: string, use: Use, text: string, reason: TokenRejection];

/** Tokens that must be rejected, each with the reason that this implementation gives. */
export async function rejectedTokens() {
  const list = [...(await changed()), ...(await swapped())];
  for (const [why, use, bytes] of BROKEN) list.push([why, use, await signed(SIGNING, use, bytes), "invalid_claims"]);
  return list.map(([why, use, text, reason]) => ({ why, use, text, reason }));
}

async function signed(key: Key, use: Use, bytes: readonly number[]): Promise<string> {
  return base64url(await authenticated(key, use, bytes));
}

/** Texts that are no tokens, and tokens that were changed or have other header bytes. */
async function changed(): Promise<Rejected[]> {
  const open = await signSlowly(SIGNING, "open", MESSAGE);
  const click = await signSlowly(SIGNING, "click", CLICK);
  const text = base64url(open);
  const withByte = (bytes: readonly number[], at: number, to: number) => base64url(bytes.with(at, to));
  const openBody = body(SIGNING, "open", MESSAGE);
  const saying = (at: number, to: number) => signed(SIGNING, "open", openBody.with(at, to));
  const last = text.at(-1) ?? "";
  return [
    ["empty", "open", "", "malformed"],
    ["nothing before the junk", "open", ".gif", "malformed"],
    ["one character", "open", "E", "malformed"],
    ["17 bytes, too short for any token", "open", base64url(open.slice(0, 17)), "malformed"],
    ["a character too many", "open", `${text}${"A".repeat((5 - (text.length % 4)) % 4)}`, "malformed"],
    ["unused bits that are not zero", "open", `${text.slice(0, -1)}${nextLetter(last)}`, "malformed"],
    [
      "a character of standard base64, which ends the token",
      "open",
      `${text.slice(0, 32)}+${text.slice(33)}`,
      "forged",
    ],
    ["version 0", "open", await saying(0, 0x01), "unknown_version"],
    ["version 2", "open", await saying(0, 0x21), "unknown_version"],
    ["use 0", "open", await saying(0, 0x10), "wrong_use"],
    ["use 6", "open", await saying(0, 0x16), "wrong_use"],
    ["use 9", "open", await saying(0, 0x19), "wrong_use"],
    ["key 0", "open", await saying(1, 0), "unknown_key"],
    ["a key that is not in the list", "open", await saying(1, 9), "unknown_key"],
    ["the other key's id", "open", withByte(open, 1, OLDER.id), "forged"],
    ["signed by the other key", "open", await signed(OLDER, "open", openBody), "forged"],
    ["signed by the key of another use", "open", await signed(SIGNING, "unsubscribe", openBody), "forged"],
    ["an open that says it is an unsubscribe", "unsubscribe", withByte(open, 0, 0x13), "forged"],
    ["the last bit of the authenticator", "open", withByte(open, open.length - 1, (open.at(-1) ?? 0) ^ 1), "forged"],
    ["the first bit of the destination", "click", withByte(click, 7, (click[7] ?? 0) ^ 128), "forged"],
    ["a byte missing at the end", "click", base64url(click.slice(0, -1)), "forged"],
    ["a byte too many", "click", base64url([...click, 0]), "forged"],
  ];
}

/** Tokens of each use, opened as another. */
async function swapped(): Promise<Rejected[]> {
  const message = { ...MESSAGE, send: "7" };
  const claims = { open: MESSAGE, click: CLICK, unsubscribe: MESSAGE, message, optout: MESSAGE };
  const list: Rejected[] = [];
  for (const signed of USES) {
    const token = base64url(await signSlowly(SIGNING, signed, claims[signed]));
    for (const use of USES) if (signed !== use) list.push([`use ${signed} opened as ${use}`, use, token, "wrong_use"]);
  }
  return list;
}

function nextLetter(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) + 1);
}
