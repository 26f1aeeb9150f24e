/** Chooses the period of a page: presets are links, own dates a form. Every view stays an address. */

import { Notice, withParameters } from "../web/components/content.tsx";
import { TextField } from "../web/components/form.tsx";
import { Choices } from "./choices.tsx";
import { type AllTime, type Period, PRESETS, type Preset } from "./period.ts";

const OWN = new Set(["period", "from", "to", "cursor"]);
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export interface PeriodPickerProps {
  readonly period: Period | AllTime;
  readonly url: URL;
  /** The preset that the page's bare address shows. */
  readonly byDefault: Preset | "all";
  /** Whether all time is one of the choices. */
  readonly hasAll?: boolean;
}

export function PeriodPicker({ period, url, byDefault, hasAll = byDefault === "all" }: PeriodPickerProps) {
  const presets = [...Object.entries(PRESETS), ...(hasAll ? [["all", { label: "All time" }] as const] : [])];
  const hrefOf = (preset: string) =>
    withParameters(url, {
      period: preset === byDefault ? undefined : preset,
      from: undefined,
      to: undefined,
      cursor: undefined,
    });
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
        <summary>{period.choice === "own" ? periodText(period) : "Other dates"}</summary>
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

/** "1 Nov 2026 to 20 Nov 2026" */
export function periodText(period: Period | AllTime): string {
  if (period.choice === "all") return "all time";
  const { firstDay, lastDay } = period;
  const [first, last] = [firstDay, lastDay].map((day) => DAY.format(Date.parse(day)));
  return firstDay === lastDay ? `${first}` : `${first} to ${last}`;
}
