/** The language of a page: the reader's first choice of those that `phrases` has. */
import { parseAccept } from "hono/utils/accept";
import { type Language, phrases } from "./phrases.ts";

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
  return Object.hasOwn(phrases, subtag);
}
