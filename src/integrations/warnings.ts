/** Warnings of copies: one that shows over several copies of an email, and where they go when nobody asks for them. */
import QuickLRU from "quick-lru";
import type { Decorated, Recipient, Template } from "../decorate/index.ts";
import { warning } from "../decorate/warning.ts";

/** What the sender should know of a copy. It can be sent. */
export interface CopyWarning {
  /** One of `WarningCode`. */
  readonly code: string;
  /** The link that it is about, if it is about one. */
  readonly url?: string | undefined;
  /** An English sentence. */
  readonly message: string;
}

export interface WarningOptions {
  /** Called with each warning of a copy. Default: each kind is written to the console once, without a link's address */
  readonly onWarning?: ((warning: CopyWarning) => void) | undefined;
}

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

const MAX_WRITTEN = 1_000;
const written = new QuickLRU<string, true>({ maxSize: MAX_WRITTEN });

/**
 * Reports each warning of a copy.
 * @param about what is warned of, where that is known: "email 1042"
 */
export function reportWarnings(
  warnings: readonly CopyWarning[] | undefined,
  { onWarning }: WarningOptions,
  about?: string,
): void {
  for (const each of warnings ?? []) {
    if (onWarning === undefined) writeOnce(each, about);
    else onWarning(each);
  }
}

/** Links may be personal: their addresses are not written. */
function writeOnce({ code, message }: CopyWarning, about: string | undefined): void {
  const key = about === undefined ? `${code} ${message}` : `${about} ${code}`;
  if (written.has(key)) return;
  written.set(key, true);
  console.warn(["waxseal", about, code, message].filter((part) => part !== undefined).join(": "));
}
