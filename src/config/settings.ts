/**
 * Settings, typed and checked. A production Worker with development secrets, or with none, refuses to serve: anybody
 * could sign links and call the API.
 */
import * as v from "valibot";
import type { BotPolicy } from "../bots/bot.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { hasDevelopmentKey, parseTokenKeys, type TokenKeys } from "../tokens/keys.ts";
import type { Color } from "../web/color.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { Variables } from "./variables.ts";

export interface Settings {
  /** ENVIRONMENT is "development". Default: false */
  readonly development: boolean;
  /** TOKEN_KEYS, a secret: sign and verify every token. Required. */
  readonly tokenKeys: TokenKeys;
  /** API_KEYS, a secret: bearer keys for `/v1`, separated by spaces or commas. At least one is required. */
  readonly apiKeys: readonly string[];
  /** OPENS_PER: one open per (email, person, campaign), or per (email, person). Default: "campaign" */
  readonly opensPer: "campaign" | "email";
  /** SENDER_NAME and SENDER_COLOR: whom the unsubscribe page is from. Default: no name, #7a1f2b */
  readonly sender: { readonly name: string; readonly color: Color };
  /** TRACKING_ORIGIN: where decorated links lead. Default: the origin that /v1/decorate was called on */
  readonly trackingOrigin: string | undefined;
  /** UNSUBSCRIBE_PLACEHOLDERS: texts that become the unsubscribe link, besides {{unsubscribe}}. Default: none */
  readonly unsubscribePlaceholders: readonly string[];
  readonly providers: ProviderSettings;
  /**
   * BOUNCE_ADDRESS: where bounces go. A copy's envelope sender is this address with "+" and the message token before
   * its "@". Default: none
   */
  readonly bounceAddress: string | undefined;
  /**
   * RETRY_HOURS: hours after its first attempt when a softly bounced send is due again, ascending. Default: 1 4 12 24
   */
  readonly retryHours: readonly number[];
  readonly retryWebhook: RetryWebhook | undefined;
  /** BOTS_BY_… and BOT_…_SECONDS. Default: every method marks, but the honeypot is off; 0 s and 5 s */
  readonly bots: BotPolicy;
  /**
   * PRIVACY_SIGNALS: whether an open or click with Sec-GPC or DNT is logged like any other, under a pseudonym, or not
   * at all. Default: "ignore"
   */
  readonly privacySignals: "ignore" | "anonymous" | "drop";
  /**
   * CLIENT_IP: whether an unsubscription's IP address is stored cut to its network, whole, or not at all. Default:
   * "cut"
   */
  readonly clientIp: "cut" | "whole" | "none";
  /** RETENTION_DAYS: events older than so many days leave the log. Default: never */
  readonly retentionDays: number | undefined;
}

/** Where due retries are posted. Default: nowhere; they are only listed. */
export interface RetryWebhook {
  /** RETRY_WEBHOOK_URL */
  readonly url: string;
  /** RETRY_WEBHOOK_SECRET: "whsec_" and base64 (Standard Webhooks). */
  readonly secret: string;
}

/** Settings, or a sentence for each problem: what is wrong and what to do. */
export type SettingsResult = Result<Settings, readonly string[]>;

const DEVELOPMENT_API_KEY = "wxs_dev_";

const known = new WeakMap<Env, SettingsResult>();

/** The settings of this environment, checked at the first call. */
export function settingsOf(env: Env): SettingsResult {
  const settings = known.get(env) ?? readSettings(env);
  known.set(env, settings);
  return settings;
}

function readSettings(env: Env): SettingsResult {
  const read = v.safeParse(Variables, env);
  const keys = parseTokenKeys(env.TOKEN_KEYS ?? "");
  const problems = read.success ? [] : read.issues.map(({ message }) => message);
  if (!keys.ok) {
    problems.push(
      `TOKEN_KEYS is missing or unusable (${keys.reason}). ` +
        'Make one with "npx waxseal keys new" and set it with "npx wrangler secret put TOKEN_KEYS".',
    );
  }
  if (!read.success || !keys.ok) return refused(problems);
  problems.push(...problemsOf(read.output, keys.value));
  return problems.length > 0 ? refused(problems) : ok(settingsFrom(read.output, keys.value));
}

