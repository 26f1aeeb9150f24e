/** A row whose person is erased before it is in D1: only columns that statistics need and that identify nobody stay. */
import type { NamedRow } from "./row.ts";

/** What stays of an event's detail when its person is erased. All else may name them, in whatever words. */
export const KEPT_FIELDS = [
  ...["category", "status", "cause", "by", "implied", "reason", "retracted"],
  ...["attempt", "firstAttemptAt"],
] as const;

export function erasedRow(row: NamedRow, pseudonym: string): NamedRow {
  const { type, at, email, campaign, link_id, link, is_bot, bot_pattern, detail } = row;
  return {
    id: crypto.randomUUID().replaceAll("-", ""),
    type,
    at,
    email,
    person: pseudonym,
    campaign,
    send: null,
    link_id,
    link: typeof link === "string" ? link.replace(/[?#].*$/s, "") : null,
    user_agent: null,
    is_bot,
    bot_pattern,
    detail: typeof detail === "string" ? keptDetail(detail) : null,
  };
}

/** What is left of a detail; null when that is nothing. */
function keptDetail(json: string): string | null {
  try {
    const detail = JSON.parse(json) as Record<string, unknown>;
    const kept = JSON.stringify(Object.fromEntries(KEPT_FIELDS.map((field) => [field, detail[field]])));
    return kept === "{}" ? null : kept;
  } catch {
    // A dead letter may hold anything.
    return null;
  }
}
