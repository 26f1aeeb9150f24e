/** Endpoints in D1: where events are posted, and which. All functions throw D1's error. */
import { getTableColumns } from "drizzle-orm";
import { objectNamed } from "../config/objects.ts";
import { webhookEndpoints } from "../events/webhook-schema.ts";
import type { FeedFilter } from "../feed/index.ts";
import { retryOnce } from "../platform/errors.ts";
import { assign, columnNames, decodedRow, everyColumn, joined, type Sql, type SqlValue, sql } from "../platform/sql.ts";
import { WEBHOOK_TYPES } from "./names.ts";

export const MAX_ENDPOINTS = 20;

export type EndpointRow = typeof webhookEndpoints.$inferSelect;
export type EndpointChanges = Partial<Omit<EndpointRow, "id" | "createdAt">>;

/** What an endpoint wants, as the feed reads it. */
export function endpointFilter({ events, email, campaign, bots }: EndpointRow): FeedFilter {
  const types = events?.flatMap((name) => WEBHOOK_TYPES.get(name) ?? []);
  return { types, email: email ?? undefined, campaign: campaign ?? undefined, bots };
}

/** The object that posts to an endpoint. */
export function endpointObject(env: Pick<Env, "WEBHOOKS" | "JURISDICTION">, id: string) {
  return objectNamed(env.WEBHOOKS, id, env);
}

/** Adds an endpoint; false when there are too many. Repeating it is harmless. */
export async function insertEndpoint(d1: D1Database, row: EndpointRow): Promise<boolean> {
  const columns = getTableColumns(webhookEndpoints);
  const values = joined(Object.keys(columns).map((key) => sql`${stored(row)[key] ?? null}`));
  const { id } = webhookEndpoints;
  const insertion = sql`INSERT INTO ${webhookEndpoints} (${columnNames(...Object.values(columns))}) SELECT ${values}
    WHERE (SELECT count(*) FROM ${webhookEndpoints}) < ${MAX_ENDPOINTS}
    AND NOT EXISTS (SELECT 1 FROM ${webhookEndpoints} WHERE ${id} = ${row.id})`;
  await retryOnce(() => insertion.prepare(d1).run());
  return (await findEndpoint(d1, row.id)) !== undefined;
}

export async function findEndpoint(d1: D1Database, id: string): Promise<EndpointRow | undefined> {
  return (await selectEndpoints(d1, sql`${webhookEndpoints.id} = ${id}`))[0];
}

/** All, the oldest first. */
export async function allEndpoints(d1: D1Database): Promise<readonly EndpointRow[]> {
  return await selectEndpoints(d1, sql`true`);
}

/** Changes an endpoint and returns it; undefined when there is none of this id. */
export async function changeEndpoint(
  d1: D1Database,
  id: string,
  changes: EndpointChanges,
): Promise<EndpointRow | undefined> {
  const values = stored(changes);
  if (Object.keys(values).length > 0) {
    const update = sql`UPDATE ${webhookEndpoints} SET ${assign(webhookEndpoints, values)}
      WHERE ${webhookEndpoints.id} = ${id}`;
    await retryOnce(() => update.prepare(d1).run());
  }
  return await findEndpoint(d1, id);
}

/** Disables an endpoint, unless it has got another URL meanwhile. */
export async function disableEndpoint(
  d1: D1Database,
  { id, url }: Pick<EndpointRow, "id" | "url">,
  disabledReason: EndpointRow["disabledReason"],
  disabledAt: number,
): Promise<void> {
  const update = sql`UPDATE ${webhookEndpoints}
    SET ${assign(webhookEndpoints, { disabledAt, disabledReason })}
    WHERE ${webhookEndpoints.id} = ${id} AND ${webhookEndpoints.url} = ${url}
    AND ${webhookEndpoints.disabledAt} IS NULL`;
  await retryOnce(() => update.prepare(d1).run());
}

/** Deletes an endpoint; false when there is none of this id. A repetition after a lost answer finds none, too. */
export async function deleteEndpoint(d1: D1Database, id: string): Promise<boolean> {
  const deletion = sql`DELETE FROM ${webhookEndpoints} WHERE ${webhookEndpoints.id} = ${id}`;
  const { meta } = await deletion.prepare(d1).run();
  return meta.changes > 0;
}

/** The oldest first, those behind `after`, so many at most. */
export async function endpointsAfter(
  d1: D1Database,
  after: Pick<EndpointRow, "createdAt" | "id"> | undefined,
  limit: number,
): Promise<readonly EndpointRow[]> {
  const key = sql`(${webhookEndpoints.createdAt}, ${webhookEndpoints.id})`;
  const isBehind = after === undefined ? sql`true` : sql`${key} > (${after.createdAt}, ${after.id})`;
  return await selectEndpoints(d1, isBehind, limit);
}

async function selectEndpoints(d1: D1Database, which: Sql, limit = MAX_ENDPOINTS): Promise<readonly EndpointRow[]> {
  const { createdAt, id } = webhookEndpoints;
  const query = sql`SELECT ${everyColumn(webhookEndpoints)} FROM ${webhookEndpoints}
    WHERE ${which} ORDER BY ${createdAt}, ${id} LIMIT ${limit}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<Record<string, unknown>>());
  return results.map((row) => decodedRow(webhookEndpoints, row));
}

/** Values as D1 stores them. */
function stored(values: Partial<EndpointRow>): Record<string, SqlValue> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, storedValue(value)]),
  );
}

function storedValue(value: string | number | boolean | readonly string[] | null): SqlValue {
  if (typeof value === "boolean") return Number(value);
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** The ids of those that are not disabled. */
export async function enabledEndpointIds(d1: D1Database): Promise<readonly string[]> {
  const { id, disabledAt } = webhookEndpoints;
  const query = sql`SELECT ${id} FROM ${webhookEndpoints} WHERE ${disabledAt} IS NULL`;
  const { results } = await query.prepare(d1).all<{ id: string }>();
  return results.map((row) => row.id);
}
