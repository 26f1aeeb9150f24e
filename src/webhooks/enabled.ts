/** Which endpoints are posted to. */
import { webhookEndpoints } from "../events/webhook-schema.ts";
import { sql } from "../platform/sql.ts";

/** The ids of those that are not disabled. Throws D1's error. */
export async function enabledEndpointIds(d1: D1Database): Promise<readonly string[]> {
  const { id, disabledAt } = webhookEndpoints;
  const query = sql`SELECT ${id} FROM ${webhookEndpoints} WHERE ${disabledAt} IS NULL`;
  const { results } = await query.prepare(d1).all<{ id: string }>();
  return results.map((row) => row.id);
}
