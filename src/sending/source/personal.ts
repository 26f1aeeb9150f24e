/**
 * What an email's HTML says of people, taken out. Guarantees that no address stays, no token, no value of a personal
 * parameter, and no id of the copy's person of at least six characters. Gives up: names, and whatever else only a
 * reader knows to be somebody's.
 */
import { withoutParameters } from "../../decorate/query.ts";

/** Whose copy the HTML is; of a template nobody's. */
interface SourcePerson {
  readonly id?: string | undefined;
}

/** What is known to be personal in a source. */
export interface Personal {
  readonly person: SourcePerson;
  /** Names of parameters in queries. */
  readonly parameters: readonly string[];
}

const HIDDEN = "…";

/** "logo@2x.png" is a picture for screens of twice the resolution. */
const AT_DOMAIN = /(?:@|%40)(?![0-9](?:\.[0-9])?x\.)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}/gu;
/** "@" in its wide forms. */
const WIDE_AT = /[\uff20\ufe6b]/g;
/** Soft hyphens, zero-width spaces and joiners. */
const UNSEEN = /[\u00ad\u200b-\u200f\u2060\ufeff]+/g;
/** RFC 5322 §3.2.3, and what RFC 6532 adds. */
const LOCAL_CHARACTER = /[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const MAX_LOCAL_CHARS = 64;
/** A token in a path, and the address around it. */
const TOKEN = /(?:https?:\/\/[^\s<>"'/]{1,260})?\/[cou]\/[\w-]{24,}[^\s<>"']*/gi;
const PARAMETER = /([?&][^?=&#\s]{1,64}=)[^&#\s"'<>]+/g;
/** A shorter id is a number or a word of anybody's. */
const MIN_ID_CHARS = 6;

/** A text that people read. */
export function withoutPersonal(text: string, { person, parameters }: Personal): string {
  const hidden = withoutAddresses(withPlainAt(text.replace(TOKEN, HIDDEN)));
  const unnamed = hidden.replace(PARAMETER, (all, name: string) =>
    parameters.includes(name.slice(1, -1)) ? name + HIDDEN : all,
  );
  return withoutId(unnamed, person);
}

function withPlainAt(text: string): string {
  return text
    .replace(WIDE_AT, "@")
    .replace(UNSEEN, (run, at: number, all: string) =>
      all[at - 1] === "@" || all[at + run.length] === "@" ? "" : run,
    );
}

function withoutAddresses(text: string): string {
  let out = "";
  let from = 0;
  for (const { index, 0: domain } of text.matchAll(AT_DOMAIN)) {
    let start = index;
    const first = Math.max(from, index - MAX_LOCAL_CHARS);
    // A quoted one may hold spaces (RFC 5321 §4.1.2).
    if (text[start - 1] === '"') start = Math.max(first, text.lastIndexOf('"', start - 2));
    else while (start > first && LOCAL_CHARACTER.test(text[start - 1] ?? "")) start--;
    if (start === index) continue;
    out += text.slice(from, start) + HIDDEN;
    from = index + domain.length;
  }
  return out + text.slice(from);
}

/**
 * Texts that are one after the other, each without personal parts by itself: where together they read as an address,
 * "@" is hidden in all of them.
 */
export function withoutSplitAddresses(texts: readonly string[]): readonly string[] {
  const whole = texts.join("");
  return withoutAddresses(whole) === whole ? texts : texts.map((text) => text.replaceAll("@", HIDDEN));
}

function withoutId(text: string, { id = "" }: SourcePerson): string {
  if (id.length < MIN_ID_CHARS) return text;
  let out = "";
  let from = 0;
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + id.length)) {
    const end = at + id.length;
    if (/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at)) || /^[\p{L}\p{N}]/u.test(text.slice(end, end + 2)))
      continue;
    out += text.slice(from, at) + HIDDEN;
    from = end;
  }
  return out + text.slice(from);
}

/** The address of a picture; undefined when the address itself is somebody's. */
export function impersonalPicture(url: string, personal: Personal): string | undefined {
  const { person, parameters } = personal;
  const kept = withoutParameters(url, (name, text) => {
    const value = decoded(text.slice(text.indexOf("=") + 1));
    return parameters.includes(name) || value === person.id || withoutPersonal(value, personal) !== value;
  });
  const path = decoded(kept);
  return withoutPersonal(path, personal) === path ? kept : undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
