/** What happens to the archive between two statements of others. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { recallEvents } from "../../src/archive/recall-seqs.ts";
import { writeSegment } from "../../src/archive/write.ts";
import { databaseAround } from "../faults/broken.ts";
import { moveAllMessages, rewriteAll, rewriteAllFiles } from "./whole-log.ts";

/** Dies at this call of D1 or R2, counted from 0: before it, or after it without an answer. */
interface Death {
  readonly call: number;
  readonly isCommitted: boolean;
}

/**
 * "write": the next events move into a segment of so many; "recall": those of some seqs are copied back; "move
 * messages": the rows of all messages move into files.
 */
export type Move =
  | { readonly what: "nothing" }
  | { readonly what: "rewrite" | "move messages" | "rewrite files"; readonly dies?: Death | undefined }
  | { readonly what: "write"; readonly size: number; readonly dies?: Death | undefined }
  | { readonly what: "recall"; readonly seqs: readonly number[] };

const DEATH = fc.option(fc.record({ call: fc.integer({ min: 0, max: 9 }), isCommitted: fc.boolean() }), {
  nil: undefined,
});

export const MOVE: fc.Arbitrary<Move> = fc.oneof(
  { arbitrary: fc.constant<Move>({ what: "nothing" }), weight: 1 },
  ...(["rewrite", "move messages", "rewrite files"] as const).map((what) => {
    return { arbitrary: DEATH.map((dies): Move => ({ what, dies })), weight: 1 };
  }),
  {
    arbitrary: fc.record({ what: fc.constant("write" as const), size: fc.constantFrom(1, 2, 5), dies: DEATH }),
    weight: 3,
  },
  {
    arbitrary: fc
      .array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })
      .map((seqs): Move => ({ what: "recall", seqs })),
    weight: 1,
  },
);

export async function move(each: Move): Promise<void> {
  if (each.what === "recall") await recallEvents(env, each.seqs);
  if (each.what === "recall" || each.what === "nothing") return;
  const { dies } = each;
  const around = dies === undefined ? env : dying(dies);
  try {
    if (each.what === "write") await writeSegment(around, Number.MAX_SAFE_INTEGER, each.size);
    if (each.what === "rewrite") await rewriteAll(around);
    if (each.what === "move messages") await moveAllMessages(around);
    if (each.what === "rewrite files") await rewriteAllFiles(around);
  } catch (error) {
    if (dies === undefined || !String(error).includes(DEAD)) throw error;
  }
}

const DEAD = "the run is dead";

/** The environment of a run that dies. */
function dying({ call, isCommitted }: Death): Env {
  let calls = 0;
  return storesAround(async (work) => {
    const number = calls++;
    if (number === call && isCommitted) await work();
    if (number >= call) throw new Error(DEAD);
    return await work();
  });
}

/** The environment of a run in which something happens before its D1's and R2's call of this number, counted from 0. */
export function interruptedAt(call: number, interrupt: () => Promise<unknown>): Env {
  let calls = 0;
  return storesAround(async (work) => {
    if (calls++ === call) await interrupt();
    return await work();
  });
}

/**
 * Runs something with an interruption before its first call of D1 or R2, then with one before its second call, and so
 * on, until it makes no more of them.
 * @param run gets the number of the call, and what makes the environment of an interruption
 */
export async function beforeEachCall(
  run: (call: number, interrupted: (interrupt: () => Promise<unknown>) => Env) => Promise<void>,
): Promise<void> {
  for (let call = 0, isReached = true; isReached; call++) {
    isReached = false;
    await run(call, (interrupt) =>
      interruptedAt(call, async () => {
        isReached = true;
        await interrupt();
      }),
    );
    if (call === 0 && !isReached) throw new Error("it calls neither D1 nor R2");
  }
}

function storesAround(around: <T>(work: () => Promise<T>) => Promise<T>): Env {
  const ARCHIVE = new Proxy(env.ARCHIVE, {
    get: (real, name: keyof R2Bucket) => {
      const method = real[name] as (...values: unknown[]) => Promise<unknown>;
      return (...values: unknown[]) => around(() => method.apply(real, values));
    },
  });
  return { ...env, ARCHIVE, DB: databaseAround(around) };
}

/** The real D1, before each call of which something happens. */
export function interposedDatabase(before: () => Promise<void>): D1Database {
  return databaseAround(async (work) => {
    await before();
    return await work();
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
