/** A client of Marketo's API for tests: its token, its calls, rows of the log to read. */
import { env } from "cloudflare:workers";
import { signAccessToken } from "../../src/access/access-token.ts";
import type { Scope } from "../../src/access/scope.ts";
import { ROW_COLUMNS } from "../../src/events/row.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { ask } from "../worker.ts";

export interface Envelope {
  readonly requestId: string;
  readonly success: boolean;
  readonly result?: readonly Record<string, unknown>[];
  readonly errors?: readonly { readonly code: string; readonly message: string }[];
  readonly nextPageToken?: string;
  readonly moreResult?: boolean;
}

export const keys = (() => {
  const parsed = parseTokenKeys(env.TOKEN_KEYS ?? "");
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
})();

/** A new client in D1, and an access token of its own. */
export async function newClient(...scopes: readonly Scope[]) {
  const client = crypto.randomUUID();
  await env.DB.prepare("INSERT INTO clients (id, name, scopes, secret_hash, created_at) VALUES (?1, 'test', ?2, '', 0)")
    .bind(client, (scopes.length === 0 ? ["read"] : scopes).join(" "))
    .run();
  return { client, token: signAccessToken(keys, { client, issuedAtMs: Date.now() }) };
}

/** Calls with an access token; returns the envelope. */
export async function call(
  token: string,
  path: string,
  init: RequestInit<IncomingRequestCfProperties> = {},
  around: Env = env,
): Promise<Envelope> {
  const headers = new Headers(init.headers);
  headers.set("Authorization", `Bearer ${token}`);
  const response = await ask(path, { ...init, headers }, around);
  return await response.json<Envelope>();
}

export type Row = Partial<Record<(typeof ROW_COLUMNS)[number], string | number | null>>;

let made = 0;

/** Adds rows to the log, in order, with defaults for missing columns. Returns their ids. */
export async function logRows(...rows: readonly Row[]): Promise<string[]> {
  const whole = rows.map((row) => {
    const id = `t${crypto.randomUUID()}.${made++}`;
    return { id, type: 6, at: Date.now(), email: "7", person: "1", campaign: "42", is_bot: 0, ...row };
  });
  const texts = whole.map((row: Row) => JSON.stringify(ROW_COLUMNS.map((column) => row[column] ?? null)));
  await insertGroups(env, [groupOf(texts)]);
  return whole.map(({ id }) => String(id));
}

/** As `logRows`, of events that are recorded when they happen; one that happens before another, with that one. */
export async function logInTime(...rows: readonly Row[]): Promise<string[]> {
  const ids = await logRows(...rows);
  await recordInTime();
  return ids;
}

/** Lets the whole log have been recorded when it happened, and what happened before another event with that one. */
export async function recordInTime(): Promise<void> {
  await env.DB.prepare(`UPDATE events SET recorded_at = latest
    FROM (SELECT seq AS place, max(at) OVER (ORDER BY seq) AS latest FROM events) WHERE seq = place`).run();
}

/** Empties the log and its statistics; seqs begin at 1 again. */
export async function emptyLog(): Promise<void> {
  const statements = [
    "events",
    "message_stats",
    "earlier_seqs",
    "links",
    "seq_ranges",
    "mailings",
    "names",
    "segments",
    "recalled",
    ...["message_files", "message_filters", "recalled_messages", "message_scan", "day_totals", "link_totals"],
  ].map((table) => `DELETE FROM ${table}`);
  const again = ["UPDATE aggregated SET seq = 0, read_until = 0", "DELETE FROM sqlite_sequence WHERE name = 'events'"];
  await env.DB.batch([...statements, ...again].map((text) => env.DB.prepare(text)));
}
