/** What each provider's adapter implements: verification of a webhook, and a pure translation of its payload. */
import * as v from "valibot";
import type { ProviderSettings } from "../../config/variables.ts";
import { ok, type Result, refused } from "../../platform/result.ts";
import { parseUtf8Json } from "../../platform/utf8-json.ts";
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
  /** Events that are not of the documented shape. */
  readonly unreadable: number;
}

export interface Provider {
  /**
   * Verifies that the provider sent this. Throws when that cannot be found out now (a certificate out of reach), so
   * that the provider tries again.
   */
  verify(webhook: Webhook, settings: ProviderSettings, context: WebhookContext): Promise<Verified>;
  /** Translates the parsed JSON of a webhook. Pure. */
  read(payload: unknown): Result<WebhookReports, "unknown_shape">;
  /**
   * Confirms a subscription that a verified webhook announces. Throws when that failed, so that the provider tries
   * again.
   */
  confirm?(payload: unknown, context: WebhookContext): Promise<void>;
}

/** How one provider signs: where its signature is, and how it is checked. */
interface SignatureForm<Setting extends keyof ProviderSettings, Signature> {
  /** The setting that signatures are checked with. Without it every webhook is rejected. */
  readonly setting: Setting;
  /** Headers are an object by their lower-case names, the body is JSON. */
  readonly signedIn: "headers" | "body";
  readonly schema: v.GenericSchema<unknown, Signature>;
  readonly check: (
    signature: Signature,
    secret: NonNullable<ProviderSettings[Setting]>,
    webhook: Webhook & WebhookContext,
  ) => Verified | Promise<Verified>;
}

type Verified = Result<void, WebhookRejection>;

/** A provider's `verify`. */
export function verifier<Setting extends keyof ProviderSettings, Signature>({
  setting,
  signedIn,
  schema,
  check,
}: SignatureForm<Setting, Signature>): Provider["verify"] {
  return async (webhook, settings, context) => {
    const secret = settings[setting];
    if (secret == null || secret.length === 0) return refused("not_configured");
    const signed = signedIn === "headers" ? ok(Object.fromEntries(webhook.headers)) : parseUtf8Json(webhook.body);
    const signature = signed.ok ? v.safeParse(schema, signed.value) : undefined;
    if (signature?.success !== true) return refused("unsigned");
    return await check(signature.output, secret, { ...webhook, ...context });
  };
}
