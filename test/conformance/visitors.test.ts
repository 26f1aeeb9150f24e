/** The known kinds of visitors, one a row: what the log says of each, on the pixel and on a link. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aggregateLog } from "../../src/reports/index.ts";
import { HONEYPOT_LINK_ID } from "../../src/tokens/claims.ts";
import { get, reportOutcomes } from "../outcomes.ts";
import { MARKING } from "../reports/policy.ts";
import { ask, environment, type Logged, newMessage, settledLogOf, token } from "../worker.ts";

const CHROME =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
  "Version/26.6 Mobile/15E148 Safari/604.1";
/** The user agent that Gmail imitates. */
const EDGE_12 =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
  "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246";
const PERSON = null;

interface Loader {
  readonly userAgent: string;
  readonly network?: { readonly asn: number; readonly asOrganization: string };
}

type Row = readonly [who: string, loader: Loader, onPixel: string | null, onLink: string | null];

const microsoft = { asn: 8075, asOrganization: "Microsoft Corporation" };
const userAgent = (name: string) => `Match with user agent: ${name}`;
const network = (name: string) => `Match with network: ${name}`;

const ROWS: readonly Row[] = [
  [
    "Gmail's image proxy",
    {
      userAgent: "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    },
    PERSON,
    userAgent("Gmail image proxy"),
  ],
  [
    "Gmail before delivery",
    { userAgent: `${EDGE_12} Mozilla/5.0` },
    userAgent("Gmail before delivery"),
    userAgent("Gmail before delivery"),
  ],
  ["Edge 12, which Gmail's agent imitates", { userAgent: EDGE_12 }, PERSON, PERSON],
  [
    "Yahoo's mail proxy",
    { userAgent: "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html" },
    PERSON,
    userAgent("Yahoo mail proxy"),
  ],
  [
    "Apple Mail Privacy Protection",
    { userAgent: "Mozilla/5.0", network: { asn: 13335, asOrganization: "Cloudflare, Inc." } },
    userAgent("Apple Mail Privacy Protection"),
    userAgent("Apple Mail Privacy Protection"),
  ],
  [
    "a person behind the same relay",
    { userAgent: SAFARI, network: { asn: 13335, asOrganization: "Cloudflare, Inc." } },
    PERSON,
    PERSON,
  ],
  ["Outlook.com, and Safe Links", { userAgent: CHROME, network: microsoft }, PERSON, network("Microsoft")],
  [
    "Mimecast",
    { userAgent: CHROME, network: { asn: 30031, asOrganization: "Mimecast Services Limited" } },
    network("Mimecast"),
    network("Mimecast"),
  ],
  [
    "Proofpoint",
    { userAgent: CHROME, network: { asn: 22843, asOrganization: "Proofpoint, Inc." } },
    network("Proofpoint"),
    network("Proofpoint"),
  ],
  [
    "Barracuda",
    { userAgent: CHROME, network: { asn: 15324, asOrganization: "Barracuda Networks, Inc." } },
    network("Barracuda"),
    network("Barracuda"),
  ],
  ["an empty user agent", { userAgent: "" }, userAgent("none"), userAgent("none")],
  ["a browser", { userAgent: CHROME }, PERSON, PERSON],
  [
    "Outlook on a desktop",
    { userAgent: "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.10827; Pro)" },
    PERSON,
    PERSON,
  ],
  [
    "a crawler",
    { userAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" },
    userAgent("Googlebot"),
    userAgent("Googlebot"),
  ],
];

const DESTINATION = "https://shop.example/p";
const pixel = (message = newMessage()) => ({ message, path: `/o/${token("open", message)}` });
const link = (message = newMessage(), id = "l1") => ({
  message,
  path: `/c/${token("click", { ...message, link: { id, url: DESTINATION } })}`,
});

const init = ({ userAgent, network }: Loader) => ({
  headers: { "User-Agent": userAgent },
  ...(network === undefined ? {} : { cf: network as IncomingRequestCfProperties }),
});

const botMatch = ({ is_bot, bot_pattern }: Logged) => ({ isBot: is_bot === 1, pattern: bot_pattern });

describe("a load of the pixel", () => {
  it.each(ROWS)("by %s", async (_, loader, onPixel) => {
    const { message, path } = pixel();
    const answer = await ask(path, init(loader));
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "image/gif"]);
    const log = await settledLogOf(message.person);
    expect(log.map(botMatch)).toEqual([{ isBot: onPixel !== null, pattern: onPixel }]);
  });
});

