/** D1 as Cloudflare runs it; the local one takes texts of any length. */
import { env } from "cloudflare:workers";

/** Cloudflare D1, "Limits". */
const MAX_BYTES = 2_000_000;

/** D1 that refuses a statement one of whose values is longer than D1 takes. */
export function withTextLimit(): D1Database {
  const refuseLong = (values: readonly unknown[]) => {
    const bytes = values.map((value) => (typeof value === "string" ? new TextEncoder().encode(value).length : 0));
    if (bytes.some((length) => length > MAX_BYTES)) throw new Error("D1_ERROR: string or blob too big: SQLITE_TOOBIG");
  };
  const prepare = (query: string) =>
    new Proxy(env.DB.prepare(query), {
      get(real, name: keyof D1PreparedStatement) {
        if (name !== "bind") return Reflect.get(real, name).bind(real);
        return (...values: unknown[]) => {
          refuseLong(values);
          return real.bind(...values);
        };
      },
    });
  const batch = <T>(statements: D1PreparedStatement[]) => env.DB.batch<T>(statements);
  return { prepare, batch } as unknown as D1Database;
}