type CheckedVariables = v.InferOutput<typeof Variables>;

/** What is wrong with several variables together, or with development secrets in production. */
function problemsOf(variables: CheckedVariables, keys: TokenKeys): string[] {
  const problems: string[] = [];
  if (variables.API_KEYS.length === 0) {
    problems.push(
      'API_KEYS is missing. Make one with "npx waxseal keys api" and set it with "npx wrangler secret put API_KEYS".',
    );
  }
  if ((variables.RETRY_WEBHOOK_URL === undefined) !== (variables.RETRY_WEBHOOK_SECRET === undefined)) {
    problems.push(
      "RETRY_WEBHOOK_URL and RETRY_WEBHOOK_SECRET belong together: set both, or neither. " +
        '"npx waxseal keys webhook" makes a secret.',
    );
  }
  if (variables.ENVIRONMENT === "development") return problems;
  if (hasDevelopmentKey(keys)) {
    problems.push(
      "TOKEN_KEYS holds a development key. " +
        'Make a real one with "npx waxseal keys new" and set it with "npx wrangler secret put TOKEN_KEYS".',
    );
  }
  if (variables.API_KEYS.some((key) => key.startsWith(DEVELOPMENT_API_KEY))) {
    problems.push(
      "API_KEYS holds a development key. " +
        'Make a real one with "npx waxseal keys api" and set it with "npx wrangler secret put API_KEYS".',
    );
  }
  return problems;
}

function settingsFrom(variables: CheckedVariables, tokenKeys: TokenKeys): Settings {
  const { RETRY_WEBHOOK_URL: retryUrl, RETRY_WEBHOOK_SECRET: retrySecret } = variables;
  return {
    development: variables.ENVIRONMENT === "development",
    tokenKeys,
    apiKeys: variables.API_KEYS,
    opensPer: variables.OPENS_PER,
    sender: { name: variables.SENDER_NAME, color: variables.SENDER_COLOR },
    trackingOrigin: variables.TRACKING_ORIGIN === "" ? undefined : variables.TRACKING_ORIGIN,
    unsubscribePlaceholders: variables.UNSUBSCRIBE_PLACEHOLDERS,
    providers: {
      sesTopics: variables.SES_TOPICS,
      sendgridPublicKey: variables.SENDGRID_PUBLIC_KEY,
      mailgunSigningKey: variables.MAILGUN_SIGNING_KEY,
      postmarkCredentials: variables.POSTMARK_CREDENTIALS,
      resendSecret: variables.RESEND_SECRET,
    },
    bounceAddress: variables.BOUNCE_ADDRESS,
    retryHours: variables.RETRY_HOURS,
    retryWebhook:
      retryUrl === undefined || retrySecret === undefined ? undefined : { url: retryUrl, secret: retrySecret },
    bots: {
      handling: {
        userAgent: variables.BOTS_BY_USER_AGENT,
        network: variables.BOTS_BY_NETWORK,
        head: variables.BOTS_BY_HEAD,
        honeypot: variables.BOTS_BY_HONEYPOT,
        proximity: variables.BOTS_BY_PROXIMITY,
        delivery: variables.BOTS_BY_DELIVERY,
        links: variables.BOTS_BY_LINKS,
      },
      proximitySeconds: variables.BOT_PROXIMITY_SECONDS,
      deliverySeconds: variables.BOT_DELIVERY_SECONDS,
    },
    privacySignals: variables.PRIVACY_SIGNALS,
    clientIp: variables.CLIENT_IP,
    retentionDays: variables.RETENTION_DAYS,
  };
}
