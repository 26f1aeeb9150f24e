/** Extract jobs in the tests: creates, runs and reads them; and a reader of RFC 4180. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Buffer } from "node:buffer";
import { EXTRACTS_NAME } from "../../../src/marketo/extract/job.ts";
import { surround } from "../../faults/broken.ts";
import { ask, environment } from "../../worker.ts";
import { call, type Envelope, emptyLog } from "../marketo.ts";

export const EXTRACTS_PATH = "/bulk/v1/activities/export";
export const extractsObject = () => env.EXTRACTS.getByName(EXTRACTS_NAME);

/** The day on which the rows of these tests happen. */
export const DAY_MS = Date.parse("2026-01-16T00:00:00Z");
export const DAY = { startAt: "2026-01-16T00:00:00Z", endAt: "2026-01-16T23:59:59Z" };

export async function create(token: string, request: unknown): Promise<Envelope> {
  const body = typeof request === "string" ? request : JSON.stringify(request);
  const headers = { "Content-Type": "application/json" };
  return await call(token, `${EXTRACTS_PATH}/create.json`, { method: "POST", body, headers });
}

/** Creates a job and returns its id. */
export async function created(token: string, request: object = {}): Promise<string> {
  const made = await create(token, { filter: { createdAt: DAY }, ...request });
  return String(only(made).exportId);
}

export const enqueue = (token: string, id: string) =>
  call(token, `${EXTRACTS_PATH}/${id}/enqueue.json`, { method: "POST" });
export const cancel = (token: string, id: string) =>
  call(token, `${EXTRACTS_PATH}/${id}/cancel.json`, { method: "POST" });

export async function statusOf(token: string, id: string): Promise<Record<string, unknown>> {
  return only(await call(token, `${EXTRACTS_PATH}/${id}/status.json`));
}

export function only({ result, errors }: Envelope): Record<string, unknown> {
  const [one, ...others] = result ?? [];
  if (one === undefined || others.length > 0) throw new Error(JSON.stringify({ errors, result }));
  return one;
}

export const codeOf = ({ errors }: Envelope) => errors?.map(({ code }) => code).join();

export async function file(
  token: string,
  id: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await ask(`${EXTRACTS_PATH}/${id}/file.json`, {
    headers: { Authorization: `Bearer ${token}`, ...headers },
  });
}

/** Deletes all jobs, the alarm and the log, and gives the object its own environment again. */
export async function withoutExtracts(): Promise<void> {
  await runInDurableObject(extractsObject(), async (_, { storage }) => {
    await storage.deleteAlarm();
    for (const table of ["jobs", "parts"]) storage.sql.exec(`DELETE FROM ${table}`);
  });
  await evictDurableObject(extractsObject());
  await emptyLog();
}

/** Runs `meanwhile` while D1 does not answer the object, so that no job makes progress. */
export async function heldUp(meanwhile: () => Promise<void>): Promise<void> {
  const held = Promise.withResolvers<void>();
  const first = () => held.promise.then(() => Promise.reject(new Error("D1 was held up")));
  const DB = { prepare: () => ({ bind: () => ({ first }) }) } as unknown as D1Database;
  await surround(extractsObject(), environment({ DB }));
  try {
    await meanwhile();
  } finally {
    await surround(extractsObject(), env);
    held.resolve();
  }
}

const UNWRAPPED = Symbol("the statement of D1");

/** What `beforeEachQuery` calls several queries in one transaction: those that read a stretch of the log. */
export const BATCH = "a batch";

