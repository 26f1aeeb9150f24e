/** The language of a page: what the browser asks for first of those that the pages are written in. */
import { parseAccept } from "hono/utils/accept";
import { type Language, phrases } from "./phrases.ts";

const DEFAULT: Language = "en";

/**
 * From an Accept-Language header (RFC 9110 §12.5.4): the highest weight first, "pt-BR" found as "pt" (RFC 4647 §3.4), a weight
 * of 0 never. English when none fits.
 */
export function pickLanguage(acceptLanguage: string | null): Language {
  for (const { type, q } of parseAccept(acceptLanguage ?? "")) {
    const [primary = ""] = type.toLowerCase().split("-");
    if (q > 0 && isWritten(primary)) return primary;
  }
  return DEFAULT;
}

function isWritten(language: string): language is Language {
  return Object.hasOwn(phrases, language);
}
