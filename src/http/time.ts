/** Times in requests and answers. */

/** ms since 1970 UTC of an ISO 8601 date or time; a time without a zone is UTC. Undefined for anything else. */
export function timeOf(text: string): number | undefined {
  const [, date, clock, zone] = ISO_8601.exec(text.trim()) ?? [];
  if (date === undefined) return undefined;
  // A "+" that was not percent-encoded arrives as a space.
  const ms = Date.parse(clock === undefined ? date : `${date}T${clock}${normalZone(zone ?? "Z")}`);
  return Number.isNaN(ms) || !isRealDay(date) ? undefined : ms;
}

/**
 * ms since 1970 UTC of an ISO 8601 time with its zone; a space may replace the T (RFC 3339 §5.6). Undefined for
 * anything else, a date or a time without a zone included.
 */
export function instantOf(text: string): number | undefined {
  return ZONED.test(text) ? timeOf(text.replace(" ", "T")) : undefined;
}

/** `2026-11-20T09:30:00.000Z` */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** ms since 1970 UTC of the beginning of an ISO 8601 date in UTC. Undefined for anything else, a time included. */
export function dateOf(text: string): number | undefined {
  return DATE.test(text) ? timeOf(text) : undefined;
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const ZONED = /(?:z|[+-]\d\d:?\d\d)$/i;

const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+ -]\d\d:?\d\d)?)?$/i;

function normalZone(zone: string): string {
  if (/^z$/i.test(zone)) return "Z";
  return `${zone[0] === "-" ? "-" : "+"}${zone.slice(1, 3)}:${zone.slice(-2)}`;
}

/** `Date.parse` reads 2026-02-30 as March 2. */
function isRealDay(date: string): boolean {
  return new Date(date).getUTCDate() === Number(date.slice(-2));
}
