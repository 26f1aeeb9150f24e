/**
 * Each variable and secret: what it means, its form, its default, and the sentence about a wrong one. Those of
 * providers are in their adapters (src/delivery/providers/). A production Worker refuses development secrets and
 * weak ones: anybody could sign links and call the API.
 */
import * as v from "valibot";
import { isOrigin } from "../decorate/options.ts";
import { PLAIN_ADDRESS } from "../decorate/return-path.ts";
import type { Color } from "../platform/color.ts";
import { canBeGuessed } from "../platform/guessable.ts";
import { bytesOfWebhookSecret, isWebhookSecret } from "../platform/standard-webhooks.ts";
import { apiKeysIn, DEVELOPMENT_API_KEY, isStrongApiKey, MIN_API_KEY_LENGTH } from "../tokens/api-keys.ts";
import { hasDevelopmentKey, parseTokenKeys } from "../tokens/keys.ts";
import { parseAccessScopes } from "./access-scopes.ts";
import { choice, optional, whole } from "./forms.ts";
import { parseTrackingOrigins } from "./tracking-origins.ts";

/** 24 random bytes have more. */
const MIN_DIFFERENT_BYTES = 8;

export const NEW_API_KEY = 'Make one with "npx waxseal keys api" and set it with "npx wrangler secret put API_KEYS".';

/** Where Durable Objects store, as D1, R2 and Queues have it, too. Empty: anywhere. */
export const OBJECT_JURISDICTIONS = ["", "eu", "fedramp"] as const;

/** The last retry is at least and at most so many hours after the first attempt. */
const MIN_LAST_RETRY_HOUR = 24;
const MAX_LAST_RETRY_HOUR = 36;

function isRetrySchedule(hours: readonly number[]): boolean {
  const last = hours.at(-1) ?? 0;
  const isAscending = hours.every((hour, index) => hour > (hours[index - 1] ?? 0));
  return isAscending && last >= MIN_LAST_RETRY_HOUR && last <= MAX_LAST_RETRY_HOUR;
}

const handling = (name: string) => choice(`BOTS_BY_${name}`, ["mark", "filter", "off"]);

const ALERT_WEBHOOK_FORM = "ALERT_WEBHOOK must be an https URL, or empty.";

function isWebUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

const TEAM_DOMAIN_FORM = 'ACCESS_TEAM_DOMAIN must be like "acme.cloudflareaccess.com", or empty.';

/** A host, or the origin with its scheme. */
function isTeamDomain(text: string): boolean {
  const origin = text.includes("://") ? text : `https://${text}`;
  return isOrigin(origin) && isWebUrl(origin);
}

const words = (separator: RegExp) =>
  v.pipe(
    v.optional(v.string(), ""),
    v.transform((text) => text.split(separator).filter((word) => word !== "")),
  );

