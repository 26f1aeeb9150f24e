/** A row whose person is erased before it is in D1: only columns that statistics need and that identify nobody stay. */
import type { NamedRow } from "./row.ts";

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

/** The category and status of a bounce, the cause of an unsubscription, whether a Sent is implied; null without any. */
function keptDetail(json: string): string | null {
  try {
    const { category, status, cause, by, implied, retracted } = JSON.parse(json) as Record<string, unknown>;
    const kept = JSON.stringify({ category, status, cause, by, implied, retracted });
    return kept === "{}" ? null : kept;
  } catch {
    // A dead letter may hold anything.
    return null;
  }
}
