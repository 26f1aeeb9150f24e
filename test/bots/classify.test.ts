/** Person or bot, by what one request shows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { botOf, type TrackingRequest } from "../../src/bots/classify.ts";
import { runs } from "../fuzz.ts";
import { MARKING, marking } from "../reports/policy.ts";
import { markedOf, USER_AGENTS, withoutName } from "./user-agents.ts";

const BROWSER =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
const GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const ROUTES = ["open", "click"] as const;

const visit = (what: Partial<TrackingRequest>): TrackingRequest => ({
  route: "click",
  userAgent: BROWSER,
  afterHead: false,
  isHoneypot: false,
  ...what,
});
const patternOf = (what: Partial<TrackingRequest>) => botOf(visit(what), MARKING)?.pattern;
const share = (part: readonly string[], whole: readonly string[]) => part.length / whole.length;

describe("a user agent of a published list", () => {
  it.each(ROUTES)("of a crawler or a scanner is a bot's (%s), in 99 of 100 cases", (route) => {
    const marked = new Set(markedOf(USER_AGENTS.crawlers, route));
    const missed = USER_AGENTS.crawlers.filter((userAgent) => !marked.has(userAgent));
    expect(USER_AGENTS.crawlers.length).toBeGreaterThan(2_000);
    expect(share(missed, USER_AGENTS.crawlers), missed.join("\n")).toBeLessThanOrEqual(0.01);
  });

  it.each(ROUTES)("of a browser is a person's (%s), in all but one of 1,000 cases", (route) => {
    const marked = markedOf(USER_AGENTS.browsers, route);
    expect(USER_AGENTS.browsers.length).toBeGreaterThan(900);
    expect(share(marked, USER_AGENTS.browsers), marked.join("\n")).toBeLessThan(0.001);
  });

  it.each(ROUTES)("of a mail client is a person's (%s), in all but one of 1,000 cases", (route) => {
    const marked = markedOf(USER_AGENTS.mailClients, route);
    expect(USER_AGENTS.mailClients.length).toBeGreaterThan(200);
    expect(share(marked, USER_AGENTS.mailClients), marked.join("\n")).toBeLessThan(0.001);
  });

  it("of a mailbox provider's image proxy is a person's on a pixel, and a bot's on a link", () => {
    expect(USER_AGENTS.pictureProxies.length).toBeGreaterThan(10);
    expect(markedOf(USER_AGENTS.pictureProxies, "open")).toEqual([]);
    expect(markedOf(USER_AGENTS.pictureProxies, "click")).toEqual(USER_AGENTS.pictureProxies);
  });

  it("names no crawler when each of its words occurs in a browser's", () => {
    const browsers = ["Mozilla/5.0 (X11; Linux x86_64) Chrome/1"];
    expect(withoutName(["Chrome/2 (Linux)", "Chrome/2 GTmetrix"], browsers)).toEqual(["Chrome/2 (Linux)"]);
  });
});

describe("a mail client that calls itself unlike a browser", () => {
  it.each([
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10827; Pro)",
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Outlook-iOS/709.2189947.prod.iphone (3.24.0)",
    "Outlook-Android/2.0",
    "Thunderbird/128.3.0",
    "Airmail 1.0 rv:148 (Macintosh; Mac OS X 10.8.3; en_BE)",
    "Spark/3.2 CFNetwork/1410.0.3 Darwin/22.6.0",
    "Mail/3774.300.61 CFNetwork/1494.0.7 Darwin/23.4.0",
    "Mozilla/4.0 (compatible; Lotus-Notes/6.0; Windows-NT)",
    "Postbox 1.0b14 (Windows/2009072715)",
    "The Bat! 4.0.0.22",
  ])("is a person: %s", (userAgent) => {
    for (const route of ROUTES) expect(patternOf({ route, userAgent })).toBeUndefined();
  });

  it("is a bot when it crawls all the same", () => {
    const userAgent = "Mozilla/5.0 Gecko/20050716 Thunderbird/1.0.6 - WebCrawler http://a.example/bot.html";
    expect(patternOf({ userAgent })).toBe("Match with user agent: WebCrawler");
    expect(patternOf({ userAgent: "Valimail/1.0 (domain scanner)" })).toBe("Match with user agent: scanner");
  });
});

describe("the pattern of a user agent", () => {
  it.each([
    ["", "none"],
    ["  \t ", "none"],
    ["Mozilla/5.0", "Apple Mail Privacy Protection"],
    [GOOGLEBOT, "Googlebot"],
    ["Mozilla/5.0 (compatible; ApifyBot/1.0)", "ApifyBot"],
    ["Mozilla/5.0 (compatible; um-LN/1.0; mailto: someone@monitoring.example)", "um-LN"],
    ["python-requests/2.32.3", "python-requests"],
    ["BarracudaCentral/1.0 (+https://scan.example)", "BarracudaCentral"],
    ["|", "unnamed"],
  ])("of %j names %s", (userAgent, name) => {
    expect(patternOf({ userAgent })).toBe(`Match with user agent: ${name}`);
  });

  it("is short and holds no address, for any user agent", () => {
    const userAgent = fc.string({ unit: "binary-ascii", maxLength: 512 }).map((text) => `bot ${text} bot@a.b`);
    fc.assert(
      fc.property(userAgent, (text) => {
        const pattern = patternOf({ userAgent: text }) ?? "";
        expect(pattern.length).toBeLessThanOrEqual(80);
        expect(pattern).not.toContain("@");
      }),
      runs(400),
    );
  });

  it("stays the same after thousands of other user agents", () => {
    expect(patternOf({ userAgent: GOOGLEBOT })).toBe("Match with user agent: Googlebot");
    for (let index = 0; index < 5_000; index++) {
      expect(patternOf({ userAgent: `${BROWSER} ${index}` })).toBeUndefined();
      expect(patternOf({ userAgent: `Number${index}bot/2` })).toBe(`Match with user agent: Number${index}bot`);
    }
    expect(patternOf({ userAgent: GOOGLEBOT })).toBe("Match with user agent: Googlebot");
    expect(patternOf({})).toBeUndefined();
  });
});

describe("a network", () => {
  it.each([
    [{ asn: 8075 }, "Microsoft"],
    [{ asn: 64500, organization: "Microsoft Corporation" }, "Microsoft"],
  ])("of Microsoft is a person's on a pixel, and a scanner's on a link: %o", (network, name) => {
    expect(patternOf({ ...network, route: "open" })).toBeUndefined();
    expect(patternOf({ ...network, route: "click" })).toBe(`Match with network: ${name}`);
  });

  it.each([
    [{ asn: 22843 }, "Proofpoint"],
    [{ asn: 52129, organization: "Proofpoint Ltd." }, "Proofpoint"],
    [{ asn: 30031 }, "Mimecast"],
    [{ organization: "Mimecast Services Limited" }, "Mimecast"],
    [{ organization: "BARRACUDA-NETWORKS" }, "BARRACUDA"],
    [{ asn: 16417, organization: "Cisco Systems Ironport Division" }, "Cisco IronPort"],
    [{ organization: "MessageLabs Ltd." }, "MessageLabs"],
    [{ organization: "Trend Micro Incorporated" }, "Trend Micro"],
  ])("of a vendor of mail security is a scanner's on both: %o", (network, name) => {
    for (const route of ROUTES) expect(patternOf({ ...network, route })).toBe(`Match with network: ${name}`);
  });

  it.each([
    "Zscaler, Inc.",
    "Cloudflare, Inc.",
    "Cloudflare WARP",
    "Akamai Technologies, Inc.",
    "Apple Inc.",
    "Amazon.com, Inc.",
    "Cisco OpenDNS, LLC",
    "Symantec Corporation",
    "M247 Europe SRL",
    "Not Microsoft",
    "",
  ])("behind which people browse is no scanner's: %s", (organization) => {
    for (const route of ROUTES) expect(patternOf({ route, organization })).toBeUndefined();
  });
});

describe("the methods", () => {
  const everything = visit({ userAgent: GOOGLEBOT, isHoneypot: true, afterHead: true, asn: 30031 });

  it("are tried in a fixed order, each unless it is off", () => {
    const found = (["userAgent", "honeypot", "head", "network"] as const).map((_, count, all) => {
      const off = Object.fromEntries(all.slice(0, count).map((method) => [method, "off" as const]));
      return botOf(everything, marking(off));
    });
    expect(found).toEqual([
      { method: "userAgent", pattern: "Match with user agent: Googlebot" },
      { method: "honeypot", pattern: "Match with honeypot link" },
      { method: "head", pattern: "Match with HEAD before GET" },
      { method: "network", pattern: "Match with network: Mimecast" },
    ]);
  });

  it("detect nothing when all are off", () => {
    expect(botOf(everything, marking({ userAgent: "off", honeypot: "off", head: "off", network: "off" }))).toBe(
      undefined,
    );
  });

  it("name the bot also when its events are filtered", () => {
    expect(botOf(everything, marking({ userAgent: "filter" }))?.method).toBe("userAgent");
  });
});
