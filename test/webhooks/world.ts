/** Endpoints of the Worker under test, their receivers, and a way to move the time. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, vi } from "vitest";
import { surround } from "../faults/broken.ts";
import { emptyLog } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { requireDocumentedPost } from "../worker.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const PATH = "/v1/webhook-endpoints";
export const URL_OF_RECEIVER = "https://sender.example/webhooks?key=secret";

interface Event {
  /** What a receiver knows it by. */
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly id: string; readonly seq: number };
}

/** A post as its receiver reads it, with what the library of Standard Webhooks checks of it. */
export interface Received {
  readonly url: string;
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly redirect: Request["redirect"];
  /** Of a batch, each of its events. */
  readonly events: readonly Event[];
}

export type Answer = (post: Received) => Response | Promise<Response>;

export const accepted: Answer = () => new Response(null, { status: 204 });
export const failing =
  (status: number, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response("no", { status, headers });

/** Mocks the network with a receiver that answers each post by the next answer, and then by the last one. */
export function receiver(...answers: readonly Answer[]): Received[] {
  const received: Received[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    const body = await request.text();
    const { type, ...content } = JSON.parse(body);
    // An alert is posted to the operator, not to an endpoint.
    if (type !== "webhook_endpoint.disabled") await requireDocumentedPost({ type, ...content });
    const events: readonly Event[] = type === "batch" ? content.data : [{ type, ...content }];
    const headers = Object.fromEntries(request.headers);
    const { url, redirect } = request;
    const post = { url, id: headers["webhook-id"] ?? "", headers, body, redirect, events };
    const answer = answers[Math.min(received.length, answers.length - 1)] ?? accepted;
    received.push(post);
    return await answer(post);
  });
  return received;
}

/** Whether a receiver that has this secret takes a post for genuine. */
export function isGenuine({ body, headers }: Received, secret: string): boolean {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

export const seqsOf = (received: readonly Received[]) =>
  received.flatMap(({ events }) => events.map(({ data }) => data.seq));
export const personsOf = (received: readonly Received[]) =>
  received.flatMap(({ events }) => events.map(({ data }) => (data.person as { id: unknown }).id));

/** Each test of a file begins with a held time, without endpoints, and with a silent log of the Worker. */
export function prepareEachTest(): void {
  beforeEach(async () => {
    holdTime();
    vi.spyOn(console, "warn").mockImplementation(() => {});
    vi.spyOn(console, "error").mockImplementation(() => {});
    await withoutEndpoints();
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}

let aheadMs = 0;

/**
 * The time is a day ahead, and moves when a test says so: alarms are set to times that never come, and run when a test
 * runs them.
 */
export function holdTime(): void {
  const startMs = Date.now() + DAY_MS;
  aheadMs = 0;
  vi.spyOn(Date, "now").mockImplementation(() => startMs + aheadMs);
}

export function pass(ms: number): void {
  aheadMs += ms;
}

export interface Endpoint {
  readonly id: string;
  readonly secret: string;
  readonly stub: DurableObjectStub;
}

export async function addEndpoint(of: Readonly<Record<string, unknown>> = {}): Promise<Endpoint> {
  const { status, body } = await post(PATH, { url: URL_OF_RECEIVER, ...of });
  if (status !== 201) throw new Error(JSON.stringify(body));
  const id = String(body.id);
  return {
    id,
    secret: String(body.secret),
    // One that has seen its object die is of no use.
    get stub() {
      return env.WEBHOOKS.getByName(id);
    },
  };
}

/** No endpoint, and an empty log, of which retention has deleted nothing. */
export async function withoutEndpoints(): Promise<void> {
  const { results } = await env.DB.prepare("DELETE FROM webhook_endpoints RETURNING id").all<{ id: string }>();
  for (const { id } of results) await env.WEBHOOKS.getByName(id).remove();
  await env.DB.prepare("DELETE FROM retention").run();
  await emptyLog();
}

/** Runs the endpoint's alarm. */
export async function ring({ stub }: Endpoint, around?: Env): Promise<void> {
  if (around !== undefined) await surround(stub, around);
  await runInDurableObject(stub, (_instance, { storage }) => storage.setAlarm(Date.now()));
  await runDurableObjectAlarm(stub);
  if (around !== undefined) await evictDurableObject(stub);
}

/** In how many ms the alarm fires; null: it is not set. */
export async function alarmIsDueIn({ stub }: Endpoint): Promise<number | null> {
  const atMs = await runInDurableObject(stub, (_instance, { storage }) => storage.getAlarm());
  return atMs === null ? null : atMs - Date.now();
}

/** Moves the time to when the alarm is set, and runs it. */
export async function ringWhenSet(endpoint: Endpoint): Promise<void> {
  pass(Math.max(0, (await alarmIsDueIn(endpoint)) ?? 0));
  await ring(endpoint);
}

/** The newest first. */
export async function deliveriesOf({ id }: Endpoint): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await get(`${PATH}/${id}/deliveries`)).body.data as readonly Readonly<Record<string, unknown>>[];
}

/** Runs the alarm twice at once. */
export async function alarmTwice({ stub }: Endpoint): Promise<void> {
  await runInDurableObject(stub, async (instance) => {
    const { alarm } = instance as unknown as { alarm(): Promise<void> };
    await Promise.all([alarm.call(instance), alarm.call(instance)]);
  });
}

/** Makes the next writes of what was answered throw, as if the object died at that moment. */
export async function refuseToRecord({ stub }: Endpoint): Promise<void> {
  await runInDurableObject(stub, (_instance, { storage }) => {
    const exec = () => {
      throw new Error("the object was evicted");
    };
    Object.defineProperty(storage.sql, "exec", { value: exec });
  });
}
