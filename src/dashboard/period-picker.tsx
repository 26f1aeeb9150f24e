/** Chooses the period of a page: presets are links, own dates a form. Every view stays an address. */

import { Notice, withParameters } from "../web/components/content.tsx";
import { TextField } from "../web/components/form.tsx";
import { Choices } from "./choices.tsx";
import { type AllTime, type Period, PRESETS } from "./period.ts";

const OWN = new Set(["period", "from", "to", "cursor"]);
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export interface PeriodPickerProps {
  readonly period: Period | AllTime;
  readonly url: URL;
  /** Whether all time is one of the choices. */
  readonly hasAll?: boolean;
}

export function PeriodPicker({ period, url, hasAll = false }: PeriodPickerProps) {
  const presets = [...Object.entries(PRESETS), ...(hasAll ? [["all", { label: "All time" }] as const] : [])];
  // Also where the page's bare address shows the same: what was chosen stays as one goes on to search.
  const hrefOf = (preset: string) =>
    withParameters(url, { period: preset, from: undefined, to: undefined, cursor: undefined });
  const kept = [...url.searchParams].filter(([name]) => !OWN.has(name));
  const days = period.choice === "all" ? { first: undefined, last: undefined } : daysOf(period);
  return (
    <div class="period">
      <Choices
        name="Period"
        choices={presets.map(([preset, { label }]) => ({
          text: label,
          href: hrefOf(preset),
          isChosen: period.choice === preset,
        }))}
      />
      <details class="own-dates" open={period.problem !== undefined}>
        <summary>{period.choice === "own" ? daysText(period.firstDay, period.lastDay) : "Other dates"}</summary>
        <form class="own-dates-form" method="get" action={url.pathname}>
          {kept.map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          {period.problem === undefined ? null : <Notice kind="problem">{period.problem}</Notice>}
          <TextField label="First day" name="from" type="date" value={days.first} isRequired />
          <TextField label="Last day" name="to" type="date" value={days.last} />
          <button type="submit">Show</button>
        </form>
      </details>
    </div>
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
