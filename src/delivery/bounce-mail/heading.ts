/** Lines and sentences of a notice that name a recipient. Lines are cut by the caller. */
import { ADDRESS_AMONG_WORDS as ADDRESS, addressIn } from "../address.ts";
import { anyOf } from "../phrases/pattern.ts";

export interface Heading {
  readonly recipient: string;
  /** What else is on the same line. */
  readonly rest: string;
  /** Exim's "an undisclosed address": `recipient` is the one that was mailed. */
  readonly isUndisclosed?: boolean;
}

/** "(generated from info@example.com)", "(expanded from: <info@example.com>)" */
export const GENERATED_FROM = new RegExp(`(?:expanded|generated|forwarded) from:? <?(${ADDRESS})`, "i");

/** The line after which the addresses are listed. */
export function isAnnouncement(line: string): boolean {
  if (/follow(?!\w{0,9} (?:response|reason|error))/i.test(line)) return true;
  return (
    /[:：]\s{0,20}$/.test(line) && /deliver|sent|reach|fail|recipient|address|empf|destinat|受信|宛先|收件/i.test(line)
  );
}

const HEADINGS: readonly RegExp[] = [
  // "554 <marie@example.com>... 550 Host unknown", "550 5.1.1 <marie@example.com>... User unknown"
  new RegExp(`^((?:\\d{3}[ -])?(?:#?\\d\\.\\d\\.\\d{1,3} )?)<?(${ADDRESS}?)>?\\.{3}(.*)$`),
  // "<marie@example.com>: host mx.example.com said: 550 …", "<marie@example.com>", "Marie<mailto:marie@example.com>"
  new RegExp(`^()(?:(?!.*\\d{3})[^<>@:]{1,80})?<(?:mailto:)?(${ADDRESS})>(.*)$`, "i"),
  // "marie@example.com", "marie@example.com: 550 …", "'marie@example.com'",
  // "marie@example.com on Thu, 29 Apr 2010 …", "marie@example.com [User unknown]"
  new RegExp(`^()["']?(${ADDRESS})["']?(?:[:;：]?|[:;：]?\\s(.*))$`, "i"),
  // "SMTP=marie@example.com on 4/29/99" of X.400 names
  new RegExp(`^().{0,200}\\bsmtp[=:](${ADDRESS});? on\\b(.*)$`, "i"),
];
/** "Unknown user: marie@example.com", "Recipient: [SMTP:marie@example.com]": the label is about the address. */
const LABELLED = new RegExp(
  `^([^<>@:：]{1,60})[:：]\\s{0,20}\\[?(?:smtp:|rfc822;)?\\s{0,5}["'<]?(${ADDRESS})["'>\\]]{0,2}[\\s.]{0,5}$`,
  "i",
);
/** Labels of the returned mail. */
const HEADER_LABEL = anyOf(
  [
    "^\\W{0,20}(?:to|from|cc|bcc|sender|subject|date|reply-to|return-path|message-id|errors-to|mail from|von|de|" +
      "da|x-.{0,50})\\s{0,5}$",
  ],
  "i",
);
/** In front of an address to ask, or of the sender's. */
const CONTACT = anyOf(
  [
    "contact|postmaster|sent by|questions|mail to|please|envelope|sender|from$|reporting|absender|exp[eé]diteur",
    "remitente",
  ],
  "i",
);
/** "For further assistance, please contact <…>" */
const ASKED = /\bcontact|\bassistance\b|\bquestions?\b|\bfor (?:further|more) /i;
/** After the address of a sentence, which is not a heading. */
const SENTENCE = /^\s{0,20}(?:wrote|writes|for|if|to|and|or|with|by)\b/i;
/** `next`: the line behind. */
export function headingOf(line: string, next: string): Heading | undefined {
  const trimmed = line.trim().replace(/^(?:[*>•·=+-]{1,5}|-->|=>|\(?\d{1,2}[.)])\s{1,20}/, "");
  if (/^an undisclosed address\b/.test(trimmed)) return undisclosed(trimmed, next);
  const [, label = "", labelled] = LABELLED.exec(trimmed) ?? [];
  if (labelled !== undefined)
    return HEADER_LABEL.test(label) || CONTACT.test(label)
      ? undefined
      : { recipient: bare(labelled), rest: `${label}:` };
  if (ASKED.test(/^([^<>@:]{1,80})</.exec(trimmed)?.[1] ?? "")) return undefined;
  for (const heading of HEADINGS) {
    const [, code = "", address, rest = ""] = heading.exec(trimmed) ?? [];
    if (address !== undefined && !SENTENCE.test(rest))
      return { recipient: bare(address), rest: `${code}${rest.replace(/^\s{0,20}[:-](?:\s|$)/, "")}` };
  }
  return undefined;
}

function undisclosed(line: string, next: string): Heading | undefined {
  const recipient = GENERATED_FROM.exec(`${line} ${next}`)?.[1];
  return recipient === undefined ? undefined : { recipient: bare(recipient), rest: "", isUndisclosed: true };
}

/** Without punctuation at the end. */
const bare = (address: string) => address.replace(/^smtp[=:]/i, "").replace(/[.!?:;]{1,20}$/, "");

const INLINE = new RegExp(
  "(?:message to|mail to|undeliverable to|not delivered to|delivered to|delivery to|delivering to|rejected recipient|" +
    "deliver (?:your |the )?(?:mail|message)? ?to|sent to|addressed to|permanent errors:|recipient|address|mailbox|" +
    `account|user [^\\s()]{1,64} \\()\\s?["'<]?(${ADDRESS})`,
  "i",
);

/** The recipient that a sentence names: "your message to marie@example.com could not be delivered". */
export const inlineRecipient = (text: string) => addressIn(INLINE.exec(text.replace(/\s+/g, " "))?.[1] ?? "");
