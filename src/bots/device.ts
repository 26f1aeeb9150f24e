/**
 * What somebody opened or clicked with, as Marketo's attributes say it, read out of the user agent by bowser's rules (its list is kept
 * up to date by others; two of its files are half of its size) and a few for mail clients. What is not there is not known. Gives up:
 * since 2023 Chrome on Android names no model, and an iPad may call itself a Mac.
 */
import Bowser from "bowser";
import { memoized } from "../platform/memo.ts";
import { machineOf } from "./user-agent.ts";

export interface Device {
  /** "iPhone", "SM-G991B"; without a model "desktop", "mobile", "tablet" or "tv". */
  readonly device?: string;
  /** "Windows", "macOS", "iOS", "Android", … */
  readonly platform?: string;
  /** Phones and tablets. */
  readonly isMobile?: boolean;
}

/** A page of the log asks for each of its rows. */
const USER_AGENTS_KEPT = 2_000;

/** Nothing of machines and of proxies that load pictures: theirs would say nothing of the person. */
export const deviceOf = memoized(USER_AGENTS_KEPT, readDevice);

/** Mail clients that bowser's rules know no system of. */
const MAIL_CLIENT_PLATFORMS: readonly (readonly [RegExp, string])[] = [
  [/\bOutlook-iOS\b/, "iOS"],
  [/\bmac ?os\b|\bDarwin\/[\d.]+ \(x86_64\)/i, "macOS"],
  [/windows|ms-?office|microsoft (?:office|outlook)|outlook-express|the bat!/i, "Windows"],
];

/** The form of devices on systems of which bowser tells none. */
const FORM_OF_PLATFORM: Readonly<Record<string, string>> = {
  iOS: "mobile",
  Android: "mobile",
  macOS: "desktop",
  Windows: "desktop",
  Linux: "desktop",
  "Chrome OS": "desktop",
};

/** Between "Android 14; " and " Build/", ";" or ")"; a language stands before it in older ones, "K" or "Mobile" instead of it in newer. */
const ANDROID_MODEL =
  /\bAndroid [\d.]+; (?:[a-z]{2}(?:[-_][a-zA-Z]{2})?; )?(?!(?:Mobile|Tablet|wv|rv:))([^;()]{2,40}?)(?: Build\/[^;)]*)?[;)]/;
const APPLE_MODELS: Readonly<Record<string, string>> = { iphone: "iPhone", ipod: "iPod" };

function readDevice(userAgent: string): Device {
  if (machineOf(userAgent) !== undefined) return {};
  const { os, platform: found } = Bowser.parse(userAgent);
  const platform = os.name ?? MAIL_CLIENT_PLATFORMS.find(([pattern]) => pattern.test(userAgent))?.[1];
  // Who is a bot is decided elsewhere, and bowser takes Yahoo's mail client for one.
  const { type, model } = found.type === "bot" ? {} : found;
  const form = type ?? (platform === undefined ? undefined : FORM_OF_PLATFORM[platform]);
  const device = ANDROID_MODEL.exec(userAgent)?.[1] ?? (model === undefined ? form : named(model));
  return {
    ...(device === undefined ? {} : { device }),
    ...(platform === undefined ? {} : { platform }),
    ...(form === undefined ? {} : { isMobile: form === "mobile" || form === "tablet" }),
  };
}

/** "iphone" in the user agent of a mail client. */
function named(model: string): string {
  return APPLE_MODELS[model.toLowerCase()] ?? model;
}
