/** What happens to the archive between two statements of others. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { recallEvents } from "../../src/archive/recall.ts";
import { writeSegment } from "../../src/archive/write.ts";
import { rewriteAll } from "./whole-log.ts";

/** "write": the next events move into a segment of so many; "recall": those of some seqs are copied back. */
export type Move =
  | { readonly what: "nothing" | "rewrite" }
  | { readonly what: "write"; readonly size: number }
  | { readonly what: "recall"; readonly seqs: readonly number[] };

export const MOVE: fc.Arbitrary<Move> = fc.oneof(
  { arbitrary: fc.constantFrom<Move>({ what: "nothing" }, { what: "rewrite" }), weight: 2 },
  { arbitrary: fc.constantFrom(1, 2, 5).map((size): Move => ({ what: "write", size })), weight: 3 },
  {
    arbitrary: fc
      .array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })
      .map((seqs): Move => ({ what: "recall", seqs })),
    weight: 1,
  },
);

export async function move(each: Move): Promise<void> {
  if (each.what === "write") await writeSegment(env, Number.MAX_SAFE_INTEGER, each.size);
  if (each.what === "recall") await recallEvents(env, each.seqs);
  if (each.what === "rewrite") await rewriteAll();
}

/** The real D1, before each call of which something happens. */
export function interposedDatabase(before: () => Promise<void>): D1Database {
  const realOf = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  const wrap = (real: D1PreparedStatement): D1PreparedStatement => {
    const statement = new Proxy(real, {
      get: (_, name: keyof D1PreparedStatement) => {
        if (name === "bind") return (...values: unknown[]) => wrap(real.bind(...values));
        const method = real[name] as (...values: unknown[]) => Promise<unknown>;
        return async (...values: unknown[]) => {
          await before();
          return await method.apply(real, values);
        };
      },
    });
    realOf.set(statement, real);
    return statement;
  };
  return new Proxy(env.DB, {
    get: (real, name: keyof D1Database) => {
      if (name === "prepare") return (query: string) => wrap(real.prepare(query));
      if (name !== "batch") throw new Error(`nothing here calls ${String(name)} on D1`);
      return async (statements: D1PreparedStatement[]) => {
        await before();
        return await real.batch(statements.map((each) => realOf.get(each) ?? each));
      };
    },
  });
}

/** The environment in which the next of these moves happens before each call of D1. */
export function whileMoving(moves: readonly Move[]): Env {
  let calls = 0;
  const DB = interposedDatabase(async () => {
    const next = moves[calls++];
    if (next !== undefined) await move(next);
  });
  return { ...env, DB };
}
