/** Keys and claims that the token tests share. */
import { parseTokenKeys, type TokenKeys } from "../../src/tokens/keys.ts";

/** The keys of a text that is known to be right. */
export function keysOf(text: string): TokenKeys {
  const keys = parseTokenKeys(text);
  if (!keys.ok) throw new Error(keys.reason);
  return keys.value;
}

/** 43 characters of base64url, 32 bytes. */
export const SECRETS = {
  a: "Iuy4o_jRCJUShlqBSxFi2VKCvqFAWyAYMPVb8bnas4c",
  b: "MfkSRWcBcPDt4ApYhVWujj1bOH4dmxQWsydQiIjPq1Q",
  c: "YCTnKgagsaf6bMjaMY-jydRoj8mBw-Qrs3rvrUPAvXI",
} as const;

export const KEYS = keysOf(`2:${SECRETS.b},1:${SECRETS.a}`);

export const MESSAGE = { email: "1042", person: "3918273", campaign: "88012" } as const;
export const LINK = { id: "9c1f00ab", url: "https://shop.example.com/spring?item=48213#top" } as const;
