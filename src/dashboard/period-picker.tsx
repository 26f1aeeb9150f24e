/** Chooses the period of a page: presets are links, own dates a form. Every view stays an address. */
import { Notice, withParameters } from "../web/components/content.tsx";
import { KeptParameters, TextField } from "../web/components/form.tsx";
import { Choices } from "./choices.tsx";
import { type AllTime, type Period, PRESETS } from "./period.ts";

const OWN = ["period", "from", "to", "cursor"];
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export interface PeriodPickerProps {
  readonly period: Period | AllTime;
  readonly url: URL;
  /** Whether all time is one of the choices. */
  readonly hasAll?: boolean;
}

export function PeriodPicker({ period, url, hasAll = false }: PeriodPickerProps) {
  const presets = [...Object.entries(PRESETS), ...(hasAll ? [["all", { label: "All time" }] as const] : [])];
  const days = period.choice === "all" ? { first: undefined, last: undefined } : daysOf(period);
  return (
    <div class="period">
      <Choices
        name="Period"
        choices={presets.map(([preset, { label }]) => ({
          text: label,
          href: presetHref(url, preset),
          isChosen: period.choice === preset,
        }))}
      />
      <details class="own-dates" open={period.problem !== undefined}>
        <summary>{period.choice === "own" ? daysText(period.firstDay, period.lastDay) : "Other dates"}</summary>
        <form class="own-dates-form" method="get" action={url.pathname}>
          <KeptParameters url={url} except={OWN} />
          {period.problem === undefined ? null : <Notice kind="problem">{period.problem}</Notice>}
          <TextField label="First day" name="from" type="date" value={days.first} isRequired />
          <TextField label="Last day" name="to" type="date" value={days.last} />
          <button type="submit">Show</button>
        </form>
      </details>
    </div>
  );
}

/** Also where the page's bare address shows the same: what was chosen stays as one goes on to search. */
function presetHref(url: URL, preset: string): string {
  return withParameters(url, { period: preset, from: undefined, to: undefined, cursor: undefined });
}

/** What to do next where a period has nothing. */
export function ShowAllTime({ url }: { readonly url: URL }) {
  return (
    <p>
      <a href={presetHref(url, "all")}>Show all time</a>
    </p>
  );
}

const daysOf = ({ firstDay, lastDay }: Period) => ({ first: firstDay, last: lastDay });

/** "1 Nov 2026 to 20 Nov 2026"; of one day its date alone. */
function daysText(firstDay: string, lastDay: string): string {
  const [first, last] = [firstDay, lastDay].map((day) => DAY.format(Date.parse(day)));
  return firstDay === lastDay ? `${first}` : `${first} to ${last}`;
}

/**
 * When, after a verb: "sent on 29 Nov 2026", "sent from 1 Nov 2026 to 20 Nov 2026", "sent at any time".
 * @example `Messages sent ${periodPhrase(period)}.`
 */
export function periodPhrase(period: Period | AllTime): string {
  if (period.choice === "all") return "at any time";
  const { firstDay, lastDay } = period;
  return `${firstDay === lastDay ? "on" : "from"} ${daysText(firstDay, lastDay)}`;
}
