/** The lines of a chart over time: in a box of 1000 by 1000 that is stretched over the plot, their strokes apart. */
import { area as areaShape, line as lineShape } from "d3-shape";
import { centreOf } from "./axis-labels.ts";
import { type ChartLimit, type DrawnLine, isKnown, limitClass, lineClass } from "./line-series.ts";
import { percentText } from "./percent-text.ts";
import { SeriesSymbol } from "./series-symbol.tsx";
import type { ValueScale } from "./value-scale.ts";

/** The box that lines are drawn in. */
const BOX = 1000;
/** So few points have a symbol each. */
const FEW = 8;

export interface LineDrawingProps {
  readonly lines: readonly DrawnLine[];
  readonly limits: readonly ChartLimit[];
  readonly scale: ValueScale;
  readonly count: number;
}

export function LineDrawing({ lines, limits, scale, count }: LineDrawingProps) {
  const y = (value: number) => 100 - scale.percent(value);
  // The first series lies on top of the others.
  const drawn = lines.toReversed();
  return (
    <svg class="line-drawing" aria-hidden="true">
      {scale.ticks.map((tick) => (
        <line
          class={tick === 0 ? "line-zero" : "line-grid"}
          x1="0"
          x2="100%"
          y1={percentText(y(tick))}
          y2={percentText(y(tick))}
        />
      ))}
      <svg aria-hidden="true" width="100%" height="100%" viewBox={`0 0 ${BOX} ${BOX}`} preserveAspectRatio="none">
        {drawn.map((line, index) => (
          <>
            {index === drawn.length - 1 ? <path class="line-area" d={areaPath(line, scale, count)} /> : null}
            <path class={lineClass(line)} d={linePath(line, scale, count)} />
            {line.isUnfinished ? (
              <path class={`${lineClass(line)} line-unfinished`} d={lastPath(line, scale, count)} />
            ) : null}
          </>
        ))}
      </svg>
      {limits.map(({ value }, index) => (
        <line class={limitClass(index)} x1="0" x2="100%" y1={percentText(y(value))} y2={percentText(y(value))} />
      ))}
      {drawn.flatMap((line) =>
        symbolsOf(line).map(([index, value]) => (
          <SeriesSymbol number={line.number} x={centreOf(index, count)} y={y(value)} isBefore={line.isBefore} />
        )),
      )}
    </svg>
  );
}

/** Without the way to an unfinished point. */
function linePath({ values, isUnfinished }: DrawnLine, scale: ValueScale, count: number): string {
  return pathOf(isUnfinished ? values.slice(0, -1) : values, scale, count);
}

/** The way to an unfinished point. */
function lastPath({ values }: DrawnLine, scale: ValueScale, count: number): string {
  return pathOf(
    values.map((value, index) => (index < values.length - 2 ? null : value)),
    scale,
    count,
  );
}

function pathOf(values: readonly (number | null)[], scale: ValueScale, count: number): string {
  const shape = lineShape<number | null>(boxX(count), boxY(scale)).defined(isKnown).digits(1);
  return shape(values) ?? "";
}

function areaPath({ values }: DrawnLine, scale: ValueScale, count: number): string {
  const shape = areaShape<number | null>(boxX(count), BOX, boxY(scale)).defined(isKnown).digits(1);
  return shape(values) ?? "";
}

const boxX = (count: number) => (_: number | null, index: number) => (centreOf(index, count) / 100) * BOX;
const boxY = (scale: ValueScale) => (value: number | null) => (1 - scale.percent(value ?? 0) / 100) * BOX;

/** The last point, points that no line leads to, and all where they are few. */
function symbolsOf({ values, isBefore }: DrawnLine): readonly (readonly [number, number])[] {
  const last = values.findLastIndex(isKnown);
  const isFew = values.length <= FEW;
  return values.flatMap((value, index) => {
    if (!isKnown(value)) return [];
    const isAlone = !isKnown(values[index - 1]) && !isKnown(values[index + 1]);
    return isAlone || (!isBefore && (isFew || index === last)) ? [[index, value] as const] : [];
  });
}
