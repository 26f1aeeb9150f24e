/**
 * Bindings and settings, typed and checked. A production deploy with development secrets or none is refused whole, with
 * words that say what to do: a tracker whose keys anybody can know counts whatever anybody likes.
 */
import * as v from "valibot";
import type { BotPolicy } from "../bots/bot.ts";
import { hasDevelopmentKey, parseTokenKeys, type TokenKeys } from "../tokens/keys.ts";
import type { Color } from "../web/color.ts";
import type { ProviderSettings } from "./provider-settings.ts";
import { Variables } from "./variables.ts";

export interface Settings {
  readonly development: boolean;
  readonly tokenKeys: TokenKeys;
  /** Secrets that senders present as `Authorization: Bearer`. */
  readonly apiKeys: readonly string[];
  readonly opensPer: "campaign" | "email";
  readonly sender: { readonly name: string; readonly color: Color };
  /** Where decorated links point; undefined: the origin that /v1/decorate was called on. */
  readonly trackingOrigin: string | undefined;
  readonly unsubscribePlaceholders: readonly string[];
  /** What checks each provider's webhooks; undefined or empty: that provider's are refused. */
  readonly providers: ProviderSettings;
  /** Where bounces go; a copy's envelope sender is this address with "+" and the message token before its "@". */
  readonly bounceAddress: string | undefined;
  /** When a softly bounced send is due again, hours after its first attempt, ascending. */
  readonly retryHours: readonly number[];
  readonly retryWebhook: RetryWebhook | undefined;
  readonly bots: BotPolicy;
  /** What becomes of an open or click whose request carries Sec-GPC or DNT: logged like any other, without saying whose, or not. */
  readonly privacySignals: "ignore" | "anonymous" | "drop";
  /** How an unsubscription's IP address is stored: cut to its network, whole, or not at all. */
  readonly clientIp: "cut" | "whole" | "none";
  /** After how many days events leave the log; undefined: never. */
  readonly retentionDays: number | undefined;
}

export interface RetryWebhook {
  readonly url: string;
  /** "whsec_" and base64 (Standard Webhooks). */
  readonly secret: string;
}

/** Settings, or one sentence for each that is wrong: what is wrong and what to do. */
export type SettingsRead =
  | { readonly ok: true; readonly value: Settings }
  | { readonly ok: false; readonly faults: readonly string[] };

const DEVELOPMENT_API_KEY = "wxs_dev_";

const known = new WeakMap<Env, SettingsRead>();

/** The settings of this environment, checked when first asked for. */
export function settingsOf(env: Env): SettingsRead {
  const read = known.get(env) ?? readSettings(env);
  known.set(env, read);
  return read;
}

function readSettings(env: Env): SettingsRead {
  const read = v.safeParse(Variables, env);
  const keys = parseTokenKeys(env.TOKEN_KEYS ?? "");
  const faults = read.success ? [] : read.issues.map(({ message }) => message);
  if (!keys.ok) {
    faults.push(
      `TOKEN_KEYS is missing or unusable (${keys.reason}). Make one with "npx waxseal keys new" and set it with "npx wrangler secret put TOKEN_KEYS".`,
    );
  }
  if (!read.success || !keys.ok) return { ok: false, faults };

  const variables = read.output;
  if (variables.API_KEYS.length === 0) {
    faults.push(
      'API_KEYS is missing. Make one with "npx waxseal keys api" and set it with "npx wrangler secret put API_KEYS".',
    );
  }
  const { RETRY_WEBHOOK_URL: retryUrl, RETRY_WEBHOOK_SECRET: retrySecret } = variables;
  if ((retryUrl === undefined) !== (retrySecret === undefined)) {
    faults.push(
      'RETRY_WEBHOOK_URL and RETRY_WEBHOOK_SECRET belong together: set both, or neither. "npx waxseal keys webhook" makes a secret.',
    );
  }
  const development = variables.ENVIRONMENT === "development";
  if (!development && hasDevelopmentKey(keys.value)) {
    faults.push(
      'TOKEN_KEYS holds a development key. Make a real one with "npx waxseal keys new" and set it with "npx wrangler secret put TOKEN_KEYS".',
    );
  }
  if (!development && variables.API_KEYS.some((key) => key.startsWith(DEVELOPMENT_API_KEY))) {
    faults.push(
      'API_KEYS holds a development key. Make a real one with "npx waxseal keys api" and set it with "npx wrangler secret put API_KEYS".',
    );
  }
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    value: {
      development,
      tokenKeys: keys.value,
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
        retryUrl === undefined || retrySecret === undefined
          ? undefined
          : { url: retryUrl, secret: retrySecret },
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
    },
  };
}