describe("a load of a link", () => {
  it.each(ROWS)("by %s", async (_, loader, __, onLink) => {
    const { message, path } = link();
    const answer = await ask(path, init(loader));
    expect([answer.status, answer.headers.get("Location")]).toEqual([302, DESTINATION]);
    const log = await settledLogOf(message.person);
    expect(log.map(botMatch)).toEqual([{ isBot: onLink !== null, pattern: onLink }]);
  });
});

describe("a scanner that calls itself a browser", () => {
  it.each([
    ["the pixel", pixel],
    ["a link", link],
  ])("is known by its HEAD before the GET of %s", async (_, of) => {
    const { message, path } = of();
    await ask(path, { ...init({ userAgent: CHROME }), method: "HEAD" });
    await ask(path, init({ userAgent: CHROME }));
    const log = await settledLogOf(message.person);
    expect(log.map(botMatch)).toEqual([{ isBot: true, pattern: "Match with HEAD before GET" }]);
  });

  it("is not taken for the person who follows the same link a moment after its HEAD, from elsewhere", async () => {
    const { message, path } = link();
    const from = (address: string) => ({ "User-Agent": CHROME, "CF-Connecting-IP": address });
    await ask(path, { method: "HEAD", headers: from("203.0.113.7") });
    await ask(path, { headers: from("198.51.100.9") });
    const log = await settledLogOf(message.person);
    expect(log.map(botMatch)).toEqual([{ isBot: false, pattern: null }]);
  });

  it("is known by its HEAD of the same link, whatever a mail client appends to one of the two", async () => {
    const { message, path } = link();
    await ask(`${path})`, { ...init({ userAgent: CHROME }), method: "HEAD" });
    await ask(path, init({ userAgent: CHROME }));
    const other = link(message, "l2");
    await ask(other.path, init({ userAgent: CHROME }));
    const log = await settledLogOf(message.person);
    expect(log.map(botMatch)).toEqual([
      { isBot: true, pattern: "Match with HEAD before GET" },
      { isBot: false, pattern: null },
    ]);
  });

  it("is known by the many links that it follows within moments, and its load of the pixel with them", async () => {
    const message = newMessage();
    await ask(pixel(message).path, init({ userAgent: CHROME }));
    for (const id of ["l1", "l2", "l3", "l4", "l5"]) await ask(link(message, id).path, init({ userAgent: CHROME }));
    expect((await settledLogOf(message.person)).map(({ is_bot }) => is_bot)).toEqual([0, 0, 0, 0, 0, 0]);
    await aggregateLog(env, MARKING, Date.now() + 60_000);
    const log = await settledLogOf(message.person);
    expect(log.map(({ is_bot }) => is_bot)).toEqual([1, 1, 1, 1, 1, 1]);
  });
});

describe("a person's quick visit, by the default settings", () => {
  const asPerson = init({ userAgent: CHROME });
  afterEach(() => void vi.useRealTimers());

  async function reportOn(email: string) {
    const { body } = await get(`/v1/reports/emails?email=${email}`);
    const links = await get(`/v1/reports/links?email=${email}`);
    const [report] = body.data as { readonly opened: number; readonly clicked: number }[];
    return {
      opened: report?.opened,
      clicked: report?.clicked,
      clicks: (links.body.total as { readonly clicks: number }).clicks,
    };
  }

  it("counts: an open, and three links within six seconds", async () => {
    const message = { ...newMessage(), email: "newcomer" };
    await ask(pixel(message).path, asPerson);
    for (const id of ["l1", "l2", "l3"]) await ask(link(message, id).path, asPerson);
    await settledLogOf(message.person);
    expect(await reportOn("newcomer")).toEqual({ opened: 1, clicked: 1, clicks: 3 });
    expect((await settledLogOf(message.person)).map(({ is_bot }) => is_bot)).toEqual([0, 0, 0, 0]);
  });

  it("counts: a double click, and the image that loads at that moment", async () => {
    const message = { ...newMessage(), email: "double" };
    const { path } = link(message);
    await Promise.all([ask(path, asPerson), ask(path, asPerson), ask(pixel(message).path, asPerson)]);
    await settledLogOf(message.person);
    expect(await reportOn("double")).toMatchObject({ opened: 1, clicked: 1 });
    expect((await settledLogOf(message.person)).map(({ is_bot }) => is_bot)).toEqual([0, 0, 0]);
  });

  it.each<[string, number, number, readonly number[]]>([
    ["three links, one each second, half a minute after delivery", 30, 2, [0, 1, 2]],
    ["three links at once then", 30, 2, [0, 0, 0]],
    ["the image and three links at once then", 30, 0, [0, 0, 0]],
    ["three links within five seconds, 90 seconds after delivery", 90, 2, [0, 0.9, 5]],
    ["three links within a second, five minutes after delivery", 300, 2, [0, 0.4, 0.9]],
    ["four links one after the other", 40, 2, [0, 5, 12, 20]],
    ["two links, four seconds after delivery", 4, 1, [0, 0.9]],
  ])("counts: %s", async (_, deliveredBefore, openedBefore, pauses) => {
    const email = `quick-${deliveredBefore}-${openedBefore}-${pauses.join("-")}`;
    const message = { ...newMessage(), email, send: "s1" };
    vi.useFakeTimers({ toFake: ["Date"] });
    const startMs = Date.now();
    const at = new Date(startMs - deliveredBefore * 1_000).toISOString();
    await reportOutcomes(message, { type: "sent", at }, { type: "delivered", at });
    vi.setSystemTime(startMs - openedBefore * 1_000);
    await ask(pixel(message).path, asPerson);
    for (const [index, pause] of pauses.entries()) {
      vi.setSystemTime(startMs + pause * 1_000);
      await ask(link(message, `l${index}`).path, asPerson);
    }
    await settledLogOf(message.person);
    await aggregateLog(env, MARKING, Date.now() + 60_000);
    expect(await reportOn(email)).toEqual({ opened: 1, clicked: 1, clicks: pauses.length });
  });

  it("counts: a confirmation four seconds after delivery", async () => {
    const message = { ...newMessage(), email: "confirmation", send: "s1" };
    const deliveredAt = new Date(Date.now() - 4_000).toISOString();
    await reportOutcomes(message, { type: "sent", at: deliveredAt }, { type: "delivered", at: deliveredAt });
    await Promise.all([ask(pixel(message).path, asPerson), ask(link(message).path, asPerson)]);
    await settledLogOf(message.person);
    expect(await reportOn("confirmation")).toMatchObject({ opened: 1, clicked: 1 });
  });
});

