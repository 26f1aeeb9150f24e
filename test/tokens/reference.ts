/**
 * A second implementation of the token layout, slow and obvious, that shares no code with `src/tokens`: WebCrypto's
 * HMAC, BigInt, `btoa`, and every form of an id tried before one is chosen. It follows docs/tokens.md alone.
 */

export type Use = "open" | "click" | "unsubscribe" | "message" | "optout";

export interface Claims {
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send?: string;
  readonly link?: { readonly id: string; readonly url: string };
}

export interface Key {
  readonly id: number;
  readonly secretHex: string;
}

const MAX_INTEGER = 2n ** 53n - 1n;

export function bytesOf(hex: string): number[] {
  return Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function utf8(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

export function base64url(bytes: readonly number[]): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

export function unbase64url(text: string): number[] {
  return [...atob(text.replaceAll("-", "+").replaceAll("_", "/"))].map((letter) => letter.charCodeAt(0));
}

async function hmac(key: readonly number[], bytes: readonly number[]): Promise<number[]> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", Uint8Array.from(key), algorithm, false, ["sign"]);
  return [...new Uint8Array(await crypto.subtle.sign("HMAC", imported, Uint8Array.from(bytes)))];
}

export async function useKey(key: Key, use: Use | "anonymous"): Promise<number[]> {
  return hmac(bytesOf(key.secretHex), utf8(`waxseal/1/${use}`));
}

/** An id in a form, whether or not it is the right one: the head and the bytes given. */
export function idIn(form: 0 | 1 | 2 | 3, bytes: readonly number[]): number[] {
  return [form * 64 + bytes.length - 1, ...bytes];
}

/** All forms that can hold the id; of these the shortest, and of the shortest the first. */
export function idBytes(id: string): number[] {
  const forms: number[][] = [];
  if (/^[0-9]+$/.test(id) && BigInt(id).toString() === id && BigInt(id) <= MAX_INTEGER) {
    const hex = BigInt(id).toString(16);
    forms.push(idIn(0, bytesOf(hex.length % 2 === 0 ? hex : `0${hex}`)));
  }
  if (id.length % 2 === 0 && /^[0-9a-f]+$/.test(id)) forms.push(idIn(1, bytesOf(id)));
  const digits = id.replaceAll("-", "");
  const dashed = digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  if (/^[0-9a-f]{32}$/.test(digits) && dashed === id) forms.push(idIn(2, bytesOf(digits)));
  const anonymous = id.startsWith("~anon-") ? id.slice(6) : "";
  if (/^[0-9a-f]{14}$/.test(anonymous)) forms.push(idIn(2, bytesOf(anonymous)));
  forms.push(idIn(3, utf8(id)));
  return forms.reduce((shortest, form) => (form.length < shortest.length ? form : shortest));
}

/** The bytes that the authenticator covers. */
export function body(key: Key, use: Use, claims: Claims): number[] {
  const ids = [claims.email, claims.person, claims.campaign].flatMap(idBytes);
  const header = [0x10 + ["open", "click", "unsubscribe", "message", "optout"].indexOf(use) + 1, key.id];
  if (claims.link !== undefined)
    return [...header, ...idBytes(claims.link.id), ...utf8(claims.link.url), ...ids, ids.length];
  return [...header, ...ids, ...(claims.send === undefined ? [] : idBytes(claims.send))];
}

/** Any bytes with the authenticator that a key's use gives them. */
export async function authenticated(key: Key, use: Use, bytes: readonly number[]): Promise<number[]> {
  return [...bytes, ...(await hmac(await useKey(key, use), bytes)).slice(0, 16)];
}

/** The bytes of the token; `base64url` of them is the token. */
export async function signSlowly(key: Key, use: Use, claims: Claims): Promise<number[]> {
  return authenticated(key, use, body(key, use, claims));
}

/** The pseudonym of a message's person, by the oldest of the keys. */
export async function pseudonymSlowly(oldest: Key, { email, person, campaign }: Claims): Promise<string> {
  const bytes = utf8([email, person, campaign].join("\n"));
  return `~anon-${hexOf(await hmac(await useKey(oldest, "anonymous"), bytes)).slice(0, 14)}`;
}
