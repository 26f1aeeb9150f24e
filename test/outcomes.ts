/** Reports outcomes of sends, and reads them back, as a sender does. */
import { env } from "cloudflare:workers";
import { recordSendReports } from "../src/delivery/record.ts";
import { EVENT_TYPES } from "../src/events/event.ts";
import { ask, newMessage } from "./worker.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };

/** Of a person nobody had before: a send with an address of its own. */
export function newSend() {
  const message = newMessage();
  return {
    ...message,
    send: crypto.randomUUID().slice(0, 8),
    address: `${message.person}@mail.example`,
  };
}
export type TestSend = ReturnType<typeof newSend>;

export async function post(path: string, body: unknown, around: Env = env, method = "POST") {
  const answer = await ask(path, { method, headers: BEARER, body: JSON.stringify(body) }, around);
  return { status: answer.status, body: await answer.json<Record<string, unknown>>() };
}

export async function get(path: string, around: Env = env) {
  const answer = await ask(path, { headers: BEARER }, around);
  return { status: answer.status, body: await answer.json<Record<string, unknown>>() };
}

/** Reports outcomes of one send; each entry's fields are added to the send's. Throws unless all are accepted. */
export async function reportOutcomes(
  send: Partial<TestSend>,
  ...outcomes: readonly Record<string, unknown>[]
): Promise<void> {
  const events = outcomes.map((outcome) => ({ ...send, ...outcome }));
  const { body } = await post("/v1/events", { events });
  if (body.accepted !== events.length) throw new Error(JSON.stringify(body));
}

/** Every order of the items. */
export function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, index) => ordersOf(items.toSpliced(index, 1)).map((others) => [first, ...others]));
}

export interface LoggedOutcome {
  readonly id: string;
  readonly type: number;
  readonly at: number;
  readonly send: string | null;
  readonly detail: Record<string, unknown> | null;
}

/** What the log holds of a person, in the order of recording. */
export async function outcomesOf(person: string): Promise<LoggedOutcome[]> {
  const { results } = await env.DB.prepare(
    "SELECT id, type, at, send, detail FROM events WHERE person = ? AND type <> 0 ORDER BY seq",
  )
    .bind(person)
    .all<Omit<LoggedOutcome, "detail"> & { detail: string | null }>();
  return results.map((row) => ({ ...row, detail: row.detail === null ? null : JSON.parse(row.detail) }));
}

const NAME_OF = new Map(Object.entries(EVENT_TYPES).map(([name, { id }]) => [id as number, name]));

/** The types of what the log holds of a person, by name. */
export async function typesOf(person: string): Promise<(string | undefined)[]> {
  return (await outcomesOf(person)).map(({ type }) => NAME_OF.get(type));
}

export interface SuppressionCheck {
  readonly suppressed: boolean;
  readonly reasons: readonly { reason: string; since: string; until?: string; cause: string }[];
}

export async function suppressionCheckOf({ person, address }: Partial<TestSend>): Promise<SuppressionCheck> {
  const query = new URLSearchParams({
    ...(person === undefined ? {} : { person }),
    ...(address === undefined ? {} : { address }),
  });
  const { status, body } = await get(`/v1/suppressions/check?${query}`);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const { suppressed, reasons } = body as unknown as SuppressionCheck;
  return { suppressed, reasons };
}

/** Removes an invalid address from the suppressions, by the API. */
export async function removeSuppression(body: unknown, around: Env = env) {
  return await post("/v1/suppressions", body, around, "DELETE");
}

/** A spam complaint, as a provider reports it. */
export async function complains({ address, ...send }: TestSend, atMs = Date.now()): Promise<void> {
  const report = { send, outcome: { type: "complained" as const }, address, atMs, sourceId: "complaint" };
  await recordSendReports([report], { retryHours: [24] }, env, Date.now());
}

/** Asks for a copy; answers the status, 409 when the person must not be mailed. */
export async function decorateFor({ person, address }: { person: string; address?: string }, around: Env = env) {
  const copy = {
    email: { id: "7" },
    campaign: { id: "other" },
    person: { id: person, ...(address === undefined ? {} : { address }) },
    html: "<p>Hello</p>",
  };
  return await post("/v1/decorate", copy, around);
}
