/**
 * The real Worker, which fills a log of a million events on request, and the controls for reading: bare queries,
 * timed by the Worker's own clock, without a request and without JSON.
 */
import { env } from "cloudflare:workers";
import worker from "../../../src/index.ts";
import { insertStatement } from "../../../src/ingest/insert.ts";
import { aggregateLog } from "../../../src/reports/aggregate.ts";
import { emailCounts } from "../../../src/reports/emails.ts";
import { upsertRecipients } from "../../../src/suppressions/index.ts";
import { MARKING } from "../../reports/policy.ts";
import { type IdForm, seededPeople, seededRows } from "./seeded-log.ts";

export { Alerts, Extracts, OpenGate, Outbox, ReadLeases, RetryClock, WebhookEndpoint } from "../../../src/index.ts";

/** Of Marketo's API. */
const PAGE = 300;
const BARE_PAGE = `SELECT seq, id, type, at, email, person, campaign, send, link_id, link, user_agent, is_bot,
  bot_pattern, detail
FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2`;

/** The log is of weeks ago; late events would have an attribute more. */
const RECORD_IN_TIME = "UPDATE events SET recorded_at = at WHERE seq > (SELECT max(seq) FROM events) - ?1";

/** The clock stands still between one arrival and the next: waiting is one, made for the clock's sake. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  await scheduler.wait(0);
  const start = Date.now();
  const value = await work();
  return { ms: Date.now() - start, value };
}

/** Reads `rows` rows after `seq` in pages, one after the other. */
async function readBare(d1: D1Database, seq: number, rows: number, page: number): Promise<number> {
  let last = seq;
  let read = 0;
  while (read < rows) {
    const { results } = await d1.prepare(BARE_PAGE).bind(last, page).all<{ seq: number }>();
    read += results.length;
    last = results.at(-1)?.seq ?? Number.POSITIVE_INFINITY;
    if (results.length < page) break;
  }
  return read;
}

/** D1 that reports how many rows each statement read. */
function countingRows(d1: D1Database, report: (rows: number) => void): D1Database {
  const prepare = (query: string) => ({
    bind: (...values: unknown[]) => ({
      all: async () => {
        const result = await d1
          .prepare(query)
          .bind(...values)
          .all();
        report(result.meta.rows_read);
        return result;
      },
    }),
  });
  return { prepare } as unknown as D1Database;
}

/** D1 that reports how many rows each transaction read. */
function countingReads(d1: D1Database, report: (rows: number) => void): D1Database {
  const prepare = (query: string) => d1.prepare(query);
  const batch = async (statements: D1PreparedStatement[]) => {
    const results = await d1.batch(statements);
    for (const { meta } of results) report(meta.rows_read);
    return results;
  };
  return { prepare, batch } as unknown as D1Database;
}

/** D1 that reports how many rows each transaction wrote. */
function countingWrites(d1: D1Database, report: (rows: number) => void): D1Database {
  const prepare = (query: string) => d1.prepare(query);
  const batch = async (statements: D1PreparedStatement[]) => {
    const results = await d1.batch(statements);
    for (const { meta } of results) report(meta.rows_written);
    return results;
  };
  return { prepare, batch } as unknown as D1Database;
}

/** Returns how many rows it wrote. */
async function fill(d1: D1Database, first: number, count: number, ids: IdForm): Promise<number | undefined> {
  const rows = `[${seededRows(first, count, ids).join(",")}]`;
  const [inserted] = await d1.batch([insertStatement(d1, rows), d1.prepare(RECORD_IN_TIME).bind(count)]);
  return inserted?.meta.rows_written;
}

function idForm(parameters: URLSearchParams): IdForm {
  return parameters.get("ids") === "uuids" ? "uuids" : "integers";
}

/** The addresses of all people of the log. */
async function addPeople(d1: D1Database) {
  const persons = seededPeople();
  const { ms } = await timed(() => upsertRecipients(d1, { names: [], persons }, Date.now()));
  return { ms, rows: persons.length };
}

async function aggregate(d1: D1Database) {
  let rows = 0;
  const counting = countingWrites(d1, (written) => {
    rows += written;
  });
  const { ms } = await timed(() =>
    aggregateLog({ DB: counting, ARCHIVE: env.ARCHIVE }, MARKING, Number.POSITIVE_INFINITY),
  );
  return { ms, rows };
}

/** Its calls are counted by nobody: stretch.ts. */
const uncounted: Env = (() => {
  const limiter: RateLimit = { limit: async () => ({ success: true }) };
  return { ...env, SENDER_CALLS: limiter, API_CALLS: limiter };
})();

export default {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    const number = (name: string) => Number(searchParams.get(name));
    switch (pathname) {
      case "/fill":
        return Response.json({ written: await fill(env.DB, number("first"), number("count"), idForm(searchParams)) });
      case "/people":
        return Response.json(await addPeople(env.DB));
      case "/bare": {
        const { ms, value } = await timed(() =>
          readBare(env.DB, number("seq"), number("rows"), number("page") || PAGE),
        );
        return Response.json({ ms, rows: value });
      }
      case "/aggregate":
        return Response.json(await aggregate(env.DB));
      case "/rows-read": {
        let rows = 0;
        const counting = countingRows(env.DB, (read) => {
          rows += read;
        });
        const { ms } = await timed(() =>
          emailCounts(counting, { bots: "exclude" }, { by: "email", limit: 100 }, Date.now()),
        );
        return Response.json({ ms, rows });
      }
      case "/report":
        return Response.json(await emailCounts(env.DB, { bots: "exclude" }, { by: "email", limit: 100 }, Date.now()));
      case "/by-key": {
        const query = "SELECT * FROM events WHERE seq >= ?1 AND seq < ?1 + ?2";
        const { results } = await env.DB.prepare(query).bind(number("first"), number("rows")).all();
        return Response.json({ data: results });
      }
      case "/rows-read-by": {
        let rows = 0;
        const DB = countingReads(env.DB, (read) => {
          rows += read;
        });
        const { origin } = new URL(request.url);
        const headers = { Authorization: `Bearer ${env.API_KEYS}` };
        const asked = new Request<unknown, IncomingRequestCfProperties>(origin + searchParams.get("path"), { headers });
        const answer = await worker.fetch(asked, { ...env, DB }, context);
        await answer.arrayBuffer();
        return Response.json({ ms: 0, rows });
      }
      case "/count": {
        const { ms, value } = await timed(() =>
          env.DB.prepare("SELECT count(*) AS rows FROM events").first<number>("rows"),
        );
        return Response.json({ ms, rows: value });
      }
      default:
        return await worker.fetch(request, request.headers.has("X-Uncounted") ? uncounted : env, context);
    }
  },
  queue: worker.queue,
} satisfies ExportedHandler<Env>;
