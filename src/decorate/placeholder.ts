/**
 * Recognises the placeholders that become the unsubscribe link, and those that a later step fills, by the delimiters
 * of common template languages. Guarantees that a percent-escape is not taken for a placeholder. Linear in the text.
 */

export interface Placeholders {
  /**
   * A regular expression's source for unsubscribe placeholders in text, with the scheme that an editor may have put
   * before.
   */
  readonly pattern: string;
  /** Whether an address is an unsubscribe placeholder only; editors percent-encode it or put a scheme before it. */
  isUnsubscribe(url: string): boolean;
  /** Whether an address contains a placeholder of any kind. */
  isIn(url: string): boolean;
}

/** @param own the sender's unsubscribe placeholders besides `{{unsubscribe}}`, as they are in the email */
export function makePlaceholders(own: readonly string[]): Placeholders {
  const texts = own.map((text) => text.trim()).sort((a, b) => b.length - a.length);
  // HTML editors write spaces as `&nbsp;`.
  const space = "(?:\\s|&nbsp;)*";
  const name = `${space}unsubscribe${space}`;
  // Three braces: Handlebars, unescaped.
  const any = [`\\{\\{\\{${name}\\}\\}\\}`, `\\{\\{${name}\\}\\}`, ...texts.map(escaped)].join("|");
  const whole = new RegExp(`^(?:[Hh][Tt][Tt][Pp][Ss]?://)?(?:${any})/?$`);
  return {
    pattern: `(?:https?://)?(?:${any})`,
    isUnsubscribe: (url) => whole.test(url) || whole.test(percentDecoded(url)),
    isIn: (url) => holdsPlaceholder(url) || texts.some((text) => url.includes(text)),
  };
}

/** Opening and closing delimiters, with any text between. */
const DELIMITERS = [
  ["{{", "}}"], // Handlebars, Liquid, Jinja
  ["{%", "%}"], // Liquid, Jinja
  ["*|", "|*"], // Mailchimp
  ["%%", "%%"], // Salesforce; an escape has two digits behind each sign
  ["<", ">"], // ERB, EJS, Sendy, mail merge
  ["${", "}"], // JavaScript, Freemarker
  ["[[", "]]"], // Mailjet, Thymeleaf
  ["[%", "%]"], // Template Toolkit, Emma
] as const;

/** Names between characters that are legal in URLs. */
const NAMES = new RegExp(
  [
    // Mautic, MailerLite, AWeber, URI templates. Not a GUID: it has hyphens.
    String.raw`\{[!$@]?[a-z_][\w.]*(?:[=|][^{}]*)?\}`,
    // Mailgun, ActiveCampaign. Neither percent sign begins an escape.
    String.raw`%(?![0-9a-f]{2})[a-z_][\w.:-]*%(?![0-9a-f]{2})`,
    // Emarsys, Dotdigital
    String.raw`\$[a-z_][\w.]*\$`,
    // Zoho
    String.raw`\$\[[^\]$]*\]\$`,
    // Eloqua
    String.raw`~~[\w.-]+~~`,
    // Campaign Monitor, MailPoet, phpList. At the start only: "?a[b]=c" is not a placeholder.
    String.raw`^\[[^[\]]+\]`,
  ].join("|"),
  "i",
);

/**
 * A placeholder that an editor has percent-encoded, perhaps with a scheme before it. No web address begins like this.
 */
const ESCAPED = /^(?:https?:\/\/)?(?:%7B|%5B|%3C|\*%7C)/i;

function holdsPlaceholder(url: string): boolean {
  // Quotes inside a placeholder end the attribute, so only the placeholder's beginning may be there.
  if (url.includes("{{") || ESCAPED.test(url) || NAMES.test(url)) return true;
  return DELIMITERS.some(([open, close]) => {
    const start = url.indexOf(open);
    return start >= 0 && url.includes(close, start + open.length);
  });
}

/**
 * Whether a placeholder begins in `text` and ends behind it: one with spaces inside goes on past what looks like a
 * URL.
 */
export function opensPlaceholder(text: string): boolean {
  return DELIMITERS.some(([open, close]) => {
    const start = text.lastIndexOf(open);
    if (start < 0) return false;
    const inside = text.slice(start + open.length);
    if (inside.includes(close)) return false;
    // "{%22" is JSON with an escaped quote, "[%20" a list.
    const isEscape = open.endsWith("%") && open !== "%%" && /^[0-9a-f]{2}/i.test(inside);
    return !isEscape;
  });
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

/** With the percent-escapes of ASCII decoded. */
export function percentDecoded(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