export const EnvironmentVariables = v.object({
  ENVIRONMENT: choice("ENVIRONMENT", ["production", "development"]),
  /** Where all Durable Objects are; src/config/objects.ts reads it itself, since no other place will do. */
  JURISDICTION: choice("JURISDICTION", OBJECT_JURISDICTIONS),
  /** Sign and verify every token. */
  TOKEN_KEYS: v.pipe(
    v.optional(v.string(), ""),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const keys = parseTokenKeys(dataset.value);
      if (keys.ok) return keys.value;
      const next = 'Make one with "npx waxseal keys new" and set it with "npx wrangler secret put TOKEN_KEYS".';
      addIssue({ message: `TOKEN_KEYS is missing or unusable (${keys.reason}). ${next}` });
      return NEVER;
    }),
  ),
  /** Bearer keys for `/v1`. Without one, only clients may call it. */
  API_KEYS: v.pipe(
    v.optional(v.string(), ""),
    v.transform(apiKeysIn),
    v.check(
      (keys) => keys.every((key) => key.startsWith(DEVELOPMENT_API_KEY) || isStrongApiKey(key)),
      `API_KEYS holds a key that can be guessed: of fewer than ${MIN_API_KEY_LENGTH} characters, or few different ` +
        `ones. ${NEW_API_KEY}`,
    ),
  ),
  /** One open per (email, person, campaign), or per (email, person). */
  OPENS_PER: choice("OPENS_PER", ["campaign", "email"]),
  /** Whom the unsubscribe page is from. */
  SENDER_NAME: v.pipe(v.optional(v.string(), ""), v.maxLength(200, "SENDER_NAME is longer than 200 characters.")),
  SENDER_COLOR: v.pipe(
    v.optional(v.string(), "#7a1f2b"),
    v.regex(/^#[0-9a-f]{6}$/i, 'SENDER_COLOR must be written like "#7a1f2b".'),
    v.transform((text): Color => `#${text.slice(1)}`),
  ),
  /** Where decorated links lead. Default: the origin that /v1/decorate was called on. */
  TRACKING_ORIGIN: optional(
    { test: isOrigin },
    "TRACKING_ORIGIN must be an origin in lower case without a slash at its end, " +
      'like "https://t.example.com", or empty.',
  ),
  /** Further origins, each a brand, where decorated links lead if a call of /v1/decorate says so. */
  TRACKING_ORIGINS: v.pipe(
    v.optional(v.string(), ""),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const origins = parseTrackingOrigins(dataset.value);
      if (origins.ok) return origins.value;
      addIssue({ message: origins.reason });
      return NEVER;
    }),
  ),
  /** Names of parameters that differ from person to person: links that differ by them only are one row of reports. */
  PERSONAL_PARAMETERS: words(/[\s,]+/),
  /** Texts that become the unsubscribe link, besides {{unsubscribe}}. */
  UNSUBSCRIBE_PLACEHOLDERS: words(/\s+/),
  /** Where bounces go. A copy's envelope sender is this address with "+" and the message token before its "@". */
  BOUNCE_ADDRESS: optional(
    PLAIN_ADDRESS,
    'BOUNCE_ADDRESS must be an address without a "+", like "bounces@mail.example.com", or empty.',
  ),
  /** Where it is posted what is wrong with the Worker. Default: nowhere. By HTTP in development only. */
  ALERT_WEBHOOK: optional({ test: isWebUrl }, ALERT_WEBHOOK_FORM),
  /** What these posts are signed with: Standard Webhooks. Default: they are not. */
  ALERT_WEBHOOK_SECRET: optional(
    { test: (text) => isWebhookSecret(text) && !canBeGuessed(bytesOfWebhookSecret(text), MIN_DIFFERENT_BYTES) },
    'ALERT_WEBHOOK_SECRET must be "whsec_" and at least 24 random bytes in base64, or empty.',
  ),
  /** Hours after its first attempt when a softly bounced send is due again, ascending. */
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
  BOTS_BY_USER_AGENT: handling("USER_AGENT"),
  BOTS_BY_NETWORK: handling("NETWORK"),
  BOTS_BY_HEAD: handling("HEAD"),
  BOTS_BY_HONEYPOT: choice("BOTS_BY_HONEYPOT", ["off", "mark", "filter"]),
  BOTS_BY_PROXIMITY: choice("BOTS_BY_PROXIMITY", ["off", "mark", "filter"]),
  BOTS_BY_DELIVERY: handling("DELIVERY"),
  BOTS_BY_LINKS: handling("LINKS"),
  BOTS_BY_PROVIDER: handling("PROVIDER"),
  BOT_PROXIMITY_SECONDS: whole("BOT_PROXIMITY_SECONDS", 0, 3, "0"),
  BOT_DELIVERY_SECONDS: whole("BOT_DELIVERY_SECONDS", 0, 60, "2"),
  /** So many seconds after its recording an activity is in a page of Marketo's API, when a burst of bots is over. */
  MARKETO_HOLD_SECONDS: whole("MARKETO_HOLD_SECONDS", 0, 3_600, "0"),
  /** Whether reads of Marketo's API may have their access token in the query. */
  MARKETO_TOKEN_IN_QUERY: choice("MARKETO_TOKEN_IN_QUERY", ["off", "on"]),
  /** Whether an open or click with Sec-GPC or DNT is logged like any other, under a pseudonym, or not at all. */
  PRIVACY_SIGNALS: choice("PRIVACY_SIGNALS", ["ignore", "anonymous", "drop"]),
  /** Whether an unsubscription's IP address is stored cut to its network, whole, or not at all. */
  CLIENT_IP: choice("CLIENT_IP", ["cut", "whole", "none"]),
  /** Events older than so many days leave the log. Default: never. */
  RETENTION_DAYS: v.pipe(
    optional(/^[1-9]\d{0,4}$/, "RETENTION_DAYS must be a whole number of days, or empty: for ever."),
    v.transform((text) => (text === undefined ? undefined : Number(text))),
  ),
  /** Events older than so many days move from D1 into the archive. Default: never. */
  ARCHIVE_AFTER_DAYS: v.pipe(
    optional(
      /^(?:[2-9]|[1-9]\d{1,4})$/,
      "ARCHIVE_AFTER_DAYS must be a whole number of days, 2 or more, or empty: never.",
    ),
    v.transform((text) => (text === undefined ? undefined : Number(text))),
  ),
  /** When D1 is larger, events that are two days old move, too. */
  ARCHIVE_ABOVE_GB: whole("ARCHIVE_ABOVE_GB", 1, 9, "6"),
  /** Where events are archived: messages to which nothing has happened for so many days are, too. */
  MESSAGE_DAYS: whole("MESSAGE_DAYS", 7, 99_999, "90"),
  /** The team of Cloudflare Access whose users the dashboard lets in. Default: none. By HTTP in development only. */
  ACCESS_TEAM_DOMAIN: v.pipe(
    optional({ test: isTeamDomain }, TEAM_DOMAIN_FORM),
    v.transform((text) => (text === undefined || text.includes("://") ? text : `https://${text}`)),
  ),
  /** The audience tags of the applications of Access that guard the dashboard. */
  ACCESS_AUDIENCE: words(/[\s,]+/),
  /** What its users may do. */
  ACCESS_SCOPES: v.pipe(
    v.optional(v.string(), ""),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const grants = parseAccessScopes(dataset.value.trim() === "" ? "read" : dataset.value);
      if (grants.ok) return grants.value;
      addIssue({ message: grants.reason });
      return NEVER;
    }),
  ),
});

