/**
 * Fields of providers' JSON; imported as `field`. A field that is missing or of another type than documented reads as
 * undefined, a list as empty, and what cannot be read in a list is left out: providers add and change fields without
 * notice, and an event must not be lost over an optional one.
 */
import * as v from "valibot";
import { headerToken, TOKEN_HEADER } from "../carried-token.ts";

/** The name of the message token among the sender's own data that a provider hands back. */
export const TOKEN_NAME = "waxseal";

/** The most tokens of one place. Others may have added some, as mailing lists and gateways do with headers. */
const MAX_TOKENS = 8;

const optional = <Schema extends v.GenericSchema>(schema: Schema) => v.fallback(v.optional(schema), undefined);
const filled = v.pipe(v.string(), v.minLength(1));

/** A text; undefined when empty. */
export const text = optional(filled);

/** A text, or a number as its text. */
export const textOrNumber = optional(v.pipe(v.union([filled, v.number()]), v.transform(String)));

/** True or false. */
export const flag = optional(v.boolean());

/** The items that can be read. */
export const list = <Item extends v.GenericSchema>(item: Item) =>
  v.fallback(v.pipe(v.array(v.unknown()), v.transform(readableItems(item))), []);

function readableItems<Item extends v.GenericSchema>(item: Item): (items: unknown[]) => v.InferOutput<Item>[] {
  return (items) => items.map((each) => v.safeParse(item, each)).flatMap((read) => (read.success ? [read.output] : []));
}

/** The first few of a list of tokens: a message has one, in each place that may carry it. */
export const tokens = v.pipe(list(v.string()), v.transform(firstTokens));

function firstTokens(all: string[]): string[] {
  return all.slice(0, MAX_TOKENS);
}

/** An object whose fields are all optional. */
export const object = <Entries extends v.ObjectEntries>(entries: Entries) => optional(v.object(entries));

/** A time in ISO 8601 → ms since 1970 UTC. */
export const isoText = optional(v.pipe(v.string(), v.transform(Date.parse), v.number()));

/** A time in UTC that does not say so, "2026-11-29 10:30:00" → ms since 1970 UTC. */
export const utcText = optional(v.pipe(v.string(), v.transform(utcMs), v.number()));

function utcMs(text: string): number {
  return Date.parse(`${text.replace(" ", "T")}Z`);
}

/** Unix seconds, with or without a fraction → ms since 1970 UTC. */
export const unixTime = optional(v.pipe(v.union([v.number(), filled]), v.transform(secondsMs), v.number(), v.finite()));

function secondsMs(seconds: number | string): number {
  return Math.round(Number(seconds) * 1000);
}

/** ISO 8601, or Unix seconds → ms since 1970 UTC. */
export const time = optional(v.pipe(v.union([v.number(), filled]), v.transform(timeMs), v.number(), v.finite()));

function timeMs(given: number | string): number {
  const ms = secondsMs(given);
  return Number.isNaN(ms) ? Date.parse(String(given)) : ms;
}

const OwnData = v.pipe(v.object({ [TOKEN_NAME]: text }), v.transform(tokenOfData));

/** The sender's own data → the message token in it. */
export const ownData = optional(OwnData);

function tokenOfData(data: { readonly [TOKEN_NAME]?: string | undefined }): string | undefined {
  return data[TOKEN_NAME];
}

const OwnJson = v.pipe(v.string(), v.parseJson(), OwnData);
/** Among others: "waxseal:<token>|campaign:news". */
const NAMED_TOKEN = new RegExp(`(?:^|[|;,\\s])${TOKEN_NAME}[:=]([\\w-]+)`);

const Pair = v.object({ name: v.literal(TOKEN_NAME), value: filled });

const OwnPairs = v.pipe(
  v.array(v.unknown()),
  v.transform((pairs) => readableItems(Pair)(pairs)[0]?.value),
);

/** The sender's own data, as an object or as names and values → the message token in it. */
export const ownDataOrPairs = optional(v.union([OwnPairs, OwnData]));

/** The sender's own data in one text, as JSON or as "waxseal:<token>" → the message token in it; else the text. */
export const ownText = optional(v.pipe(filled, v.transform(tokenOfText)));

function tokenOfText(data: string): string | undefined {
  const json = v.safeParse(OwnJson, data);
  return json.success ? json.output : (NAMED_TOKEN.exec(data)?.[1] ?? data);
}

/** Tags of a mail → the message tokens in those like "waxseal:<token>". */
export const ownTags = v.fallback(v.pipe(list(v.string()), v.transform(tokensOfTags)), []);

function tokensOfTags(tags: string[]): string[] {
  return tags.flatMap((tag) => NAMED_TOKEN.exec(tag)?.[1] ?? []);
}

/** A Message-ID, with or without its angle brackets → the part before its "@". */
export const messageId = optional(v.pipe(v.string(), v.transform(localPartOfId)));

function localPartOfId(id: string): string | undefined {
  return /^\s*<?([^<>@\s]+)@/.exec(id)?.[1];
}

const Header = v.object({ name: v.string(), value: v.string() });

/** The original's headers, as names and values → the first few message tokens in them. */
export const headers = v.fallback(v.pipe(list(Header), v.transform(tokensOfHeaders)), []);

function tokensOfHeaders(all: v.InferOutput<typeof Header>[]): string[] {
  const carrying = all.filter(({ name }) => name.toLowerCase() === TOKEN_HEADER).slice(0, MAX_TOKENS);
  return carrying.map(({ value }) => headerToken(value));
}
