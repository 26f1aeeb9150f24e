/** Tables of data: one caption, headed rows, numbers aligned; on a phone each row is by itself. */
import type { Child } from "hono/jsx";

export interface Column<Row> {
  readonly label: string;
  readonly cell: (row: Row) => Child;
  /** Numbers are at the end of their column, in tabular figures. */
  readonly isNumber?: boolean;
  /** The cell that names its row; one column has it. */
  readonly isName?: boolean;
}

export interface DataTableProps<Row> {
  /** What the table shows; read out, and not shown. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** For links that lead to a row. */
  readonly rowId?: (row: Row) => string;
}

/**
 * @example
 * <DataTable caption="Links of this email" rows={links} columns={[
 *   { label: "Link", isName: true, cell: (link) => <a href={link.url}>{link.name}</a> },
 *   { label: "Clicks", isNumber: true, cell: (link) => formatCount(link.clicks) },
 * ]} />
 */
export function DataTable<Row>({ caption, columns, rows, rowId }: DataTableProps<Row>) {
  return (
    <section class="table" aria-label={caption} tabindex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, isNumber }) => (
              <th scope="col" class={isNumber === true ? "number" : undefined}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr id={rowId?.(row)}>
              {columns.map((column) => (
                <Cell column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const { label, cell, isNumber, isName } = column;
  const kind = isNumber === true ? "number" : undefined;
  if (isName === true)
    return (
      <th scope="row" class={kind}>
        {cell(row)}
      </th>
    );
  return (
    <td class={kind} data-label={label}>
      {cell(row)}
    </td>
  );
}
