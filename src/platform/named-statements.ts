/** Transactions whose statements have names, one or several together, so that results are found by them. */

/** By name, in the order in which they run. `Rows`: what the statements of each name select. */
export type NamedStatements<Rows extends object> = {
  readonly [Name in keyof Rows]: readonly D1PreparedStatement[];
};

/** The results of each name, in the order of its statements. */
export type NamedResults<Rows extends object> = {
  readonly [Name in keyof Rows]: readonly D1Result<Rows[Name]>[];
};

/** Runs all statements in one transaction. Throws D1's error. */
export async function runNamed<Rows extends object>(
  d1: D1Database,
  statements: NamedStatements<Rows>,
): Promise<NamedResults<Rows>> {
  const byName = Object.entries<readonly D1PreparedStatement[]>(statements);
  const results = await d1.batch(byName.flatMap(([, ofName]) => ofName));
  let end = 0;
  const named = byName.map(([name, { length }]) => {
    end += length;
    return [name, results.slice(end - length, end)];
  });
  return Object.fromEntries(named) as NamedResults<Rows>;
}

/** Whether there is none under any name. */
export function areNone<Rows extends object>(statements: NamedStatements<Rows>): boolean {
  return Object.values<readonly D1PreparedStatement[]>(statements).every(({ length }) => length === 0);
}

/** What the statements of a name have selected. */
export function selectedRows<Row>(results: readonly D1Result<Row>[]): readonly Row[] {
  return results.flatMap((result) => result.results);
}

/** How many rows the statements of a name have changed. */
export function changedRows(results: readonly D1Result<unknown>[]): number {
  return results.reduce((sum, { meta }) => sum + meta.changes, 0);
}
