/** Logs in which people are erased: what happens meanwhile, the faults of D1, and what reports say. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { emailCounts } from "../../src/reports/emails.ts";
import { linkCounts } from "../../src/reports/links.ts";
import type { Row } from "../marketo/marketo.ts";
import { aggregate } from "../privacy/people-world.ts";
import type { DatabaseFault } from "./broken.ts";

export const FOR_EVER = Number.POSITIVE_INFINITY;
export const NOW = Date.UTC(2026, 10, 20);
export const HOUR = 3_600_000;

const PEOPLE = ["a", "b", "c"];

const ANY_EVENT: fc.Arbitrary<Row> = fc
  .record({
    type: fc.constantFrom(6, 6, 7, 8, 27, 9, 10, 11, 11, 11),
    // Hours apart: events close together are a bot's, and whether aggregation sees that depends on what erasure left.
    at: fc.integer({ min: -2_000, max: 0 }).map((hours) => NOW + hours * HOUR),
    email: fc.constantFrom("1", "1", "2"),
    person: fc.constantFrom("a", "a", "a", ...PEOPLE),
    campaign: fc.constantFrom("x", "x", "y"),
    link: fc.constantFrom("l1", "l2", "constructor", "__proto__"),
    is_bot: fc.constantFrom(0, 0, 1),
  })
  .map(({ link, ...event }) => ({
    ...event,
    is_bot: event.type === 11 || event.type === 10 ? event.is_bot : 0,
    ...(event.type === 11 ? { link_id: link, link: `https://a.example/${link}?of=${event.email}` } : {}),
  }));

export type Turn =
  | { readonly what: "log"; readonly rows: readonly Row[] }
  | { readonly what: "aggregate" | "erase" }
  | { readonly what: "skip"; readonly seqs: number }
  | { readonly what: "ask"; readonly person: string };

export const ANY_TURN: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({
    what: fc.constant("log" as const),
    rows: fc.array(ANY_EVENT, { minLength: 1, maxLength: 4, size: "max" }),
  }),
  fc.record({ what: fc.constantFrom("aggregate" as const, "erase" as const, "erase" as const) }),
  // As if as many events of others were in between: the log behind statistics is read in windows of five thousand.
  fc.record({ what: fc.constant("skip" as const), seqs: fc.constantFrom(500, 3_000, 25_000) }),
  fc.record({ what: fc.constant("ask" as const), person: fc.constantFrom("a", "a", "b") }),
);

export const FAULTS = fc.array(
  fc.option(fc.constantFrom<DatabaseFault>("overloaded", "loses the connection", "commits and loses the connection"), {
    nil: undefined,
    freq: 2,
  }),
  { maxLength: 9 },
);

/** The statement that completes an erasure: the only one of its kind that asks for messages. */
const END = /^UPDATE "erasures" SET "batch".*"message_stats"/s;

/**
 * D1 at a different speed each time, so that batches overtake each other, and no erasure completes: events that
 * arrive after an erasure is complete are new and would count again.
 */
export function uneven(d1: D1Database, waits: readonly number[]): D1Database {
  let calls = 0;
  return {
    prepare: (query: string) => d1.prepare(END.test(query) ? `${query} AND false` : query),
    batch: async (statements: D1PreparedStatement[]) => {
      await scheduler.wait(waits[calls++ % waits.length] ?? 0);
      return await d1.batch(statements);
    },
  } as unknown as D1Database;
}

export async function reports() {
  await aggregate();
  const links = [];
  for (const email of ["1", "2"])
    for (const bots of ["include", "exclude"] as const)
      links.push((await linkCounts(env.DB, { email, bots })).map(({ url, ...counts }) => counts));
  const emails = [];
  for (const group of ["email", "campaign"] as const)
    for (const bots of ["include", "exclude"] as const)
      emails.push(await emailCounts(env.DB, { bots, untilMs: NOW - 500 * HOUR }, { by: group, limit: 100 }, NOW));
  return { emails, links };
}

/** Events within seconds may be a bot's burst, which is detected at different times; minutes apart, they are none. */
export function apart(turns: readonly Turn[]): Turn[] {
  let count = 0;
  return turns.map((turn) =>
    turn.what === "log"
      ? { ...turn, rows: turn.rows.map((row) => ({ ...row, at: Number(row.at) + 60_000 * count++ })) }
      : turn,
  );
}
