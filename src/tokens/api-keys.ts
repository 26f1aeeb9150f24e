/** The bearer keys of API_KEYS. */
import { canBeGuessed } from "../platform/guessable.ts";

/** What development keys begin with: a production Worker refuses them. */
export const DEVELOPMENT_API_KEY = "wxs_dev_";
export const MIN_API_KEY_LENGTH = 32;
/** Random keys of that length have more, also of sixteen digits. */
const MIN_DIFFERENT_CHARACTERS = 10;

/** The keys of the setting, which spaces or commas separate. */
export function apiKeysIn(setting: string): readonly string[] {
  return setting.split(/[\s,]+/).filter((key) => key !== "");
}

/** Whether a key is long enough, and not one that somebody typed. */
export function isStrongApiKey(key: string): boolean {
  return key.length >= MIN_API_KEY_LENGTH && !canBeGuessed(key, MIN_DIFFERENT_CHARACTERS);
}
