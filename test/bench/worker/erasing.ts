/**
 * The Worker of worker/reading.ts, which also runs single batches of erasure and of retention on request and answers
 * how many rows each read and wrote.
 */
import { settingsOf } from "../../../src/config/settings.ts";
import { rowOf } from "../../../src/events/row.ts";
import { insertGroups } from "../../../src/ingest/insert.ts";
import { groupOf } from "../../../src/ingest/row-group.ts";
import { workOnErasures } from "../../../src/privacy/erase.ts";
import { erasureProgress, requestErasure } from "../../../src/privacy/erasures.ts";
import { workOnRetention } from "../../../src/privacy/retention.ts";
import reading from "./reading.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "./reading.ts";

const DAY_MS = 86_400_000;

interface Rows {
  read: number;
  written: number;
}

/** D1, that adds up what its statements read and write. */
function counting(d1: D1Database, rows: Rows): D1Database {
  const realOf = new WeakMap<object, D1PreparedStatement>();
  const add = <R extends D1Result>(result: R): R => {
    rows.read += result.meta.rows_read;
    rows.written += result.meta.rows_written;
    return result;
  };
  const wrap = (real: D1PreparedStatement): object => {
    const all = async () => add(await real.all<Record<string, unknown>>());
    const first = async (column?: string) => {
      const [row] = (await all()).results;
      return (column === undefined ? row : row?.[column]) ?? null;
    };
    const raw = async () => (await all()).results.map((row) => Object.values(row));
    const statement = { bind: (...values: unknown[]) => wrap(real.bind(...values)), all, run: all, raw, first };
    realOf.set(statement, real);
    return statement;
  };
  const batch = async (statements: D1PreparedStatement[]) => {
    const results = await d1.batch(statements.map((each) => realOf.get(each) ?? each));
    return results.map(add);
  };
  return { prepare: (query: string) => wrap(d1.prepare(query)), batch } as unknown as D1Database;
}

async function measured(env: Env, work: (d1: D1Database) => Promise<void>): Promise<Response> {
  const rows: Rows = { read: 0, written: 0 };
  // The clock stands still between one arrival and the next.
  await scheduler.wait(0);
  const start = Date.now();
  await work(counting(env.DB, rows));
  return Response.json({ ms: Date.now() - start, ...rows });
}

function bots(env: Env) {
  const settings = settingsOf(env);
  if (!settings.ok) throw new Error(settings.reason.join(" "));
  return settings.value.bots;
}

/** Requests an erasure and completes it, without pauses. */
async function erase(env: Env, person: string): Promise<Response> {
  let id = "";
  const answer = await measured(env, async (DB) => {
    id = await requestErasure(env.DB, { person }, Date.now());
    await workOnErasures({ ...env, DB }, bots(env), Number.POSITIVE_INFINITY, () => Promise.resolve());
  });
  const progress = await erasureProgress(env.DB, id);
  return Response.json({ ...(await answer.json<object>()), events: progress?.events ?? 0 });
}

/** Clicks of one person, one after the other in the log, in so many messages. */
function clicksOf(person: string, count: number, messages: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    rowOf({
      type: "clicked",
      id: `${person}.${index}`,
      atMs: Date.UTC(2026, 9, 20),
      message: { email: person, person, campaign: String(index % messages) },
      link: { id: `d${index % 8}`, url: `https://shop.example.com/?item=${index % 8}` },
      visitor: { userAgent: "Mozilla/5.0 (iPhone)" },
    }),
  );
}

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string) => Number(searchParams.get(name));
    switch (pathname) {
      case "/ask":
        await requestErasure(env.DB, { person: searchParams.get("person") ?? "" }, Date.now());
        return Response.json({});
      case "/erase":
        return await erase(env, searchParams.get("person") ?? "");
      case "/erase-step":
        return await measured(env, (DB) => workOnErasures({ ...env, DB }, bots(env), 0));
      case "/retention-step": {
        // As if today were the day on which what is before that time leaves.
        const days = Math.floor(Date.now() / DAY_MS) - Math.floor(number("before") / DAY_MS);
        return await measured(env, (d1) => workOnRetention(d1, days, 0));
      }
      case "/clicks":
        await insertGroups(env, [
          groupOf(clicksOf(searchParams.get("person") ?? "", number("events"), number("messages"))),
        ]);
        return Response.json({});
      case "/left": {
        const left = "SELECT count(*) AS erasures FROM erasures WHERE done_at IS NULL";
        const stage = "SELECT count(*) AS rounds FROM retention WHERE stage = 'done'";
        return Response.json({
          erasures: await env.DB.prepare(left).first("erasures"),
          roundsDone: await env.DB.prepare(stage).first("rounds"),
        });
      }
      default:
        return await reading.fetch(request, env, context);
    }
  },
  queue: reading.queue,
} satisfies ExportedHandler<Env>;
