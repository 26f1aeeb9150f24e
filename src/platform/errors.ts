/**
 * What an error of D1, a queue or a Durable Object asks for: to be tried again, or to look at the row itself. And what of an error's words
 * a line of the log says.
 */

const PASSING =
  /network connection lost|reset|internal error|storage caused object to be reset|cannot resolve D1/i;
const ROW_FAULT =
  /malformed JSON|constraint failed|datatype mismatch|too big|SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/i;

/**
 * Whether the same write may be tried again at once. Never after "overloaded": that only feeds the overload.
 * Source: Cloudflare's D1 "Retry queries" and Durable Objects "Error handling" pages.
 */
export function isTransient(error: unknown): boolean {
  const { retryable, overloaded } = Object(error) as { retryable?: unknown; overloaded?: unknown };
  if (overloaded === true || /overloaded/i.test(String(error))) return false;
  return retryable === true || PASSING.test(String(error));
}

/** Whether the database works but will never take these rows. */
export function isRowFault(error: unknown): boolean {
  return ROW_FAULT.test(String(error));
}

/** Tries once more, after a short random pause, what failed in passing. Only for idempotent work. */
export async function retryOnce<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isTransient(error)) throw error;
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
    return await work();
  }
}

/** From the first quotation mark to the last: what `JSON.parse` could not read stands there. */
const QUOTED = /".*"/s;
const ADDRESS = /[^\s<>()[\]:;,]+@[^\s<>()[\]:;,]+/g;
/** The shortest token has so many characters. */
const TOKEN = /[\w-]{32,}/g;
const WORDS_KEPT = 300;

/** An error's words without what it quotes, addresses and tokens: logs are read by more people than mail is, and kept elsewhere. */
export function loggable(error: unknown): string {
  const words = String(error).replace(QUOTED, '"…"').replace(ADDRESS, "…@…").replace(TOKEN, "…");
  return words.slice(0, WORDS_KEPT).toWellFormed();
}
