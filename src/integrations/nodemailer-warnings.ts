/** Warnings that show over several copies of one email, and where they go when the sender asks for none. */
import QuickLRU from "quick-lru";
import type { Decorated, Recipient, Template } from "../decorate/index.ts";
import { warning } from "../decorate/warning.ts";

const MAX_EMAILS = 1_000;

type AddWarning = (template: Template, recipient: Recipient, copy: Decorated) => Decorated;

/** Adds `personal_links` to the first copy of an email whose links are others than in the copies before. */
export function personalLinkWarnings(): AddWarning {
  const linksOf = new QuickLRU<string, string>({ maxSize: MAX_EMAILS });
  const WARNED = "";
  return ({ links }, { email }, copy) => {
    const known = linksOf.get(`${email}`);
    const ids = `links ${links.map(({ id }) => id).join(" ")}`;
    if (known === undefined) linksOf.set(`${email}`, ids);
    if (known === undefined || known === ids || known === WARNED) return copy;
    linksOf.set(`${email}`, WARNED);
    return { ...copy, warnings: [...copy.warnings, warning("personal_links")] };
  };
}

/** Writes each kind of warning of an email to the console once, without addresses of links, which may be personal. */
export function warningWriter(): (copy: Decorated, recipient: Recipient) => void {
  const written = new QuickLRU<string, true>({ maxSize: MAX_EMAILS });
  return ({ warnings }, { email }) => {
    for (const { code, message } of warnings) {
      const key = `${email} ${code}`;
      if (written.has(key)) continue;
      written.set(key, true);
      console.warn(`waxseal: email ${email}: ${code}: ${message}`);
    }
  };
}
