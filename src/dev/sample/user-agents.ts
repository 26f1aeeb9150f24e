/** The programs that read the mail of the sample history. */
import type { SampleDomain } from "./people.ts";

/** Says what it is. */
export const BOT_AGENT = "Barracuda Sentinel (EE)";

const GOOGLE_PROXY = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
/** Apple's Mail Privacy Protection says no more. */
const APPLE_PROXY = "Mozilla/5.0";
const YAHOO_PROXY = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 " +
  "Mobile/15E148 Safari/604.1";
const ANDROID =
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
const WINDOWS =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const EDGE = `${WINDOWS} Edg/142.0.0.0`;
const MAC =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 " +
  "Safari/605.1.15";
const THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0";

const AGENTS = {
  phone: [IPHONE, IPHONE, ANDROID],
  desktop: [WINDOWS, WINDOWS, EDGE, MAC],
  "gmail.example": [GOOGLE_PROXY],
  "yahoo.example": [YAHOO_PROXY],
  "icloud.example": [APPLE_PROXY, APPLE_PROXY, IPHONE],
  "outlook.example": [WINDOWS, EDGE, IPHONE],
} as const satisfies Partial<Record<SampleDomain | "phone" | "desktop", readonly string[]>>;
const OTHERS = [THUNDERBIRD, IPHONE, ANDROID, WINDOWS, MAC];

/** @param chance from 0 up to 1 */
export function userAgentFor(reader: SampleDomain | "phone" | "desktop", chance: number): string {
  const agents: readonly string[] = reader in AGENTS ? AGENTS[reader as keyof typeof AGENTS] : OTHERS;
  return agents[Math.floor(chance * agents.length)] ?? WINDOWS;
}
