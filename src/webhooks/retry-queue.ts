/** Posts of the retry queue that are due, as their events are now. */
import type { LogStores } from "../archive/index.ts";
import type { Settings } from "../config/settings.ts";
import { type EventRow, readFeedRows } from "../feed/index.ts";
import { isDeletedBy, readRetention } from "./deleted-events.ts";
import type { Delivery } from "./delivery.ts";
import { type EndpointRow, endpointFilter } from "./endpoints.ts";
import { isBatchType, messageOf, type PostedEvent, type WebhookMessage } from "./message.ts";
import { postableRows } from "./postable.ts";

/** A post of the retry queue. */
export interface RetriedPost {
  readonly delivery: Delivery;
  /** Undefined: none of its events is left that the filter passes. */
  readonly message: WebhookMessage | undefined;
  /** Its events that the filter does not pass now. */
  readonly held: readonly PostedEvent[];
  /** Whether retention has deleted its events. */
  readonly isDeleted: boolean;
}

/** @throws the errors of D1 and R2 */
export async function readRetries(
  stores: LogStores,
  due: readonly Delivery[],
  endpoint: EndpointRow,
  settings: Settings,
): Promise<readonly RetriedPost[]> {
  const { DB: d1 } = stores;
  const seqs = due.flatMap(({ events }) => events.map(({ seq }) => seq));
  const passed = await readFeedRows(stores, seqs, endpointFilter(endpoint));
  const all = passed.length === seqs.length ? passed : await readFeedRows(stores, seqs, { bots: "include" });
  const rows = await postableRows(d1, passed, settings);
  const deleted = all.length === seqs.length ? undefined : await readRetention(d1);
  const [inLog, inFilter] = [seqsIn(all), seqsIn(passed)];
  return due.map((delivery) => {
    const own = rows.filter(({ seq }) => delivery.events.some((event) => event.seq === seq));
    const held = delivery.events.filter(({ seq }) => inLog.has(seq) && !inFilter.has(seq));
    const message = own.length === 0 ? undefined : messageOf(own, isBatchType(delivery.type), settings.tokenKeys);
    const isGone = message === undefined && held.length === 0;
    return { delivery, message, held, isDeleted: isGone && deleted !== undefined && isDeletedBy(deleted, delivery) };
  });
}

function seqsIn(rows: readonly EventRow[]): ReadonlySet<number> {
  return new Set(rows.map(({ seq }) => seq));
}
