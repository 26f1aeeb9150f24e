/** Charts of the dashboard: inline SVG with a table behind each. They know nothing of what they count. */
export { BarChart, type BarChartProps, type BarRow } from "./bar-chart.tsx";
export { FunnelChart, type FunnelChartProps, type FunnelStep } from "./funnel-chart.tsx";
export { type HeatCell, HeatMap, type HeatMapProps } from "./heat-map.tsx";
export { LineChart, type LineChartProps } from "./line-chart.tsx";
export type { ChartLimit, LineSeries } from "./line-series.ts";
export { Sparkline, type SparklineProps } from "./sparkline.tsx";
export { type AxisTick, type ChartAxis, timeAxis } from "./time-axis.ts";