/** Calls `happens` before each query that the object makes of D1. */
export async function beforeEachQuery(happens: (query: string) => Promise<unknown>): Promise<void> {
  const wrap = (query: string, real: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(real, {
      get: (_, name: keyof D1PreparedStatement) => {
        if ((name as unknown) === UNWRAPPED) return real;
        if (name === "bind") return (...values: unknown[]) => wrap(query, real.bind(...values));
        const method = real[name] as (...values: unknown[]) => Promise<unknown>;
        return async (...values: unknown[]) => {
          await happens(query);
          return await method.apply(real, values);
        };
      },
    });
  const prepare = (query: string) => wrap(query, env.DB.prepare(query));
  const batch = async (statements: readonly { [UNWRAPPED]: D1PreparedStatement }[]) => {
    await happens(BATCH);
    return await env.DB.batch(statements.map((statement) => statement[UNWRAPPED]));
  };
  await surround(extractsObject(), environment({ DB: { prepare, batch } as unknown as D1Database }));
}

/** When the alarm is set for, ms since 1970 UTC; null: it is not set. */
export async function alarmAt(): Promise<number | null> {
  return await runInDurableObject(extractsObject(), (_, { storage }) => storage.getAlarm());
}

/** Runs the alarm until it is not due any more. */
export async function work(): Promise<void> {
  for (let rings = 0; rings < 100; rings++) {
    const alarmAtMs = await alarmAt();
    if (alarmAtMs === null || alarmAtMs > Date.now()) return;
    await runDurableObjectAlarm(extractsObject());
  }
  throw new Error("the alarm fires for ever");
}

/** As `work`, without the delays after failures. */
export async function workOn(): Promise<void> {
  await work();
  for (let pauses = 0; pauses < 30; pauses++) {
    const waits = await runInDurableObject(extractsObject(), async (_, { storage }) => {
      const { rowsWritten } = storage.sql.exec(
        "UPDATE jobs SET due_at = 0 WHERE status = 'Processing' OR job ->> 'openUpload' IS NOT NULL",
      );
      if (rowsWritten > 0) await storage.setAlarm(Date.now());
      return rowsWritten > 0;
    });
    if (!waits) return;
    await work();
  }
  throw new Error("the jobs never end");
}

/**
 * Adds clicks of the day with the seqs 1, 2, …, about 2 KB each in a file: 2,500 of them fill a part and a little
 * more.
 */
export async function logClicks(count: number): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO events (seq, id, type, at, recorded_at, email, person, campaign, link_id, link, is_bot)
SELECT value + 1, 'click.' || value, 11, ?1 + value, ?1 + value, '7', 'é' || value, '42', 'l', ?2 || value, 0
FROM json_each(?3)`,
  )
    .bind(
      DAY_MS,
      `https://shop.example/${'€,"'.repeat(30)}${"x".repeat(1_750)}`,
      JSON.stringify([...Array(count).keys()]),
    )
    .run();
}

/** Extracts a request and returns its file. */
export async function extracted(token: string, request: object = {}): Promise<string> {
  const id = await created(token, request);
  await enqueue(token, id);
  await work();
  return await (await file(token, id)).text();
}

export const HEADER =
  "marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValueId,primaryAttributeValue,attributes";

/** The first column of a file, without its header. */
export const idsIn = (text: string) =>
  readDelimited(text)
    .slice(1)
    .map(([id]) => id);

/** In hexadecimal. */
export async function sha256(content: string | ArrayBuffer): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return Buffer.from(await crypto.subtle.digest("SHA-256", bytes)).toString("hex");
}

/** Parses delimited lines (RFC 4180 §2) that end with line feeds. */
export function readDelimited(text: string, delimiter = ","): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let at = 0;
  while (at < text.length) {
    let value = "";
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (at >= text.length) throw new Error("a quote is not closed");
        value += text[at];
        if (text[at] === '"') at++;
      }
      at++;
    } else {
      for (; at < text.length && text[at] !== delimiter && text[at] !== "\n"; at++) value += text[at];
    }
    line.push(value);
    const end = text[at++];
    if (end === delimiter) continue;
    if (end !== "\n") throw new Error(`a value is followed by ${JSON.stringify(end)}`);
    lines.push(line);
    line = [];
  }
  return lines;
}
