/**
 * Placeholders: the one that becomes the unsubscribe link, and those that a later step will fill, recognised by the
 * delimiters of the template languages in use. Guarantees that percent-escapes are taken for none. Linear in the text.
 */

/** Fills `{{unsubscribe}}` and the sender's own. */
export interface Placeholders {
  /** The source of a regular expression for them in text, with the scheme that an editor may have put before. */
  readonly pattern: string;
  /** Whether an address is one of them and nothing else; editors write it percent-encoded, or with a scheme before it. */
  isUnsubscribe(url: string): boolean;
  /** Whether an address holds a placeholder of any kind. */
  isIn(url: string): boolean;
}

/** `own` are texts, as they stand in the email. */
export function makePlaceholders(own: readonly string[]): Placeholders {
  const texts = own.map((text) => text.trim()).sort((a, b) => b.length - a.length);
  // The space of HTML editors is a no-break space, written out.
  const space = "(?:\\s|&nbsp;)*";
  const any = [`\\{\\{${space}unsubscribe${space}\\}\\}`, ...texts.map(escaped)].join("|");
  const whole = new RegExp(`^(?:[Hh][Tt][Tt][Pp][Ss]?://)?(?:${any})/?$`);
  return {
    pattern: `(?:https?://)?(?:${any})`,
    isUnsubscribe: (url) => whole.test(url) || whole.test(percentDecoded(url)),
    isIn: (url) => holdsPlaceholder(url) || texts.some((text) => url.includes(text)),
  };
}

/** Opening and closing delimiters, and who writes them. */
const DELIMITERS = [
  ["{{", "}}"], // Handlebars, Liquid, Jinja
  ["{%", "%}"], // Liquid, Jinja
  ["*|", "|*"], // Mailchimp
  ["%%", "%%"], // Salesforce; no legal escape, which has two digits behind each sign
  ["<%", "%>"], // ERB, EJS
  ["${", "}"], // JavaScript, Freemarker
  ["[[", "]]"], // Mailjet, Thymeleaf
] as const;

/** A host cannot begin like this: an editor has escaped a placeholder and put a scheme before it. */
const ESCAPED = /^(?:https?:\/\/)?(?:%7B%7B|%7B%25|\*%7C|%5B%5B)/i;

function holdsPlaceholder(url: string): boolean {
  // Where quotes inside a placeholder have ended the attribute, only its beginning is there to be seen.
  if (url.includes("{{") || ESCAPED.test(url)) return true;
  return DELIMITERS.some(([open, close]) => {
    const at = url.indexOf(open);
    return at >= 0 && url.indexOf(close, at + open.length) >= 0;
  });
}

/** Whether a placeholder begins in `text` that ends behind it: with spaces inside, it goes on past what looks like a URL. */
export function opensPlaceholder(text: string): boolean {
  return DELIMITERS.some(([open, close]) => {
    const at = text.lastIndexOf(open);
    if (at < 0 || text.indexOf(close, at + open.length) >= 0) return false;
    // "{%22" is JSON with an escaped quote.
    return open !== "{%" || !/^[0-9a-f]{2}/i.test(text.slice(at + open.length, at + open.length + 2));
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