describe("what a method finds", () => {
  const honeypotped = () => link(newMessage(), HONEYPOT_LINK_ID);
  const scanned = () => link();
  const fromProofpoint = { userAgent: CHROME, network: { asn: 26211, asOrganization: "Proofpoint, Inc." } };
  const crawler = { userAgent: "curl/8.17.0" };

  it.each<[string, Partial<Env>, () => ReturnType<typeof link>, Loader, readonly (string | null)[]]>([
    ["by user agent is marked", {}, scanned, crawler, ["Match with user agent: curl"]],
    ["by user agent is left out of the log", { BOTS_BY_USER_AGENT: "filter" }, scanned, crawler, []],
    ["by user agent is not asked for", { BOTS_BY_USER_AGENT: "off" }, scanned, crawler, [PERSON]],
    ["by network is marked", {}, scanned, fromProofpoint, ["Match with network: Proofpoint"]],
    ["by network is left out of the log", { BOTS_BY_NETWORK: "filter" }, scanned, fromProofpoint, []],
    ["by network is not asked for", { BOTS_BY_NETWORK: "off" }, scanned, fromProofpoint, [PERSON]],
    [
      "by the honeypot is marked",
      { BOTS_BY_HONEYPOT: "mark" },
      honeypotped,
      { userAgent: CHROME },
      ["Match with honeypot link"],
    ],
    ["by the honeypot is left out of the log", { BOTS_BY_HONEYPOT: "filter" }, honeypotped, { userAgent: CHROME }, []],
    ["by a honeypot of which nobody asks any more is nobody's", {}, honeypotped, { userAgent: CHROME }, []],
  ])("%s", async (_, settings, of, loader, patterns) => {
    const { message, path } = of();
    const answer = await ask(path, init(loader), environment(settings));
    expect([answer.status, answer.headers.get("Location")]).toEqual([302, DESTINATION]);
    expect((await settledLogOf(message.person)).map(({ bot_pattern }) => bot_pattern)).toEqual(patterns);
  });

  it("of a pixel that is left out does not keep the person's open from being the first", async () => {
    const { message, path } = pixel();
    const around = environment({ BOTS_BY_USER_AGENT: "filter" });
    const picture = await ask(path, init(crawler), around);
    await ask(path, init({ userAgent: SAFARI }), around);
    expect(picture.headers.get("Content-Type")).toBe("image/gif");
    expect((await settledLogOf(message.person)).map(botMatch)).toEqual([{ isBot: false, pattern: null }]);
  });
});

describe("speculative loading", () => {
  it.each([
    ["Sec-Purpose", "prefetch;prerender"],
    ["Purpose", "prefetch"],
    ["X-Moz", "prefetch"],
  ])("(%s: %s) is nobody's load", async (name, value) => {
    for (const { message, path } of [pixel(), link()]) {
      await ask(path, { headers: { "User-Agent": CHROME, [name]: value } });
      expect(await settledLogOf(message.person)).toEqual([]);
    }
  });
});
