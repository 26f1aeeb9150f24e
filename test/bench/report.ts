/** Figures as a table for people, or as one JSON object a line for machines. */
import Table from "cli-table3";
import pc from "picocolors";
import { type Figure, isReached } from "./bench.ts";

/** `{name, value, unit, control, ratio, goal, ok, cpuUs}`; null for what a figure does not have. */
export function jsonLine(figure: Figure): string {
  const { name, value, unit, control, ratio, goal, cpuUs } = figure;
  return JSON.stringify({
    name,
    value,
    unit,
    control: control ?? null,
    ratio: ratio ?? null,
    goal: goal === undefined ? null : (Object.values(goal)[0] ?? null),
    ok: isReached(figure) ?? null,
    cpuUs: cpuUs ?? null,
  });
}

export function figureTable(figures: readonly Figure[]): string {
  const head = ["", "value", "control", "ratio", "goal", "CPU µs (control)"].map((title) => pc.bold(title));
  const table = new Table({
    head,
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right", "right"],
  });
  for (const figure of figures) {
    const { name, value, unit, control, ratio, cpuUs, controlCpuUs } = figure;
    table.push([
      name,
      `${shown(value)} ${unit}`.trim(),
      control === undefined ? "" : shown(control),
      ratio === undefined ? "" : ratio.toFixed(3),
      goalWords(figure),
      cpuUs === undefined ? "" : `${cpuUs.toFixed(0)} (${controlCpuUs?.toFixed(0) ?? "–"})`,
    ]);
  }
  return table.toString();
}

function goalWords(figure: Figure): string {
  const { goal } = figure;
  if (goal === undefined) return "";
  const words = "exactly" in goal ? `= ${goal.exactly}` : "atLeast" in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
  return isReached(figure) ? pc.green(`${words} ✓`) : pc.red(`${words} ✗`);
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
