/** The language of a page: the reader's first choice of those that recipients' pages are written in. */
import { parseAccept } from "hono/utils/accept";

export const LANGUAGES = ["en", "fr", "de", "es", "it", "pt", "nl"] as const;
export type Language = (typeof LANGUAGES)[number];

const DEFAULT_LANGUAGE: Language = "en";

/**
 * The language for an Accept-Language header (RFC 9110 §12.5.4). Ranges are matched by their primary subtag: "pt-BR"
 * is "pt" (RFC 4647 §3.4). English without a match.
 */
export function pickLanguage(acceptLanguage: string | null): Language {
  for (const { type: range, q } of parseAccept(acceptLanguage ?? "")) {
    const [primary = ""] = range.toLowerCase().split("-");
    if (q > 0 && isLanguage(primary)) return primary;
  }
  return DEFAULT_LANGUAGE;
}

function isLanguage(subtag: string): subtag is Language {
  return LANGUAGES.some((language) => language === subtag);
}
