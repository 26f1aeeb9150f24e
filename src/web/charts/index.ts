/** Charts of the dashboard: inline SVG with a table behind each. They know nothing of what they count. */
export { BarChart } from "./bar-chart.tsx";
export { FunnelChart } from "./funnel-chart.tsx";
export { HeatMap } from "./heat-map.tsx";
export { LineChart, type LineChartProps } from "./line-chart.tsx";
export { Sparkline } from "./sparkline.tsx";
export { timeAxis } from "./time-axis.ts";
