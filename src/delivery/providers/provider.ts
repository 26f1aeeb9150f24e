/** What each provider's adapter implements: verification of a webhook, and a pure translation of its payload. */
import type { ProviderSettings } from "../../config/variables.ts";
import type { Result } from "../../platform/result.ts";
import type { Report } from "../outcome.ts";

/** A webhook as it arrived. */
export interface Webhook {
  readonly headers: Headers;
  /** The bytes that were signed. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The time, and how to reach the provider. */
export interface WebhookContext {
  readonly nowMs: number;
  /** Fetches certificates and confirmations: from Amazon's hosts only. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** Why a webhook is rejected. For the log line alone: the answer does not say it. */
export type WebhookRejection =
  | "not_configured"
  | "unsigned"
  | "bad_signature"
  | "expired"
  | "from_the_future"
  | "unknown_topic"
  | "foreign_certificate_url"
  | "bad_certificate";

/** What a webhook reports. */
export interface WebhookReports {
  readonly reports: readonly Report[];
  /** Events without an outcome: opens, clicks, changes of the provider's own lists. */
  readonly ignored: number;
}

export interface Provider {
  /**
   * Verifies that the provider sent this. Throws when that cannot be found out now (a certificate out of reach), so
   * that the provider tries again.
   */
  verify(
    webhook: Webhook,
    settings: ProviderSettings,
    context: WebhookContext,
  ): Promise<Result<void, WebhookRejection>>;
  /** Translates the parsed JSON of a webhook. Pure. */
  read(payload: unknown): Result<WebhookReports, "unknown_shape">;
  /**
   * Confirms a subscription that a verified webhook announces. Throws when that failed, so that the provider tries
   * again.
   */
  confirm?(payload: unknown, context: WebhookContext): Promise<void>;
}

/** The JSON of a body in UTF-8; undefined when it is not JSON. */
export function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return undefined;
  }
}
