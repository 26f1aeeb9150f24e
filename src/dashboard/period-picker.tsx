/** Chooses the period of a page: presets are links, own dates a form. Every view stays an address. */

import { Notice, withParameters } from "../web/components/content.tsx";
import { TextField } from "../web/components/form.tsx";
import { Choices } from "./choices.tsx";
import { type Period, PRESETS, type Preset } from "./period.ts";

const OWN = new Set(["period", "from", "to", "cursor"]);
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export interface PeriodPickerProps {
  readonly period: Period;
  readonly url: URL;
  /** The preset that the page's bare address shows. */
  readonly byDefault: Preset;
}

export function PeriodPicker({ period, url, byDefault }: PeriodPickerProps) {
  const presets = Object.entries(PRESETS) as readonly (readonly [Preset, { readonly label: string }])[];
  const hrefOf = (preset: Preset) =>
    withParameters(url, {
      period: preset === byDefault ? undefined : preset,
      from: undefined,
      to: undefined,
      cursor: undefined,
    });
  const kept = [...url.searchParams].filter(([name]) => !OWN.has(name));
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
          <TextField label="First day" name="from" type="date" value={period.firstDay} isRequired />
          <TextField label="Last day" name="to" type="date" value={period.lastDay} />
          <button type="submit">Show</button>
        </form>
      </details>
    </div>
  );
}

/** "1 Nov 2026 to 20 Nov 2026" */
export function periodText({ firstDay, lastDay }: Period): string {
  const [first, last] = [firstDay, lastDay].map((day) => DAY.format(Date.parse(day)));
  return firstDay === lastDay ? `${first}` : `${first} to ${last}`;
}
