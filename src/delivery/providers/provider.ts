/** What each provider's adapter declares: how its webhooks are verified and read, and what their events mean. */
import * as v from "valibot";
import { ok, type Result, refused } from "../../platform/result.ts";
import type { Report } from "../outcome.ts";
import { type BodyFault, type BodyReading, jsonBody, type WebhookBody } from "./body.ts";
import { type ProviderSetting, settingIn } from "./setting.ts";

/** A webhook as it arrived. */
export interface Webhook extends WebhookBody {
  /** Where it was posted to: the URL as it arrived, and as the provider knows it where a proxy is between. */
  readonly urls: readonly string[];
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

export interface Provider<Variable extends string = string> {
  readonly setting: ProviderSetting<Variable>;
  /** How long its webhooks may be. Longer ones cost a stranger nothing and us much, so only where there are such. */
  readonly maxBodyBytes: number;
  /** How long the provider waits for an answer, in ms. */
  readonly waitsMs: number;
  /**
   * The body of a webhook, read as the provider writes it, once it is certain that the provider sent it. Throws when
   * that cannot be found out now (a certificate out of reach), so that the provider tries again.
   * @param env where the setting is
   */
  verifiedBody(
    webhook: Webhook,
    env: object,
    context: WebhookContext,
  ): Promise<Result<unknown, WebhookRejection | BodyFault>>;
  /** Translates the body. Pure. */
  read(payload: unknown): Result<WebhookReports, "unknown_shape">;
  /**
   * Confirms a subscription that a verified webhook announces. Throws when that failed, so that the provider tries
   * again.
   */
  readonly confirm?: ((payload: unknown, context: WebhookContext) => Promise<void>) | undefined;
}

type Verified = Result<void, WebhookRejection>;

/** How one provider signs: where its signature is, and how it is checked. */
export interface SignatureForm<Value, Signature> {
  /** The headers are an object by their lower-case names; the body is what it reads as. */
  readonly in: "headers" | "body";
  readonly schema: v.GenericSchema<unknown, Signature>;
  readonly check: (
    signature: Signature,
    value: Value,
    webhook: Webhook & WebhookContext,
  ) => Verified | Promise<Verified>;
}

interface ProviderForm<Variable extends string, Value, Signature> extends Pick<Provider, "read" | "confirm"> {
  readonly setting: ProviderSetting<Variable, Value>;
  readonly signature: SignatureForm<Value, Signature>;
  /** How bodies read. Default: as JSON. */
  readonly readBody?: BodyReading;
  /** Default: 1 MiB */
  readonly maxBodyBytes?: number;
  /** Default: ten seconds, less than most wait */
  readonly waitsMs?: number;
  /**
   * Whether a webhook holds no event and only asks if somebody answers, before the provider shows its key: such a one
   * is read whoever sends it.
   */
  readonly isTestWebhook?: (webhook: Webhook) => boolean | Promise<boolean>;
}

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;
const DEFAULT_WAITS_MS = 10_000;

/** Declares a provider. */
export function provider<const Variable extends string, Value, Signature>({
  setting,
  signature,
  readBody = jsonBody,
  maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
  waitsMs = DEFAULT_WAITS_MS,
  read,
  confirm,
  isTestWebhook = () => false,
}: ProviderForm<Variable, Value, Signature>): Provider<Variable> {
  return {
    setting,
    maxBodyBytes,
    waitsMs,
    read,
    confirm,
    async verifiedBody(webhook, env, context) {
      let reading: Promise<Result<unknown, BodyFault>> | undefined;
      const payload = () => {
        reading ??= readBody(webhook);
        return reading;
      };
      if (await isTestWebhook(webhook)) return await payload();
      const { value } = settingIn(env, setting);
      if (value === undefined) return refused("not_configured");
      const signed = signature.in === "headers" ? ok(Object.fromEntries(webhook.headers)) : await payload();
      const found = signed.ok ? v.safeParse(signature.schema, signed.value) : undefined;
      if (found?.success !== true) return refused("unsigned");
      const verified = await signature.check(found.output, value, { ...webhook, ...context });
      return verified.ok ? await payload() : verified;
    },
  };
}
