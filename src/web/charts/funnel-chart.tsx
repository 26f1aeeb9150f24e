/** Steps that fewer and fewer get to. Each share says of what it is one; what a step lost of the one before is pale. */
import { cutText } from "../cut-text.ts";
import { formatCount, formatShare } from "../format.ts";
import { ChartFrame, ChartTable, EmptyChart } from "./chart-frame.tsx";
import { barLength } from "./percent-text.ts";

export interface FunnelStep {
  /** "Delivered" */
  readonly label: string;
  /** As shares name it, "of 2,025 delivered"; the label in lower case by default. */
  readonly noun?: string;
  readonly count: number;
  /** What is counted or left out: "without 312 bots". */
  readonly note?: string;
}

export interface FunnelChartProps {
  readonly title: string;
  readonly untitled?: boolean;
  /** The first is what the others are shares of. */
  readonly steps: readonly FunnelStep[];
  readonly empty?: string;
}

/** Characters of a noun in a share. */
const MAX_NOUN = 40;
const NOTHING = "Nothing was sent in this period.";

/**
 * @example
 * <FunnelChart
 *   title="From sent to clicked"
 *   steps={[
 *     { label: "Sent", count: 2100 },
 *     { label: "Delivered", count: 2025 },
 *     { label: "Opened", count: 812, note: "without 96 that only bots opened" },
 *     { label: "Clicked", count: 140 },
 *   ]}
 *   empty="Nothing of this campaign was sent yet."
 * />
 */
export function FunnelChart({ title, untitled, steps, empty = NOTHING }: FunnelChartProps) {
  const [first] = steps;
  const highest = Math.max(0, ...steps.map(({ count }) => count));
  if (first === undefined || highest === 0)
    return <EmptyChart title={title} untitled={untitled} kind="funnel-chart" empty={empty} />;
  const named = steps.map((step, index) => ({ ...step, shares: sharesOf(steps, index), before: steps[index - 1] }));
  const sentences = named.map(({ label, count, shares }) => [`${label} ${formatCount(count)}`, ...shares].join(", "));
  return (
    <ChartFrame title={title} untitled={untitled} kind="funnel-chart">
      <div class="funnel-body" role="img" aria-label={`${title}: ${sentences.join("; ")}.`}>
        {named.map(({ label, count, note, shares, before }) => (
          <div class="funnel-step">
            <span class="funnel-label">
              <bdi>{label}</bdi>
              {note === undefined ? null : <small>{note}</small>}
            </span>
            <span class="funnel-count">{formatCount(count)}</span>
            <svg class="funnel-bar" aria-hidden="true">
              {before === undefined ? null : (
                <rect class="funnel-lost" width={barLength(before.count, highest)} height="100%" />
              )}
              <rect class="funnel-kept" width={barLength(count, highest)} height="100%" />
            </svg>
            <span class="funnel-shares">
              {shares.map((share) => (
                <span>{share}</span>
              ))}
            </span>
          </div>
        ))}
      </div>
      <ChartTable
        caption={title}
        columns={["Step", "Count", `Share of ${nounOf(first)}`, "Share of the step before"]}
        rows={named.map(({ label, count, note, before }, index) => [
          note === undefined ? label : `${label} (${note})`,
          formatCount(count),
          index === 0 ? "–" : partText(count, first),
          before === undefined ? "–" : partText(count, before),
        ])}
      />
    </ChartFrame>
  );
}

function nounOf({ label, noun = label.toLocaleLowerCase("en") }: FunnelStep): string {
  return cutText(noun, MAX_NOUN);
}

/** The shares of a step: of the first step, and of the step before where that is another one. */
function sharesOf(steps: readonly FunnelStep[], index: number): readonly string[] {
  const step = steps[index];
  if (step === undefined || index === 0) return [];
  const bases = index === 1 ? [steps[0]] : [steps[0], steps[index - 1]];
  return bases.flatMap((base) => (base === undefined ? [] : [shareText(step.count, base)]));
}

/** More than there were before is no share of them: it was counted another way. */
function shareText(count: number, base: FunnelStep): string {
  return count > base.count ? `more than ${nounOf(base)}` : `${formatShare(count, base.count)} of ${nounOf(base)}`;
}

function partText(count: number, base: FunnelStep): string {
  return count > base.count ? `more than ${nounOf(base)}` : formatShare(count, base.count);
}
