/**
 * Bindings and settings, typed and checked. A production deploy with development secrets or none is refused whole, with
 * words that say what to do: a tracker whose keys anybody can know counts whatever anybody likes.
 */
import * as v from "valibot";
import { isOrigin } from "./decorate/options.ts";
import type { Outbox } from "./log/outbox.ts";
import type { OpenGate } from "./opens/gate.ts";
import type { Color } from "./pages/color.ts";
import { hasDevelopmentKey, parseTokenKeys, type TokenKeys } from "./token/keys.ts";

export interface Env {
  readonly DB: D1Database;
  readonly EVENTS: Queue<string>;
  readonly OPENS: DurableObjectNamespace<OpenGate>;
  readonly OUTBOX: DurableObjectNamespace<Outbox>;
  readonly ENVIRONMENT?: string;
  readonly TOKEN_KEYS?: string;
  readonly API_KEYS?: string;
  readonly OPENS_PER?: string;
  readonly SENDER_NAME?: string;
  readonly SENDER_COLOR?: string;
  readonly TRACKING_ORIGIN?: string;
  readonly UNSUBSCRIBE_PLACEHOLDERS?: string;
}

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
}

/** Settings, or one sentence for each that is wrong: what is wrong and what to do. */
export type SettingsRead =
  | { readonly ok: true; readonly value: Settings }
  | { readonly ok: false; readonly faults: readonly string[] };

const DEVELOPMENT_API_KEY = "wxs_dev_";

const words = (separator: RegExp) =>
  v.pipe(
    v.optional(v.string(), ""),
    v.transform((text) => text.split(separator).filter((word) => word !== "")),
  );

const Variables = v.object({
  ENVIRONMENT: v.optional(
    v.picklist(["production", "development"], 'ENVIRONMENT must be "production" or "development".'),
    "production",
  ),
  OPENS_PER: v.optional(
    v.picklist(["campaign", "email"], 'OPENS_PER must be "campaign" or "email".'),
    "campaign",
  ),
  SENDER_NAME: v.pipe(
    v.optional(v.string(), ""),
    v.maxLength(200, "SENDER_NAME is longer than 200 characters."),
  ),
  SENDER_COLOR: v.pipe(
    v.optional(v.string(), "#7a1f2b"),
    v.regex(/^#[0-9a-f]{6}$/i, 'SENDER_COLOR must be written like "#7a1f2b".'),
    v.transform((text): Color => `#${text.slice(1)}`),
  ),
  TRACKING_ORIGIN: v.pipe(
    v.optional(v.string(), ""),
    v.check(
      (text) => text === "" || isOrigin(text),
      'TRACKING_ORIGIN must be an origin in lower case without a slash at its end, like "https://t.example.com", or empty.',
    ),
  ),
  UNSUBSCRIBE_PLACEHOLDERS: words(/\s+/),
  API_KEYS: words(/[\s,]+/),
});

export function readSettings(env: Env): SettingsRead {
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
    },
  };
}
