/**
 * User agents of a simulated mailing. Shares are guesses: a fifth reads in the browser that most scanners claim to be,
 * and one scanner in seven names another browser with each request. The edge knows none of them for a bot's.
 */
import type { Chance } from "./chance.ts";

const CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36";
const EDGE = `${CHROME} Edg/142.0.0.0`;
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.1 Safari/605.1.15";
const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36";
const OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)";
const GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";

/** What loads the images of a person's mail, and where links open. */
const MAIL: readonly (readonly [weight: number, programs: readonly [images: string, links: string]])[] = [
  [30, [GMAIL, CHROME]],
  [20, [CHROME, CHROME]],
  [20, [OUTLOOK, EDGE]],
  [15, [IPHONE, IPHONE]],
  [15, [ANDROID, ANDROID]],
];
const CLAIMED: readonly (readonly [weight: number, browser: string])[] = [
  [65, CHROME],
  [20, EDGE],
  [15, MAC],
];
const CHANGES_NAMES = 1 / 7;

/** The user agents with which one message is loaded. */
export function programsOf(chance: Chance): (by: "person" | "bot", link: number | undefined) => string {
  const [images, links] = chance.oneOf(MAIL);
  const claimed = chance.oneOf(CLAIMED);
  const changes = chance.is(CHANGES_NAMES);
  return (by, link) => {
    if (by === "person") return link === undefined ? images : links;
    return changes ? chance.oneOf(CLAIMED) : claimed;
  };
}
