/**
 * The form of each variable and secret, its default, and the sentence about a wrong one. `Settings` says what each
 * means; its file checks those that belong together.
 */
import * as v from "valibot";
import { isOrigin } from "../decorate/options.ts";
import type { Color } from "../web/color.ts";

/** Standard Webhooks: at least 24 bytes in base64. */
const WEBHOOK_SECRET = /^whsec_(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** The last retry is at least and at most so many hours after the first attempt. */
const MIN_LAST_RETRY_HOUR = 24;
const MAX_LAST_RETRY_HOUR = 36;

/** A variable that may be missing or empty. */
const optional = (pattern: RegExp, problem: string) =>
  v.pipe(
    v.optional(v.string(), ""),
    v.check((text) => text === "" || pattern.test(text), problem),
    v.transform((text) => (text === "" ? undefined : text)),
  );

function isRetrySchedule(hours: readonly number[]): boolean {
  const last = hours.at(-1) ?? 0;
  return (
    hours.every((hour, index) => hour > (hours[index - 1] ?? 0)) &&
    last >= MIN_LAST_RETRY_HOUR &&
    last <= MAX_LAST_RETRY_HOUR
  );
}

/** One of a few words. The first is the default. */
const choice = <const Words extends readonly [string, ...string[]]>(name: string, choices: Words) =>
  v.optional(v.picklist(choices, `${name} must be ${choices.map((word) => `"${word}"`).join(" or ")}.`), choices[0]);

const handling = (name: string) => choice(`BOTS_BY_${name}`, ["mark", "filter", "off"]);

/** A whole number from `min` to `max`. */
const whole = (name: string, min: number, max: number, byDefault: string) =>
  v.pipe(
    v.optional(v.string(), byDefault),
    v.check(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `${name} must be a whole number from ${min} to ${max}.`,
    ),
    v.transform(Number),
  );

const words = (separator: RegExp) =>
  v.pipe(
    v.optional(v.string(), ""),
    v.transform((text) => text.split(separator).filter((word) => word !== "")),
  );

/** All but TOKEN_KEYS, which tokens/keys.ts parses. */
export const Variables = v.object({
  ENVIRONMENT: choice("ENVIRONMENT", ["production", "development"]),
  OPENS_PER: choice("OPENS_PER", ["campaign", "email"]),
  SENDER_NAME: v.pipe(v.optional(v.string(), ""), v.maxLength(200, "SENDER_NAME is longer than 200 characters.")),
  SENDER_COLOR: v.pipe(
    v.optional(v.string(), "#7a1f2b"),
    v.regex(/^#[0-9a-f]{6}$/i, 'SENDER_COLOR must be written like "#7a1f2b".'),
    v.transform((text): Color => `#${text.slice(1)}`),
  ),
  TRACKING_ORIGIN: v.pipe(
    v.optional(v.string(), ""),
    v.check(
      (text) => text === "" || isOrigin(text),
      "TRACKING_ORIGIN must be an origin in lower case without a slash at its end, " +
        'like "https://t.example.com", or empty.',
    ),
  ),
  UNSUBSCRIBE_PLACEHOLDERS: words(/\s+/),
  API_KEYS: words(/[\s,]+/),
  BOUNCE_ADDRESS: optional(
    /^[^\s@+]+@[^\s@]+$/,
    'BOUNCE_ADDRESS must be an address without a "+", like "bounces@mail.example.com", or empty.',
  ),
  RETRY_HOURS: v.pipe(
    v.optional(v.string(), "1 4 12 24"),
    v.transform((text) =>
      text
        .trim()
        .split(/[\s,]+/)
        .map(Number),
    ),
    v.check(
      (hours) => isRetrySchedule(hours),
      'RETRY_HOURS must be ascending numbers of hours, the last between 24 and 36, like "1 4 12 24".',
    ),
  ),
  RETRY_WEBHOOK_URL: optional(/^https?:\/\/\S+$/, "RETRY_WEBHOOK_URL must be an http(s) URL, or empty."),
  RETRY_WEBHOOK_SECRET: optional(
    WEBHOOK_SECRET,
    'RETRY_WEBHOOK_SECRET must be "whsec_" and at least 24 bytes in base64.',
  ),
  SES_TOPICS: v.pipe(
    words(/[\s,]+/),
    v.check(
      (topics) => topics.every((topic) => /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/.test(topic)),
      "SES_TOPICS must be ARNs of SNS topics, " +
        'like "arn:aws:sns:eu-west-1:123456789012:ses-events", separated by spaces.',
    ),
  ),
  SENDGRID_PUBLIC_KEY: optional(
    /^[A-Za-z0-9+/]{64,}={0,2}$/,
    "SENDGRID_PUBLIC_KEY must be the base64 that SendGrid shows as Verification Key.",
  ),
  MAILGUN_SIGNING_KEY: optional(/^\S+$/, "MAILGUN_SIGNING_KEY must be the key that Mailgun shows, without spaces."),
  POSTMARK_CREDENTIALS: optional(/^[^:]+:.+$/, 'POSTMARK_CREDENTIALS must be "user:password".'),
  RESEND_SECRET: optional(WEBHOOK_SECRET, 'RESEND_SECRET must be the "whsec_…" that Resend shows.'),
  BOTS_BY_USER_AGENT: handling("USER_AGENT"),
  BOTS_BY_NETWORK: handling("NETWORK"),
  BOTS_BY_HEAD: handling("HEAD"),
  BOTS_BY_HONEYPOT: choice("BOTS_BY_HONEYPOT", ["off", "mark", "filter"]),
  BOTS_BY_PROXIMITY: handling("PROXIMITY"),
  BOTS_BY_DELIVERY: handling("DELIVERY"),
  BOTS_BY_LINKS: handling("LINKS"),
  BOT_PROXIMITY_SECONDS: whole("BOT_PROXIMITY_SECONDS", 0, 3, "0"),
  BOT_DELIVERY_SECONDS: whole("BOT_DELIVERY_SECONDS", 0, 60, "5"),
  PRIVACY_SIGNALS: choice("PRIVACY_SIGNALS", ["ignore", "anonymous", "drop"]),
  CLIENT_IP: choice("CLIENT_IP", ["cut", "whole", "none"]),
  RETENTION_DAYS: v.pipe(
    v.optional(v.string(), ""),
    v.check(
      (text) => /^(?:|[1-9]\d{0,4})$/.test(text),
      "RETENTION_DAYS must be a whole number of days, or empty: for ever.",
    ),
    v.transform((text) => (text === "" ? undefined : Number(text))),
  ),
});
