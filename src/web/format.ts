/** Numbers as people read them, in English. Guarantees that a rounded share never says "all" or "none" wrongly. */

const COUNT = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });
const PERCENT = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
const SMALL_PERCENT = new Intl.NumberFormat("en", { style: "percent", minimumFractionDigits: 2 });
const ROUND_PERCENT = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 8 });

/** From here on, axes say "20K" and "1.5M". */
const SHORT_FROM = 10_000;
/** Shares below have two decimals: a complaint rate of 0.08 % is not one of 0.1 %. */
const SMALL_SHARE = 0.01;
const SMALLEST_SHARE = 0.0001;
const LARGEST_SHARE = 0.999;

/** 1234567 → "1,234,567". */
export function formatCount(count: number): string {
  return COUNT.format(count);
}

/** "1 open", "1,204 opens"; of words with another plural (1204, "person", "people") → "1,204 people". */
export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/**
 * (2, 3) → "66.7%"; (9997, 10000) → ">99.9%", never "100%"; (1, 1000000) → "<0.01%", never "0%". "–" of a whole of 0,
 * of which nothing has a share, and of null. More than the whole is more than "100%".
 * @param whole left out, `part` is the share itself: 0.5 → "50.0%"
 * @example formatShare(opened, delivered)
 */
export function formatShare(part: number | null, whole = 1): string {
  if (part === null) return "–";
  const share = part / whole;
  if (!Number.isFinite(share)) return "–";
  if (share === 0 || share === 1) return ROUND_PERCENT.format(share);
  if (share < SMALLEST_SHARE) return `<${ROUND_PERCENT.format(SMALLEST_SHARE)}`;
  if (share > LARGEST_SHARE && share < 1) return `>${PERCENT.format(LARGEST_SHARE)}`;
  // What would round to "100.0%" from above is more than all.
  if (share > 1 && share < 1.001) return `>${ROUND_PERCENT.format(1)}`;
  return (share < SMALL_SHARE ? SMALL_PERCENT : PERCENT).format(share);
}

/** How a chart writes its values: whole numbers, or shares of 1. */
export type ValueFormat = "count" | "share";

/** A value as tables and sentences say it. */
export function formatValue(value: number, format: ValueFormat): string {
  return format === "count" ? formatCount(value) : formatShare(value);
}

/** A round number beside an axis: 5000 → "5,000", 20000 → "20K", 0.003 → "0.3%". */
export function formatTick(value: number, format: ValueFormat): string {
  if (format === "share") return ROUND_PERCENT.format(value);
  return (Math.abs(value) < SHORT_FROM ? COUNT : SHORT).format(value);
}
