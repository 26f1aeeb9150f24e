/** A time in the viewer's zone, with the same in UTC for who asks. */
import QuickLRU from "quick-lru";

const STYLES = {
  day: { day: "numeric", month: "short", year: "numeric" },
  minute: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  second: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

export interface LocalTimeProps {
  /** ISO 8601, as /v1 answers it. */
  readonly at: string;
  /** The viewer's, an IANA name that the runtime knows. */
  readonly zone: string;
  /** How exact the text is; the title has seconds, too. "minute" by default. */
  readonly exact?: keyof typeof STYLES;
}

/** Making a format takes longer than using it. */
const formats = new QuickLRU<string, Intl.DateTimeFormat>({ maxSize: 100 });

/**
 * @throws {RangeError} for a zone that the runtime does not know
 * @example <LocalTime at="2026-11-29T13:04:05Z" zone="Europe/Paris" />
 * // <time datetime="2026-11-29T13:04:05Z" title="29 Nov 2026, 13:04:05 UTC">29 Nov 2026, 14:04</time>
 */
export function LocalTime({ at, zone, exact = "minute" }: LocalTimeProps) {
  const atMs = Date.parse(at);
  if (Number.isNaN(atMs)) return <>{at}</>;
  return (
    <time datetime={at} title={`${timeFormat("UTC", "second").format(atMs)} UTC`}>
      {timeFormat(zone, exact).format(atMs)}
    </time>
  );
}

function timeFormat(zone: string, exact: keyof typeof STYLES): Intl.DateTimeFormat {
  const key = `${exact} ${zone}`;
  const known = formats.get(key);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-GB", { ...STYLES[exact], timeZone: zone });
  formats.set(key, made);
  return made;
}
