/**
 * The returned mail in a report: its recipients, its subject, and the message tokens that it may carry. It is included
 * whole (message/rfc822), as headers (text/rfc822-headers, RFC 3462 §3), or quoted after the notice.
 */
import { decodeWords } from "postal-mime";
import { addressesIn } from "../address.ts";
import { TOKEN_HEADER, tokensOfAddress } from "../carried-token.ts";
import { type Fields, fieldGroupsOf, fieldsOf } from "./fields.ts";
import { type BounceMailPart, headersIn, type Mail } from "./mail.ts";

export interface ReturnedMail {
  /** The addresses in To. */
  readonly to: readonly string[];
  /** Whom the servers on its way had it for (RFC 5321 §4.4: "for <marie@example.com>" in Received). */
  readonly receivedFor: readonly string[];
  /** Possible message tokens, the likeliest first; untrusted until verified. */
  readonly tokens: readonly string[];
  /** Whose mail it was: the addresses in From, Sender, Reply-To and Return-Path. */
  readonly from: readonly string[];
  /** Empty when it is not returned. */
  readonly subject: string;
}

export const NO_RETURNED_MAIL: ReturnedMail = { to: [], receivedFor: [], tokens: [], from: [], subject: "" };

const TYPES = [
  "message/rfc822",
  "text/rfc822-headers",
  "message/rfc822-headers",
  "message/global",
  "message/global-headers",
];
const MAX_SOURCES = 20;
const MAX_TOKENS = 16;
const MAX_VALUE_CHARS = 1_000;
/** Shorter than any message token, longer than most words. */
const TOKEN = /^[\w-]{24,1024}$/;
/** A word of a header as RFC 2047 encodes it. */
const ENCODED_WORD = /=\?[^?\s]{1,40}\?[bq]\?/i;

/** `quoted`: the returned mail as text, where the notice holds it. */
export function returnedMailOf(mail: Mail, quoted: string): ReturnedMail {
  const sources = [
    ...mail.parts.filter(({ type }) => TYPES.includes(type)).map(headersOf),
    ...quotedHeaders(quoted),
    // "Original message headers:" may also be inside the notice.
    ...quotedHeaders(mail.text),
  ].slice(0, MAX_SOURCES);
  const candidates = [
    ...sources.flatMap((fields) => valuesOf(fields, TOKEN_HEADER).flatMap(spellingsOf)),
    ...sources.flatMap((fields) => valuesOf(fields, "return-path").flatMap(tokensOfAddress)),
    ...sources.flatMap((fields) => messageIds(fields, "message-id")),
    ...reportedSenders(mail).flatMap(tokensOfAddress),
    ...messageIds(mail.headers, "in-reply-to"),
    ...messageIds(mail.headers, "references"),
    ...["to", "delivered-to", "x-original-to"].flatMap((name) => valuesOf(mail.headers, name).flatMap(tokensOfAddress)),
    ...tokensOfAddress(mail.text.slice(0, 16_000)),
  ];
  const recipients = sources.map((fields) => addressesOf(fields, ["to", "x-original-to"]));
  return {
    to: recipients.find((to) => to.length > 0) ?? [],
    receivedFor: sources.flatMap((fields) => valuesOf(fields, "received").slice(0, MAX_SOURCES)).flatMap(receivedFor),
    tokens: [...new Set(candidates.filter((token) => TOKEN.test(token)))].slice(0, MAX_TOKENS),
    from: sources.flatMap((fields) => addressesOf(fields, ["from", "sender", "reply-to", "return-path"])).slice(0, 20),
    subject: sources.map((fields) => valuesOf(fields, "subject")[0]).find((subject) => subject !== undefined) ?? "",
  };
}

const receivedFor = (value: string) => /\bfor <([^<>\s@]{1,64}@[^<>\s@]{1,255})>/i.exec(value)?.[1] ?? [];

const headersOf = ({ text }: BounceMailPart) => headersIn(text.trimStart());

/** The values of a header, decoded (RFC 2047). */
function valuesOf(fields: Fields, name: string): readonly string[] {
  return (fields.get(name) ?? []).map((value) => {
    const cut = value.slice(0, MAX_VALUE_CHARS);
    return ENCODED_WORD.test(cut) ? decodeWords(cut) : cut;
  });
}

const addressesOf = (fields: Fields, names: readonly string[]) =>
  addressesIn(
    names
      .flatMap((name) => valuesOf(fields, name))
      .join(" ")
      .slice(0, MAX_VALUE_CHARS),
  );

/** A token as it is written, and as it was before somebody folded it in the middle. */
function spellingsOf(value: string): readonly string[] {
  const [first = ""] = value.trim().split(/\s/, 1);
  return [value.replace(/\s+/g, ""), first];
}

/** The envelope sender as reports name it: RFC 5965 §3.2, Postfix's X-Postfix-Sender, ENVID of RFC 3461. */
const SENDER_FIELDS = ["original-mail-from", "x-postfix-sender", "x-original-mail-from", "original-envelope-id"];

function reportedSenders({ parts }: Mail): readonly string[] {
  return parts
    .filter(({ type }) => type === "message/feedback-report" || type.endsWith("delivery-status"))
    .slice(0, MAX_SOURCES)
    .flatMap(({ text }) => fieldGroupsOf(text.slice(0, 16_000), 2))
    .flatMap((fields) => SENDER_FIELDS.flatMap((name) => valuesOf(fields, name)));
}

const A_HEADER = /^\s{0,40}(?:return-path|received|x-waxseal-message|message-id|to|from|date|subject|mime-version):\s/i;

/** Headers in running text, perhaps indented or quoted. */
function quotedHeaders(text: string): readonly Fields[] {
  const lines = text.split(/\r?\n/, 4_000).map((line) => line.slice(0, 4_000).replace(/^(?:> ?){1,20}/, ""));
  // indimail's "From: <news@example.com> RCPT: <marie@example.com>" is no header.
  const at = lines.findIndex((line) => A_HEADER.test(line) && !/ RCPT: /.test(line));
  if (at === -1) return [];
  const indent = /^\s{0,40}/.exec(lines[at] ?? "")?.[0].length ?? 0;
  const rest = lines
    .slice(at, at + 300)
    .map((line) => (line.slice(0, indent).trim() === "" ? line.slice(indent) : line));
  const end = rest.findIndex((line) => line.trim() === "");
  return [fieldsOf(rest.slice(0, end === -1 ? undefined : end).join("\n"))];
}

/** The part before "@" of each "<token@…>". */
function messageIds(fields: Fields, name: string): readonly string[] {
  return valuesOf(fields, name).flatMap((value) =>
    [...value.replace(/\s+/g, "").matchAll(/<([\w-]{24,1024})@/g)].flatMap(([, token]) => token ?? []),
  );
}
