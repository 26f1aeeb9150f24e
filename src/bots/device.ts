/**
 * The device of an open or click, in the form of Marketo's attributes, read from the user agent by the package bowser
 * and a few rules for mail clients. Unknown attributes are left out. Gives up: models on Android, which Chrome hides
 * since 2023, and iPads that pose as a Mac.
 */
import Bowser from "bowser";
import { cachedByText } from "../platform/lru-cache.ts";
import { automatedAgentOf } from "./user-agent.ts";

export interface Device {
  /** "iPhone", "SM-G991B"; when the model is unknown "desktop", "mobile", "tablet" or "tv". */
  readonly device?: string;
  /** "Windows", "macOS", "iOS", "Android", … */
  readonly platform?: string;
  /** True for phones and tablets. */
  readonly isMobile?: boolean;
}

/** A page of activities reads one for each row, and most user agents repeat. */
const MAX_CACHED_USER_AGENTS = 2_000;

/** The device of a user agent; empty for bots and image proxies, whose device is not the person's. */
export const deviceOf = cachedByText(MAX_CACHED_USER_AGENTS, readDevice);

/** Mail clients whose operating system bowser does not recognize. */
const MAIL_CLIENT_PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/\bOutlook-iOS\b/, "iOS"],
  [/\bmac ?os\b|\bDarwin\/[\d.]+ \(x86_64\)/i, "macOS"],
  [/windows|ms-?office|microsoft (?:office|outlook)|outlook-express|the bat!/i, "Windows"],
];

/** The form of device to assume where bowser gives only the operating system. */
const FORM_OF_PLATFORM: ReadonlyMap<string, string> = new Map([
  ["iOS", "mobile"],
  ["Android", "mobile"],
  ["macOS", "desktop"],
  ["Windows", "desktop"],
  ["Linux", "desktop"],
  ["Chrome OS", "desktop"],
]);

/**
 * The model is between "Android 14; " and " Build/", ";" or ")". Older ones have a language before it, newer ones
 * "K" or "Mobile" instead.
 */
const ANDROID_MODEL =
  /\bAndroid [\d.]+; (?:[a-z]{2}(?:[-_][a-zA-Z]{2})?; )?(?!Mobile|Tablet|wv|rv:)([^;()]{2,40}?)(?: Build\/[^;)]*)?[;)]/;
const APPLE_MODELS: ReadonlyMap<string, string> = new Map([
  ["iphone", "iPhone"],
  ["ipod", "iPod"],
]);

function readDevice(userAgent: string): Device {
  if (automatedAgentOf(userAgent) !== undefined) return {};
  const { os, platform: found } = Bowser.parse(userAgent);
  const platform = os.name ?? MAIL_CLIENT_PLATFORMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  // bowser takes Yahoo's mail client for a bot; user-agent.ts has decided that it is none.
  const { type, model } = found.type === "bot" ? {} : found;
  const form = type ?? (platform === undefined ? undefined : FORM_OF_PLATFORM.get(platform));
  const device = ANDROID_MODEL.exec(userAgent)?.[1] ?? (model === undefined ? form : modelName(model));
  return {
    ...(device === undefined ? {} : { device }),
    ...(platform === undefined ? {} : { platform }),
    ...(form === undefined ? {} : { isMobile: form === "mobile" || form === "tablet" }),
  };
}

/** Mail clients write "iphone". */
function modelName(model: string): string {
  return APPLE_MODELS.get(model.toLowerCase()) ?? model;
}
