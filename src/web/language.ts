/** The language of a page: what the browser asks for first of those that the pages are written in. */
import { type Language, phrases } from "./phrases.ts";

const DEFAULT: Language = "en";

const WEIGHT = /^\s*q\s*=\s*(0?\.\d+|[01](?:\.\d*)?)\s*$/i;

/**
 * From an Accept-Language header (RFC 9110 §12.5.4): the highest weight first, "pt-BR" found as "pt" (RFC 4647 §3.4), a weight
 * of 0 never, what is no weight as 1. English when none fits.
 */
export function pickLanguage(acceptLanguage: string | null): Language {
  const asked = (acceptLanguage ?? "").split(",").map((range) => {
    const [tag = "", weight = ""] = range.split(";");
    const [primary = ""] = tag.trim().toLowerCase().split("-");
    return { primary, weight: Number(WEIGHT.exec(weight)?.[1] ?? 1) };
  });
  for (const { primary, weight } of asked.sort((a, b) => b.weight - a.weight))
    if (weight > 0 && isWritten(primary)) return primary;
  return DEFAULT;
}

function isWritten(language: string): language is Language {
  return Object.hasOwn(phrases, language);
}
