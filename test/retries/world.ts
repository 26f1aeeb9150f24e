/** Soft-bounced sends, and a way to move the time. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { openedId } from "../../src/events/opened-id.ts";
import { deliveredId, hardBouncedId, type Send, sendKey, sentId } from "../../src/events/send-key.ts";
import { RETRY_CLOCK_NAME } from "../../src/retries/clock.ts";
import { type SoftBouncedSend, scheduleStatements } from "../../src/retries/store.ts";
import { surround } from "../faults/broken.ts";
import { newMessage } from "../worker.ts";

export const HOUR_MS = 3_600_000;
export const HOURS = [1, 4, 12, 24];

export const clock = () => env.RETRIES.getByName(RETRY_CLOCK_NAME);

export async function withoutRetries(): Promise<void> {
  await runInDurableObject(clock(), async (_instance, { storage }) => {
    await storage.deleteAlarm();
    for (const [key] of [...storage.kv.list()]) storage.kv.delete(key);
  });
  // With its own environment again.
  await evictDurableObject(clock());
  await env.DB.batch(
    ["events", "people", "suppressions", "soft_bounced_sends", "retries"].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
}

export type SendOf = Send & { readonly send: string };

let sends = 0;

export function newSend(): SendOf {
  return { ...newMessage(), send: `send-${++sends}` };
}

export function softBounce(message: Send, of: Partial<SoftBouncedSend> = {}): SoftBouncedSend {
  return {
    key: sendKey(message),
    message,
    address: "marie@example.com",
    atMs: Date.now(),
    bounce: { category: 3, status: "4.2.2", details: 'mailbox "full"' },
    ...of,
  };
}

/** What the log does with soft bounces, but for their events. */
export async function schedule(bounces: readonly SoftBouncedSend[], nowMs = Date.now()): Promise<void> {
  await env.DB.batch(scheduleStatements(env.DB, bounces, { retryHours: HOURS, nowMs }));
}

export async function bouncedSend(of: Partial<SoftBouncedSend> = {}): Promise<SendOf> {
  const send = newSend();
  await schedule([softBounce(send, of)]);
  return send;
}

/** Time passes: everything that is stored happened that much earlier, or is to come that much sooner. */
export async function pass(hours: number): Promise<void> {
  const ms = Math.round(hours * HOUR_MS);
  await env.DB.batch(
    [
      `UPDATE soft_bounced_sends SET first_at = first_at - ${ms}, due_at = due_at - ${ms}`,
      `UPDATE retries SET due_at = due_at - ${ms}`,
      `UPDATE events SET at = at - ${ms}`,
      `UPDATE suppressions SET since = since - ${ms}, until = until - ${ms}`,
    ].map((statement) => env.DB.prepare(statement)),
  );
}

/** Runs the alarm. */
export async function runAlarm(around?: Env): Promise<void> {
  if (around !== undefined) await surround(clock(), around);
  await runInDurableObject(clock(), (_instance, { storage }) => storage.setAlarm(Date.now() + HOUR_MS));
  await runDurableObjectAlarm(clock());
}

export async function alarmAt(): Promise<number | null> {
  return await runInDurableObject(clock(), (_instance, { storage }) => storage.getAlarm());
}

export const inHours = (hours: number) => Date.now() + hours * HOUR_MS;

/** Moves the time past each slot in turn, and runs the alarm there. */
export async function liveThrough(slots: number): Promise<void> {
  const passing = [1.01, 3, 8, 12];
  for (const hours of passing.slice(0, slots)) {
    await pass(hours);
    await runAlarm();
  }
}

/** The slots of a send whose retries were recorded, in that order; each is an event of the log, too. */
export async function recordedSlots(send: Send): Promise<number[]> {
  const key = sendKey(send);
  const [listed, logged] = await env.DB.batch<{ id: string; slot: number }>([
    env.DB.prepare("SELECT id, slot FROM retries WHERE key = ? ORDER BY seq").bind(key),
    env.DB.prepare(`SELECT substr(id, 7) AS id, detail->>'attempt' - 2 AS slot FROM events
      WHERE type = 100003 AND substr(id, 1, ?1) = ?2 ORDER BY seq`).bind(`retry/${key}-`.length, `retry/${key}-`),
  ]);
  expect(logged?.results).toEqual(listed?.results);
  return (listed?.results ?? []).map(({ slot }) => slot);
}

export interface Schedule {
  readonly first_at: number;
  readonly slot: number;
  readonly due_at: number | null;
}

export async function scheduleOf(send: Send): Promise<Schedule | null> {
  return await env.DB.prepare("SELECT first_at, slot, due_at FROM soft_bounced_sends WHERE key = ?")
    .bind(sendKey(send))
    .first<Schedule>();
}

const TYPES = { s: 6, d: 7, h: 8, o: 10 } as const;

/** Puts an event of a send into the log. */
export async function log(
  what: "sent" | "delivered" | "hard bounced" | "opened",
  send: Send,
  of: { readonly atMs?: number; readonly isBot?: boolean; readonly per?: "campaign" | "email" } = {},
): Promise<void> {
  const key = sendKey(send);
  const { atMs = Date.now(), isBot = false, per = "campaign" } = of;
  const [id, type] = {
    sent: [sentId(key), TYPES.s],
    delivered: [deliveredId(key), TYPES.d],
    "hard bounced": [hardBouncedId(key), TYPES.h],
    opened: [openedId(send, per), TYPES.o],
  }[what];
  await env.DB.prepare(
    `INSERT INTO events (id, type, at, recorded_at, email, person, campaign, is_bot)
    VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7)`,
  )
    .bind(id, type, atMs, send.email, send.person, send.campaign, Number(isBot))
    .run();
}

export async function suppress(
  subject: string,
  reason: "unsubscribed" | "invalid" | "blocked",
  until: number | null = null,
): Promise<void> {
  await env.DB.prepare(
    "INSERT OR REPLACE INTO suppressions (subject, reason, since, cause, until) VALUES (?, ?, ?, 'test', ?)",
  )
    .bind(subject, reason, Date.now(), until)
    .run();
}

export async function know(person: string, address: string): Promise<void> {
  await env.DB.prepare("INSERT OR REPLACE INTO people (person, address) VALUES (?, ?)").bind(person, address).run();
}
