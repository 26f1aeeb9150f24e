/** Transactions whose statements stand in groups with names, so that each one's result is found by its name. */

/** By name, in the order in which they run. `Rows`: what the statements of each group select. */
export type StatementGroups<Rows extends object> = {
  readonly [Name in keyof Rows]: readonly D1PreparedStatement[];
};

/** The results of each group, in the order of its statements. */
export type GroupResults<Rows extends object> = {
  readonly [Name in keyof Rows]: readonly D1Result<Rows[Name]>[];
};

/** Runs all groups in one transaction. Throws D1's error. */
export async function runGroups<Rows extends object>(
  d1: D1Database,
  groups: StatementGroups<Rows>,
): Promise<GroupResults<Rows>> {
  const byName = Object.entries<readonly D1PreparedStatement[]>(groups);
  const results = await d1.batch(byName.flatMap(([, statements]) => statements));
  let end = 0;
  const named = byName.map(([name, { length }]) => {
    end += length;
    return [name, results.slice(end - length, end)];
  });
  return Object.fromEntries(named) as GroupResults<Rows>;
}

/** What the statements of a group have selected. */
export function rowsOfGroup<Row>(results: readonly D1Result<Row>[]): readonly Row[] {
  return results.flatMap((result) => result.results);
}

/** How many rows the statements of a group have changed. */
export function changesOfGroup(results: readonly D1Result<unknown>[]): number {
  return results.reduce((sum, { meta }) => sum + meta.changes, 0);
}
