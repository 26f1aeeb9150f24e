/** What every chart has: its title, its picture with a sentence as its name, and its numbers as a table. */
import type { Child } from "hono/jsx";

export interface ChartTableProps {
  /** Says what the table shows, where the chart's title does not stand above it. */
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

/** Charts read from left to right, whatever the page does: so do clocks and numbers. */
export function ChartFrame({ title, untitled = false, kind, children }: ChartFrameProps) {
  return (
    <figure class={`chart ${kind}`}>
      {untitled ? null : <figcaption class="chart-title">{title}</figcaption>}
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
      {/* It scrolls where a phone is too narrow; the keyboard scrolls only what has the focus. */}
      <section class="chart-scroll" tabindex={0} aria-label={caption}>
        <table class="chart-table">
          <caption>{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th scope="col">{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([heading, ...cells]) => (
              <tr>
                <th scope="row">{heading}</th>
                {cells.map((cell) => (
                  <td>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
