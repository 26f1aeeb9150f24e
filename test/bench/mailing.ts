/** Tokens of a made-up mailing, as a sender would have them. */
import { parseTokenKeys, type TokenKeys } from "../../src/tokens/keys.ts";
import { signToken } from "../../src/tokens/sign.ts";

const EMAIL = "1042";
const CAMPAIGN = "88012";
const FIRST_PERSON = 5_000_000;

const UTM = "utm_source=newsletter&utm_medium=email&utm_campaign=autumn";

/** Twelve links of the length that newsletters have. */
const LINKS = Array.from({ length: 12 }, (_, index) => ({
  id: `a1b2c3${(16 + index).toString(16)}`,
  url: `https://shop.example.com/collections/autumn/products/linen-shirt-${index}?${UTM}`,
}));

/** One path for each of `count` persons: a click on one of the links. */
export function clickPaths(tokenKeys: string, count: number): string[] {
  const keys = keysOf(tokenKeys);
  return Array.from({ length: count }, (_, index) => {
    const link = LINKS[index % LINKS.length];
    if (link === undefined) throw new Error("there is no link");
    return `/c/${signToken(keys, "click", { ...messageTo(index), link })}`;
  });
}

/** Pixels of `count` persons, from the `from`th on. */
export function openPaths(tokenKeys: string, count: number, from = 0): string[] {
  const keys = keysOf(tokenKeys);
  return Array.from({ length: count }, (_, index) => `/o/${signToken(keys, "open", messageTo(from + index))}.gif`);
}

export function unsubscribePaths(tokenKeys: string, count: number): string[] {
  const keys = keysOf(tokenKeys);
  return Array.from({ length: count }, (_, index) => `/u/${signToken(keys, "unsubscribe", messageTo(index))}`);
}

function messageTo(index: number) {
  return { email: EMAIL, person: String(FIRST_PERSON + index), campaign: CAMPAIGN };
}

function keysOf(text: string): TokenKeys {
  const keys = parseTokenKeys(text);
  if (!keys.ok) throw new Error(keys.reason);
  return keys.value;
}
