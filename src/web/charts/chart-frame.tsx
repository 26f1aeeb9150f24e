/** What every chart has: its title, its picture with a sentence as its name, and its numbers as a table. */
import type { Child } from "hono/jsx";
import { DataTable } from "../components/table.tsx";

export interface ChartTableProps {
  /** Says what the table shows, where the chart's title is not above it. */
  readonly caption: string;
  readonly columns: readonly string[];
  /** Cells of a row, the first of them its heading. */
  readonly rows: readonly (readonly Child[])[];
}

export interface ChartFrameProps {
  /** What is shown: "Opens a day". */
  readonly title: string;
  /** Leaves the title out where the page has it as a heading above the chart; the picture's name keeps it. */
  readonly untitled?: boolean | undefined;
  /** One more class. */
  readonly kind: string;
  readonly children?: Child;
}

/** Charts read from left to right, on a page that reads from right to left, too: their words are English. */
export function ChartFrame({ title, untitled = false, kind, children }: ChartFrameProps) {
  return (
    <figure class={`chart ${kind}`} dir="ltr">
      {untitled ? null : (
        <figcaption class="chart-title" dir="auto">
          {title}
        </figcaption>
      )}
      {children}
    </figure>
  );
}

/** Instead of a chart of nothing. */
export function EmptyChart({ title, untitled, kind, empty }: ChartFrameProps & { readonly empty: string }) {
  return (
    <ChartFrame title={title} untitled={untitled} kind={kind}>
      <p class="chart-empty">{empty}</p>
    </ChartFrame>
  );
}

/** The numbers of a chart, folded away. */
export function ChartTable({ caption, columns, rows }: ChartTableProps) {
  return (
    <details class="chart-details">
      <summary>Show as table</summary>
      <DataTable
        caption={caption}
        columns={columns.map((label, index) => ({
          label,
          isName: index === 0,
          isNumber: index > 0,
          cell: (row: readonly Child[]) => row[index],
        }))}
        rows={rows}
      />
    </details>
  );
}
