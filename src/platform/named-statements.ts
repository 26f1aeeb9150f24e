/** Transactions whose statements have names, one or several together, so that results are found by them. */

/**
 * In the order in which they run. `Rows`: by name, what the statements select; `never` where that is nothing, so that
 * whoever reads a row of theirs does not compile.
 */
export type NamedStatements<Rows extends object> = readonly (readonly [
  name: keyof Rows,
  statements: readonly D1PreparedStatement[],
])[];

export interface NamedResults<Rows extends object> {
  /** What the statements of a name have selected. */
  selected<Name extends keyof Rows>(name: Name): readonly Rows[Name][];
  /** How many rows the statements of a name have changed. */
  changed(name: keyof Rows): number;
}

/** Runs all statements in one transaction. Throws D1's error; an error where two have one name. */
export async function runNamed<Rows extends object>(
  d1: D1Database,
  statements: NamedStatements<Rows>,
): Promise<NamedResults<Rows>> {
  requireOneOfEach(statements.map(([name]) => name));
  const results = await d1.batch(statements.flatMap(([, ofName]) => ofName));
  let end = 0;
  const byName = new Map(
    statements.map(([name, { length }]) => {
      end += length;
      return [name, results.slice(end - length, end)];
    }),
  );
  const of = (name: keyof Rows): readonly D1Result[] => {
    const ofName = byName.get(name);
    if (ofName === undefined) throw new Error(`no statements have the name "${String(name)}"`);
    return ofName;
  };
  return {
    selected: <Name extends keyof Rows>(name: Name) => of(name).flatMap((result) => result.results as Rows[Name][]),
    changed: (name) => of(name).reduce((sum, { meta }) => sum + meta.changes, 0),
  };
}

function requireOneOfEach(names: readonly PropertyKey[]): void {
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Error(`two of the statements have the name "${String(twice)}"`);
}

/** Whether there is none under any name. */
export function areNone<Rows extends object>(statements: NamedStatements<Rows>): boolean {
  return statements.every(([, ofName]) => ofName.length === 0);
}
