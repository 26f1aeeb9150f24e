/**
 * What the log keeps of a request that changes a subscription. Guarantees that it is short, however long the request
 * is: whoever has one mail can send any number of them.
 */
import type { SubscriptionRequest } from "../events/event.ts";
import { keptIp } from "../http/client-ip.ts";
import { headerOf, userAgentOf } from "../http/request-header.ts";

export type FormFields = Readonly<Record<string, string>>;

const MAX_FIELDS = 10;
const MAX_NAME_CHARS = 64;
const MAX_VALUE_CHARS = 256;
/** How long all fields together may be, in JSON. */
const MAX_FIELDS_BYTES = 480;
const MAX_USER_AGENT_BYTES = 512;
const MAX_REFERRER_BYTES = 256;
const MAX_QUERY_BYTES = 256;
/** Enough to read before it is cut, in characters. */
const MAX_READ_CHARS = 1_024;

export function loggedRequest(
  request: Request,
  formFields: FormFields,
  clientIp: Parameters<typeof keptIp>[1],
): SubscriptionRequest {
  return {
    userAgent: start(userAgentOf(request), MAX_USER_AGENT_BYTES),
    clientIp: keptIp(request.headers.get("CF-Connecting-IP") ?? "", clientIp),
    referrer: start(headerOf(request, "Referer", MAX_READ_CHARS), MAX_REFERRER_BYTES),
    query: start(new URL(request.url).search.slice(1), MAX_QUERY_BYTES),
    formFields: fewFields(formFields),
  };
}

/** The first fields, as many as there is room for. */
function fewFields(formFields: FormFields): FormFields {
  const kept: [string, string][] = [];
  let room = MAX_FIELDS_BYTES;
  for (const [name, value] of Object.entries(formFields).slice(0, MAX_FIELDS)) {
    const keptName = start(name.slice(0, MAX_NAME_CHARS), room);
    room -= bytesOf(keptName) + '"":"",'.length;
    if (room < 0) break;
    const keptValue = start(value.slice(0, MAX_VALUE_CHARS), room);
    room -= bytesOf(keptValue);
    kept.push([keptName, keptValue]);
  }
  return Object.fromEntries(kept);
}

/**
 * The start of a text that takes at most `maxBytes` in JSON, without control characters. A half surrogate pair, which
 * D1 does not store, is replaced.
 */
function start(text: string, maxBytes: number): string {
  const plain = text
    .slice(0, MAX_READ_CHARS)
    .toWellFormed()
    .replace(/\p{Cc}/gu, "");
  let bytes = 0;
  let kept = "";
  for (const character of plain) {
    bytes += bytesOf(character);
    if (bytes > maxBytes) break;
    kept += character;
  }
  return kept;
}

/** What a text takes in JSON, in bytes of UTF-8, without its quotation marks. */
function bytesOf(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length - 2;
}
