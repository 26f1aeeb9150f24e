/** The row of labels below a plot: one group for each width, of which the style sheet shows one. */
import { LABEL_WIDTHS_REM, labelsFor } from "./axis-labels.ts";
import { percentText } from "./percent-text.ts";
import type { ChartAxis } from "./time-axis.ts";

export interface AxisRowProps {
  readonly tickSets: ChartAxis["tickSets"];
  /** How many buckets the axis has. */
  readonly count: number;
}

export function AxisRow({ tickSets, count }: AxisRowProps) {
  return (
    <div class="axis-row">
      <svg class="axis-labels" aria-hidden="true">
        {LABEL_WIDTHS_REM.map((widthRem) => (
          <g class={`from-${widthRem}`}>
            {labelsFor(tickSets, count, widthRem).map(({ text, at, anchor }) => (
              <text x={percentText(at)} y="1em" class={anchor === "middle" ? undefined : `at-${anchor}`}>
                {text}
              </text>
            ))}
          </g>
        ))}
      </svg>
    </div>
  );
}
