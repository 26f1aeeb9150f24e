/**
 * What the integrations share: a copy, and checks of the mail that it is put into. Guarantees that a mail which would
 * go out with a part undecorated, or to several people, throws a `DecorateError` that names its field.
 */
import { addressParser } from "postal-mime";
import { DecorateError } from "../decorate/index.ts";
import type { CopyWarning } from "./warnings.ts";

/** A decorated copy, as `render` and `decorate` return it and `POST /v1/decorate` answers it. */
export interface DecoratedCopy {
  readonly html?: string | undefined;
  readonly text?: string | undefined;
  /** List-Unsubscribe, List-Unsubscribe-Post and the header of the message token. */
  readonly headers: Readonly<Record<string, string>>;
  /** The message token. */
  readonly message: string;
  readonly warnings?: readonly CopyWarning[] | undefined;
}

/** The name of the message token among the data that a provider hands back. */
export const TOKEN_FIELD = "waxseal";

/** The parts of a copy; at least one is there. */
export type CopyParts = { readonly html: string; readonly text?: string } | { readonly text: string };

/**
 * What each function checks before it reads a mail.
 * @param name of the parameter
 * @throws {DecorateError} when the mail is a list or no object, or the copy is none
 */
export function requireMailAndCopy(name: string, mail: unknown, copy: unknown): void {
  if (Array.isArray(mail))
    throw new DecorateError(name, "is a list: give each by itself, with the copy of its recipient");
  if (typeof mail !== "object" || mail === null) throw new DecorateError(name, "is not an object");
  const { message, headers } = Object(copy) as Readonly<Record<string, unknown>>;
  if (typeof message !== "string" || typeof headers !== "object" || headers === null)
    throw new DecorateError("copy", "is none: give what render returns, or /v1/decorate answers");
}

/**
 * The parts of the copy, which replace those of the mail.
 * @param own the mail's parts, under the provider's names: `["HtmlBody", "TextBody"]`
 * @throws {DecorateError} naming a part of the mail that the copy does not have
 */
export function partsOf(copy: DecoratedCopy, mail: object, own: readonly [html: string, text: string]): CopyParts {
  for (const [part, field] of [["html", own[0]] as const, ["text", own[1]] as const]) {
    if (copy[part] === undefined && isGiven(mail, field))
      throw new DecorateError(field, `is not in the copy: decorate html and text of a mail together`);
  }
  const { html, text } = copy;
  if (html !== undefined) return text === undefined ? { html } : { html, text };
  if (text !== undefined) return { text };
  throw new DecorateError(own[0], "is missing: the copy has neither html nor text");
}

/** @throws {DecorateError} naming the first of the fields that is there */
export function refuseFields(mail: object, complaints: Readonly<Record<string, string>>): void {
  for (const [field, complaint] of Object.entries(complaints)) {
    if (isGiven(mail, field)) throw new DecorateError(field, complaint);
  }
}

function isGiven(mail: object, field: string): boolean {
  const value: unknown = Reflect.get(mail, field);
  return value !== undefined && value !== null && value !== false && value !== "";
}

/** What is said of a body that is put together elsewhere. */
export const FILLED_ELSEWHERE = "is filled in at the provider, where its links cannot be decorated: give the copy";

/**
 * @param fields what names recipients, by the field: texts with one address or more, objects with one, or lists of them
 * @throws {DecorateError} naming the first field, when there is more than one recipient
 */
export function requireOneRecipient(fields: Readonly<Record<string, unknown>>): void {
  const given = Object.entries(fields).map(([field, value]) => [field, addressesIn(value)] as const);
  const all = new Set(given.flatMap(([, addresses]) => addresses));
  if (all.size <= 1) return;
  const [field = "to"] =
    given.find(([, addresses]) => addresses.length > 1) ?? given.find(([, { length }]) => length) ?? [];
  throw new DecorateError(
    field,
    `makes ${all.size} recipients of one mail: its links name one person, so send each of them a copy of their own`,
  );
}

function addressesIn(value: unknown): readonly string[] {
  if (typeof value === "string")
    return addressParser(value, { flatten: true }).map(({ address = "", name }) => address || name);
  if (Array.isArray(value)) return value.flatMap(addressesIn);
  if (typeof value !== "object" || value === null) return [];
  // An object as mail clients have it, or as a provider has it.
  const { address, email, Email } = value as Record<string, unknown>;
  const text = [address, email, Email].find((each) => typeof each === "string");
  return typeof text === "string" && text !== "" ? [text] : [];
}

/** The mail without these fields, which the copy brings. */
export function without<Mail extends object, Field extends string>(
  mail: Mail,
  ...fields: readonly Field[]
): Omit<Mail, Field> {
  const left: ReadonlySet<string> = new Set(fields);
  return Object.fromEntries(Object.entries(mail).filter(([name]) => !left.has(name))) as Omit<Mail, Field>;
}

/** The headers of a mail, by name, with those of the copy instead of any of the same name. */
export function mergedHeaders<Value = string>(
  own: Readonly<Record<string, Value>> | undefined | null,
  { headers }: Pick<DecoratedCopy, "headers">,
): Record<string, Value | string> {
  const isOwn = keepsHeader(headers);
  return { ...Object.fromEntries(Object.entries(own ?? {}).filter(([name]) => isOwn(name))), ...headers };
}

/** The same, where a mail has a list of them. */
export function mergedPairs<Pair extends { readonly Name: string | undefined }>(
  own: readonly Pair[] | undefined,
  { headers }: DecoratedCopy,
): (Pair | { Name: string; Value: string })[] {
  const isOwn = keepsHeader(headers);
  return [
    ...(own ?? []).filter(({ Name = "" }) => isOwn(Name)),
    ...Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
  ];
}

/** Whether a header of the mail stays: it is none of the copy's, in any case. */
export function keepsHeader(headers: DecoratedCopy["headers"]): (name: string) => boolean {
  const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  return (name) => !replaced.has(name.toLowerCase());
}

/**
 * The message token, which fits into its field.
 * @throws {DecorateError} naming `message` when it does not
 */
export function tokenWithin(maxChars: number, field: string, { message }: DecoratedCopy): string {
  if (message.length <= maxChars) return message;
  throw new DecorateError(
    "message",
    `has ${message.length} characters, and ${field} takes ${maxChars}: shorter ids make a shorter token`,
  );
}
