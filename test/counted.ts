/** What the statements of a test cost D1. */
import { env } from "cloudflare:workers";

/** D1 that reports the statements that it ran. */
export function counted(report: (meta: D1Meta) => void): D1Database {
  const realOf = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const counting = (real: D1PreparedStatement): D1PreparedStatement => {
    const statement = new Proxy(real, {
      get(_, name: keyof D1PreparedStatement) {
        if (name === "bind") return (...values: unknown[]) => counting(real.bind(...values));
        const all = async () => {
          const result = await real.all<Record<string, unknown>>();
          report(result.meta);
          return result;
        };
        if (name === "all" || name === "run") return all;
        if (name !== "first") return Reflect.get(real, name).bind(real);
        return async (column?: string) => {
          const [row = null] = (await all()).results;
          return row === null || column === undefined ? row : row[column];
        };
      },
    });
    realOf.set(statement, real);
    return statement;
  };
  return new Proxy(env.DB, {
    get(real, name: keyof D1Database) {
      if (name === "prepare") return (query: string) => counting(real.prepare(query));
      return async (statements: D1PreparedStatement[]) => {
        const results = await real.batch(statements.map((each) => realOf.get(each) ?? each));
        for (const { meta } of results) report(meta);
        return results;
      };
    },
  });
}
