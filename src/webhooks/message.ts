/**
 * What is posted: one event, or a batch of them, as Standard Webhooks 1.0.0 has it. Guarantees that a repetition has
 * the same webhook-id, even if the events' people were erased in between; that an event that comes again because it
 * changed has another; and that an event has the same id alone and in any batch.
 */
import { type EventRow, eventAnswer } from "../feed/index.ts";
import { isoTime } from "../http/time.ts";
import { sha256Hex } from "../platform/sha256.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { webhookType } from "./names.ts";

/** An event of a post, as deliveries name it: it holds nothing about a person. */
export interface PostedEvent {
  readonly id: string;
  readonly seq: number;
  /** "email.opened" */
  readonly type: string;
}

export interface WebhookMessage {
  readonly id: string;
  /** "email.opened"; "batch" */
  readonly type: string;
  readonly body: string;
  readonly events: readonly PostedEvent[];
  /** When the first of them was recorded. */
  readonly recordedAtMs: number;
}

const BATCH = "batch";

/** The message of events in the order of recording. Without `isBatch`, of a single one. */
export function messageOf(
  rows: readonly EventRow[],
  isBatch: boolean,
  keys: TokenKeys,
  idOf = revisionId,
): WebhookMessage {
  const contents = rows.map((row) => contentOf(row, idOf(row), keys));
  const events = contents.map(({ id, type }, index) => ({ id, type, seq: rows[index]?.seq ?? 0 }));
  const [only] = contents;
  const recordedAtMs = rows[0]?.recordedAt ?? 0;
  if (!isBatch && only !== undefined) {
    return { id: only.id, type: only.type, body: JSON.stringify(only), events, recordedAtMs };
  }
  const timestamp = isoTime(Math.max(...rows.map(({ at }) => at)));
  const body = JSON.stringify({ type: BATCH, timestamp, data: contents });
  return { id: batchId(events), type: BATCH, body, events, recordedAtMs };
}

/** The webhook-id of a batch of these events. */
export function batchId(events: readonly PostedEvent[]): string {
  return `batch_${sha256Hex(events.map(({ id }) => id).join()).slice(0, 32)}`;
}

/** Whether it holds one event. */
export function isBatchType(type: string): boolean {
  return type === BATCH;
}

function contentOf(row: EventRow, id: string, keys: TokenKeys) {
  const data = eventAnswer(row, keys);
  return { id, type: webhookType(String(data.type)), timestamp: isoTime(row.at), data };
}

/**
 * The id of a revision of an event: a change gives it another seq. It is not made of the event's id, which an erasure
 * replaces, but of what an erasure keeps. After D1 is restored to an earlier time, another event may get the seq, but
 * not the time of recording.
 */
function revisionId({ seq, recordedAt, type, at, email, campaign }: EventRow): string {
  return `evt_${seq}_${sha256Hex([recordedAt, type, at, email, campaign].join("\n")).slice(0, 16)}`;
}
