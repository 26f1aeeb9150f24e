/** Endpoints of the Worker under load, each with a receiver on this machine. */
import * as v from "valibot";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { type Behaviour, WebhookReceiver } from "./webhook-receiver.ts";

/** Before the first event of worker/seeded-log.ts. */
const BEFORE_THE_LOG = "2026-09-30";
const EVENTS_A_PAGE = 1_000;
const DEADLINE_MS = 300_000;
const POLL_MS = 10;

export interface Endpoint {
  readonly id: string;
  readonly receiver: WebhookReceiver;
}

const Added = v.object({ id: v.string(), secret: v.string() });

async function call({ origin, apiKey }: LocalWorker, method: string, path: string, body: object): Promise<unknown> {
  const headers = { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" };
  const answer = await fetch(origin + path, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}

export async function addEndpoint(to: LocalWorker, body: object, behaviour?: Behaviour): Promise<Endpoint> {
  const receiver = new WebhookReceiver(behaviour);
  const url = await receiver.start();
  const { id, secret } = v.parse(Added, await call(to, "POST", "/v1/webhook-endpoints", { ...body, url }));
  receiver.secret = secret;
  return { id, receiver };
}

export async function change(to: LocalWorker, { id }: Endpoint, body: object): Promise<void> {
  await call(to, "PATCH", `/v1/webhook-endpoints/${id}`, body);
}

/** Posts the log again, up to where the endpoint is, or to the cursor `to`. */
export async function replay(to: LocalWorker, { id }: Endpoint, until: { readonly to?: string }): Promise<void> {
  await call(to, "POST", `/v1/webhook-endpoints/${id}/replay`, { from: BEFORE_THE_LOG, ...until });
}

/** The cursor of the feed behind its first events. */
export async function cursorBehind({ origin, apiKey }: LocalWorker, events: number): Promise<string> {
  let [cursor, query] = ["", ""];
  for (let read = 0; read < events; read += EVENTS_A_PAGE) {
    const headers = { Authorization: `Bearer ${apiKey}` };
    const answer = await fetch(`${origin}/v1/events?limit=${EVENTS_A_PAGE}${query}`, { headers });
    cursor = v.parse(v.object({ next: v.string() }), await answer.json()).next;
    query = `&cursor=${cursor}`;
  }
  return cursor;
}

/** Resolves when it is so; throws when it is not after five minutes. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadlineMs = Date.now() + DEADLINE_MS;
  while (!isSo()) {
    if (Date.now() > deadlineMs) throw new Error(`not after five minutes: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
