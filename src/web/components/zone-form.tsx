/** A form to choose the zone of times, which works without a script. */

/** Zones to choose from; any other of the IANA time zone database can be written. */
const COMMON_ZONES = [
  "UTC",
  "America/Los_Angeles",
  "America/Denver",
  "America/Chicago",
  "America/New_York",
  "America/Sao_Paulo",
  "Europe/London",
  "Europe/Lisbon",
  "Europe/Paris",
  "Europe/Berlin",
  "Europe/Madrid",
  "Europe/Rome",
  "Europe/Warsaw",
  "Europe/Athens",
  "Europe/Istanbul",
  "Africa/Lagos",
  "Africa/Johannesburg",
  "Asia/Dubai",
  "Asia/Kolkata",
  "Asia/Singapore",
  "Asia/Shanghai",
  "Asia/Tokyo",
  "Australia/Sydney",
  "Pacific/Auckland",
] as const;

export interface ZoneFormProps {
  readonly zone: string;
  /** Whether the script may load the page again in the browser's zone, because none is known. */
  readonly takesBrowsersZone: boolean;
  /** The page that it is on, to come back to. */
  readonly next: string;
}

export function ZoneForm({ zone, takesBrowsersZone, next }: ZoneFormProps) {
  return (
    <form method="post" action="/app/zone" class="zone" data-zone-unknown={takesBrowsersZone ? zone : undefined}>
      <input type="hidden" name="next" value={next} />
      <label for="zone">Show times in</label>
      <input
        id="zone"
        name="zone"
        list="zones"
        placeholder="Your browser’s zone"
        autocomplete="off"
        maxlength={64}
        spellcheck={false}
      />
      <datalist id="zones">
        {COMMON_ZONES.map((name) => (
          <option value={name} />
        ))}
      </datalist>
      <button class="quiet" type="submit">
        Change
      </button>
    </form>
  );
}
