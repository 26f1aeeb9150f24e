/**
 * The returned mail in a report: its recipients, and the message tokens that it may carry. It is included whole
 * (message/rfc822), as headers (text/rfc822-headers, RFC 3462 §3), or quoted after the notice.
 */
import { TOKEN_HEADER } from "../carried-token.ts";
import { addressesIn } from "./address.ts";
import type { Fields } from "./fields.ts";
import { type BounceMailPart, headersIn, type Mail } from "./mail.ts";
import { bounceTextOf } from "./notice.ts";

export interface ReturnedMail {
  /** The addresses in To. */
  readonly to: readonly string[];
  /** Possible message tokens, the likeliest first; untrusted until verified. */
  readonly tokens: readonly string[];
}

const TYPES = [
  "message/rfc822",
  "text/rfc822-headers",
  "message/rfc822-headers",
  "message/global",
  "message/global-headers",
];
const MAX_TOKENS = 16;
/** Shorter than any message token, longer than most words. */
const TOKEN = /^[\w-]{24,1024}/;

export function returnedMailOf(mail: Mail): ReturnedMail {
  const { returned } = bounceTextOf(mail.text);
  const sources = [
    ...mail.parts.filter(({ type }) => TYPES.includes(type)).map(headersOf),
    ...quotedHeaders(returned),
    // "Original message headers:" may also stand inside the notice.
    ...quotedHeaders(mail.text),
  ];
  const tokens = [
    ...sources.flatMap((fields) => fields.get(TOKEN_HEADER) ?? []),
    ...sources.flatMap((fields) => messageIds(fields, "message-id")),
    ...messageIds(mail.headers, "in-reply-to"),
    ...messageIds(mail.headers, "references"),
  ];
  const recipients = sources.map((fields) => addressesIn((fields.get("to") ?? []).join(" ")));
  const candidates = tokens.map((token) => token.trim()).filter((token) => TOKEN.test(token));
  return {
    to: recipients.find((to) => to.length > 0) ?? [],
    tokens: [...new Set(candidates)].slice(0, MAX_TOKENS),
  };
}

const headersOf = ({ text }: BounceMailPart) => headersIn(text.trimStart());

/** Headers in running text, perhaps indented or quoted. */
function quotedHeaders(text: string): readonly Fields[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^(?:> ?)+/, ""));
  const at = lines.findIndex((line) =>
    /^\s*(?:return-path|received|x-waxseal-message|message-id|to|from|date|subject|mime-version):\s/i.test(line),
  );
  if (at === -1) return [];
  const indent = /^\s*/.exec(lines[at] ?? "")?.[0].length ?? 0;
  const rest = lines.slice(at).map((line) => (line.slice(0, indent).trim() === "" ? line.slice(indent) : line));
  return [headersIn(rest.join("\n"))];
}

/** The part before "@" of each "<token@…>". */
function messageIds(fields: Fields, name: string): readonly string[] {
  return (fields.get(name) ?? []).flatMap((value) =>
    [...value.slice(0, 10_000).matchAll(/<([\w-]{24,1024})@/g)].flatMap(([, token]) => token ?? []),
  );
}
