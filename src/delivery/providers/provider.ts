/** What every provider's adapter is: a check of who speaks, and a pure reading of what is said. */

import type { ProviderSettings } from "../../config/provider-settings.ts";
import type { Result } from "../../platform/result.ts";
import type { Report } from "../outcome.ts";

/** A webhook as it arrived. */
export interface Webhook {
  readonly headers: Headers;
  /** The bytes that were signed. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What a check may use of the world. */
export interface Surroundings {
  readonly nowMs: number;
  /** Fetches certificates and confirmations: from Amazon's hosts, never from another. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** Why a webhook is refused. For the log line alone: the sender learns nothing of it. */
export type WebhookRefusal =
  | "not_configured"
  | "unsigned"
  | "bad_signature"
  | "expired"
  | "from_the_future"
  | "unknown_topic"
  | "foreign_certificate_url"
  | "bad_certificate";

export interface Reading {
  readonly reports: readonly Report[];
  /** Events that say nothing of what became of a send: opens, clicks, changes of the provider's own lists. */
  readonly ignored: number;
}

export interface Provider {
  /**
   * Whether the provider sent this; undefined: yes. Throws when that cannot be found out now (a certificate out of reach), so
   * that the provider tries again.
   */
  verify(
    webhook: Webhook,
    settings: ProviderSettings,
    surroundings: Surroundings,
  ): Promise<WebhookRefusal | undefined>;
  /** Translates the parsed JSON of a webhook. Pure. Refuses what is not this provider's shape. */
  read(payload: unknown): Result<Reading, "foreign_shape">;
  /** What has to be done besides recording, for a webhook that is verified. Throws when it did not work. */
  confirm?(payload: unknown, surroundings: Surroundings): Promise<void>;
}

/** The JSON of a body in UTF-8; undefined: it is none. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return undefined;
  }
}

/** How far a signer's clock may be ahead of ours. */
const FUTURE_MS = 5 * 60 * 1000;

/** Whether a signature's time is within the replay window, the second lock: recording is idempotent anyway. */
export function isTimely(
  atMs: number,
  windowMs: number,
  nowMs: number,
): "expired" | "from_the_future" | undefined {
  if (atMs > nowMs + FUTURE_MS) return "from_the_future";
  // Written so that NaN is expired.
  return atMs >= nowMs - windowMs ? undefined : "expired";
}
