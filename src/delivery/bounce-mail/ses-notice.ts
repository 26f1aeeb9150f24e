/**
 * Amazon SES's notifications, mailed by SNS ("email-json", and "email" with the message alone): JSON in the text of a
 * mail. It is read by the adapter of SES's webhooks. Unsigned, so it is worth its token, as any bounce mail.
 */
import type { Report } from "../outcome.ts";
import { ses } from "../providers/ses.ts";
import type { Finding } from "./finding.ts";
import { MAX_FINDINGS } from "./finding.ts";
import type { Mail } from "./mail.ts";

const MAX_CHARS = 65_536;

export interface SesNotice {
  readonly findings: readonly Finding[];
  readonly tokens: readonly string[];
}

/** Undefined when the mail is no such notification. */
export function sesNotice({ headers, text }: Mail): SesNotice | undefined {
  const json = text.trimStart().slice(0, MAX_CHARS);
  if (!json.startsWith("{") || !/"(?:notification|event)Type\\?"/.test(json)) return undefined;
  if (!headers.has("x-amz-sns-message-id") && !/"mail\\?"/.test(json)) return undefined;
  const notification = notificationIn(json);
  if (notification === undefined) return undefined;
  const read = ses.read(notification);
  if (!read.ok) return undefined;
  const reports = read.value.reports.slice(0, MAX_FINDINGS);
  // All of them are about one mail.
  return { findings: reports.flatMap(findingsOf), tokens: reports[0]?.tokens ?? [] };
}

function findingsOf({ outcome, address: recipient = "" }: Report): readonly Finding[] {
  switch (outcome.type) {
    case "bounced":
      return [{ recipient, action: "failed", bounce: outcome.bounce }];
    case "complained":
    case "delivered":
      return [{ recipient, action: outcome.type }];
    case "deferred":
      return [{ recipient, action: "delayed" }];
    case "sent":
    case "unsubscribed":
    case "subscribed":
    case "addressOptedOut":
    // Only a signature shows that the provider says so.
    case "automatedOpen":
      return [];
  }
}

/** SNS adds "\n\n--\nIf you wish to stop receiving notifications …"; old relays fold long lines with "!". */
function notificationIn(text: string): unknown {
  const [json = ""] = text.split(/\n--\s{0,5}\n/, 1);
  const parsed = parsedJson(json.replaceAll(/!\r?\n ?/g, "").trim());
  if (typeof parsed !== "object" || parsed === null) return undefined;
  return "Type" in parsed ? parsed : { Type: "Notification", Message: JSON.stringify(parsed) };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