/** The settings as the code reads them, after the checks of those that belong together. */
export const CheckedSettings = v.pipe(
  EnvironmentVariables,
  v.forward(
    v.check(
      ({ ENVIRONMENT, ALERT_WEBHOOK }) =>
        ALERT_WEBHOOK === undefined || ENVIRONMENT === "development" || new URL(ALERT_WEBHOOK).protocol === "https:",
      ALERT_WEBHOOK_FORM,
    ),
    ["ALERT_WEBHOOK"],
  ),
  v.forward(
    v.check(
      ({ ENVIRONMENT, TOKEN_KEYS }) => ENVIRONMENT === "development" || !hasDevelopmentKey(TOKEN_KEYS),
      "TOKEN_KEYS holds a development key. " +
        'Make a real one with "npx waxseal keys new" and set it with "npx wrangler secret put TOKEN_KEYS".',
    ),
    ["TOKEN_KEYS"],
  ),
  v.forward(
    v.check(
      ({ ENVIRONMENT, API_KEYS }) =>
        ENVIRONMENT === "development" || !API_KEYS.some((key) => key.startsWith(DEVELOPMENT_API_KEY)),
      `API_KEYS holds a development key. ${NEW_API_KEY}`,
    ),
    ["API_KEYS"],
  ),
  v.forward(
    v.check(
      ({ ENVIRONMENT, ACCESS_TEAM_DOMAIN }) =>
        ACCESS_TEAM_DOMAIN === undefined || ENVIRONMENT === "development" || ACCESS_TEAM_DOMAIN.startsWith("https:"),
      TEAM_DOMAIN_FORM,
    ),
    ["ACCESS_TEAM_DOMAIN"],
  ),
  // Each is useless without the other, so that its substitute, none, is right with it.
  v.forward(
    v.check(
      ({ ACCESS_TEAM_DOMAIN, ACCESS_AUDIENCE }) => ACCESS_TEAM_DOMAIN === undefined || ACCESS_AUDIENCE.length > 0,
      "ACCESS_TEAM_DOMAIN needs ACCESS_AUDIENCE, too: the application's audience tag.",
    ),
    ["ACCESS_TEAM_DOMAIN"],
  ),
  v.forward(
    v.check(
      ({ ACCESS_TEAM_DOMAIN, ACCESS_AUDIENCE }) => ACCESS_TEAM_DOMAIN !== undefined || ACCESS_AUDIENCE.length === 0,
      "ACCESS_AUDIENCE needs ACCESS_TEAM_DOMAIN, too.",
    ),
    ["ACCESS_AUDIENCE"],
  ),
  v.transform((variables) => ({
    development: variables.ENVIRONMENT === "development",
    tokenKeys: variables.TOKEN_KEYS,
    apiKeys: variables.API_KEYS,
    cloudflareAccess:
      variables.ACCESS_TEAM_DOMAIN === undefined
        ? undefined
        : {
            teamOrigin: variables.ACCESS_TEAM_DOMAIN,
            audience: variables.ACCESS_AUDIENCE,
            scopes: variables.ACCESS_SCOPES,
          },
    opensPer: variables.OPENS_PER,
    sender: { name: variables.SENDER_NAME, color: variables.SENDER_COLOR },
    trackingOrigin: variables.TRACKING_ORIGIN,
    trackingOrigins: variables.TRACKING_ORIGINS,
    personalParameters: variables.PERSONAL_PARAMETERS,
    unsubscribePlaceholders: variables.UNSUBSCRIBE_PLACEHOLDERS,
    bounceAddress: variables.BOUNCE_ADDRESS,
    retryHours: variables.RETRY_HOURS,
    alertWebhook:
      variables.ALERT_WEBHOOK === undefined
        ? undefined
        : { url: variables.ALERT_WEBHOOK, secret: variables.ALERT_WEBHOOK_SECRET },
    bots: {
      handling: {
        userAgent: variables.BOTS_BY_USER_AGENT,
        network: variables.BOTS_BY_NETWORK,
        head: variables.BOTS_BY_HEAD,
        honeypot: variables.BOTS_BY_HONEYPOT,
        proximity: variables.BOTS_BY_PROXIMITY,
        delivery: variables.BOTS_BY_DELIVERY,
        links: variables.BOTS_BY_LINKS,
        provider: variables.BOTS_BY_PROVIDER,
      },
      proximitySeconds: variables.BOT_PROXIMITY_SECONDS,
      deliverySeconds: variables.BOT_DELIVERY_SECONDS,
    },
    marketo: {
      holdSeconds: variables.MARKETO_HOLD_SECONDS,
      takesTokenInQuery: variables.MARKETO_TOKEN_IN_QUERY === "on",
    },
    privacySignals: variables.PRIVACY_SIGNALS,
    clientIp: variables.CLIENT_IP,
    retentionDays: variables.RETENTION_DAYS,
    archive: {
      afterDays: variables.ARCHIVE_AFTER_DAYS,
      aboveGb: variables.ARCHIVE_ABOVE_GB,
      messageDays: variables.MESSAGE_DAYS,
    },
  })),
);
export type CheckedSettings = Readonly<v.InferOutput<typeof CheckedSettings>>;
export type VariableName = keyof typeof EnvironmentVariables.entries;
