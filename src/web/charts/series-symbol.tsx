/** The symbol of a series at a point: each has a shape of its own, for those who see its colour less well. */
import { symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle } from "d3-shape";
import { percentText } from "./percent-text.ts";

/** Area in square pixels. */
const SIZE = 42;
const PATHS = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond].map((type) => symbol(type, SIZE)() ?? "");

export interface SeriesSymbolProps {
  /** The number of the series, from 1. */
  readonly number: number;
  /** Percent of the drawing's width and height. */
  readonly x: number;
  readonly y: number;
  readonly isBefore?: boolean;
}

export function SeriesSymbol({ number, x, y, isBefore = false }: SeriesSymbolProps) {
  return (
    <svg
      aria-hidden="true"
      class={`symbol series-${number}${isBefore ? " symbol-before" : ""}`}
      x={percentText(x)}
      y={percentText(y)}
    >
      <path d={PATHS[number - 1]} />
    </svg>
  );
}
