/** The device of an open or click, read from its user agent. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deviceOf } from "../../src/bots/device.ts";
import { runs } from "../fuzz.ts";
import { USER_AGENTS } from "./user-agents.ts";

const IPHONE = { device: "iPhone", platform: "iOS", isMobile: true };
const WINDOWS = { device: "desktop", platform: "Windows", isMobile: false };
const MAC = { device: "desktop", platform: "macOS", isMobile: false };

const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";

describe("the device of a browser", () => {
  it.each([
    [
      `Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) ${WEBKIT} Version/26.6 Mobile/15E148 Safari/604.1`,
      IPHONE,
    ],
    [
      `Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) ${WEBKIT} Version/26.5 Mobile/15E148 Safari/604.1`,
      { device: "iPad", platform: "iOS", isMobile: true },
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36",
      WINDOWS,
    ],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/26.6 Safari/605.1.15`, MAC],
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
      { device: "desktop", platform: "Linux", isMobile: false },
    ],
    [
      "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36",
      { device: "desktop", platform: "Chrome OS", isMobile: false },
    ],
    [
      [
        "Mozilla/5.0 (Linux; Android 15; Pixel 10 Pro XL Build/CP1A.260305.018; wv)",
        "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/146.0.7680.174 Mobile Safari/537.36",
      ].join(" "),
      { device: "Pixel 10 Pro XL", platform: "Android", isMobile: true },
    ],
    [
      [
        "Mozilla/5.0 (Linux; U; Android 4.2.1; zh-cn; HUAWEI G610-U00 Build/HuaweiG610-U00)",
        "AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
      ].join(" "),
      { device: "HUAWEI G610-U00", platform: "Android", isMobile: true },
    ],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36",
      { device: "mobile", platform: "Android", isMobile: true },
    ],
    [
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36",
      { device: "tablet", platform: "Android", isMobile: true },
    ],
    [
      "Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0",
      { device: "mobile", platform: "Android", isMobile: true },
    ],
  ])("of %s", (userAgent, device) => {
    expect(deviceOf(userAgent)).toEqual(device);
  });

  it("is known for all browsers in use", () => {
    for (const userAgent of USER_AGENTS.browsers) {
      const { device, platform, isMobile } = deviceOf(userAgent);
      expect([device, platform, isMobile], userAgent).not.toContain(undefined);
    }
  });
});

describe("the device of a mail client", () => {
  it.each([
    ["Outlook-iOS/709.2189947.prod.iphone (3.24.0)", IPHONE],
    ["Outlook-iOS/711.3061168", { device: "mobile", platform: "iOS", isMobile: true }],
    ["Outlook-Android/2.0", { device: "mobile", platform: "Android", isMobile: true }],
    ["Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10827; Pro)", WINDOWS],
    ["Microsoft Office/16.0 (Microsoft Outlook Mail 16.0.6416; Pro)", WINDOWS],
    ["Mozilla/4.0 (compatible; ms-office; MSOffice 16)", WINDOWS],
    ["Mozilla/4.0 (compatible; Lotus-Notes/6.0; Windows-NT)", WINDOWS],
    ["MacOutlook/16.46.21021202 (Intelx64 Mac OS X 11.2.2 (Build 20D80))", MAC],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)", MAC],
    ["Mail/3259 CFNetwork/807.2.14 Darwin/16.3.0 (x86_64)", MAC],
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:24.0) Gecko/20100101 Thunderbird/24.2.0",
      { device: "desktop", platform: "Linux", isMobile: false },
    ],
    [
      "YahooMobileMail/1.0 (Android Mail; 1.3.10) (supersonic;HTC;PC36100;2.3.5/GRJ90)",
      { device: "mobile", platform: "Android", isMobile: true },
    ],
  ])("of %s", (userAgent, device) => {
    expect(deviceOf(userAgent)).toEqual(device);
  });
});

describe("a user agent without a device", () => {
  it.each([
    ["", "empty"],
    ["Mozilla/5.0", "Apple hides it"],
    ["Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "Gmail's proxy"],
    ["YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", "Yahoo's proxy"],
    [
      [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 8_3 like Mac OS X) AppleWebKit/600.1.4",
        "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
      ].join(" "),
      "a crawler's telephone",
    ],
    ["Evolution/3.26.2.1", "names no system"],
  ])("is %j: %s", (userAgent) => {
    expect(deviceOf(userAgent)).toEqual({});
  });

  it("never makes it fail, for any user agent", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 512 }), (userAgent) => {
        expect(Object.values(deviceOf(userAgent))).not.toContain(undefined);
      }),
      runs(400),
    );
  });
});
