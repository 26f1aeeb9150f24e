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
  const name = `${space}unsubscribe${space}`;
  // Three braces are Handlebars' for "do not escape".
  const any = [`\\{\\{\\{${name}\\}\\}\\}`, `\\{\\{${name}\\}\\}`, ...texts.map(escaped)].join("|");
  const whole = new RegExp(`^(?:[Hh][Tt][Tt][Pp][Ss]?://)?(?:${any})/?$`);
  return {
    pattern: `(?:https?://)?(?:${any})`,
    isUnsubscribe: (url) => whole.test(url) || whole.test(percentDecoded(url)),
    isIn: (url) => holdsPlaceholder(url) || texts.some((text) => url.includes(text)),
  };
}

/** Opening and closing delimiters, with any text between, and who writes them. */
const DELIMITERS = [
  ["{{", "}}"], // Handlebars, Liquid, Jinja
  ["{%", "%}"], // Liquid, Jinja
  ["*|", "|*"], // Mailchimp
  ["%%", "%%"], // Salesforce; no legal escape, which has two digits behind each sign
  ["<", ">"], // ERB, EJS, Sendy, mail merge
  ["${", "}"], // JavaScript, Freemarker
  ["[[", "]]"], // Mailjet, Thymeleaf
  ["[%", "%]"], // Template Toolkit, Emma
] as const;

/** A name between marks that URLs may hold, too, and who writes it so. */
const NAMES = new RegExp(
  [
    String.raw`\{[!$@]?[a-z_][\w.]*(?:[=|][^{}]*)?\}`, // Mautic, MailerLite, AWeber, URI templates; no GUID, which has hyphens
    String.raw`%(?![0-9a-f]{2})[a-z_][\w.:-]*%(?![0-9a-f]{2})`, // Mailgun, ActiveCampaign; neither sign begins an escape
    String.raw`\$[a-z_][\w.]*\$`, // Emarsys, Dotdigital
    String.raw`\$\[[^\]$]*\]\$`, // Zoho
    String.raw`~~[\w.-]+~~`, // Eloqua
    String.raw`^\[[^[\]]+\]`, // Campaign Monitor, MailPoet, phpList; "?a[b]=c" is no placeholder
  ].join("|"),
  "i",
);

/** Nothing of the web begins like this: an editor has escaped a placeholder and perhaps put a scheme before it. */
const ESCAPED = /^(?:https?:\/\/)?(?:%7B|%5B|%3C|\*%7C)/i;

function holdsPlaceholder(url: string): boolean {
  // Where quotes inside a placeholder have ended the attribute, only its beginning is there to be seen.
  if (url.includes("{{") || ESCAPED.test(url) || NAMES.test(url)) return true;
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
    // "{%22" is JSON with an escaped quote, "[%20" a list.
    return (
      (open !== "{%" && open !== "[%") ||
      !/^[0-9a-f]{2}/i.test(text.slice(at + open.length, at + open.length + 2))
    );
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
