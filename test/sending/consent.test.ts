/** What a recipient has agreed to, by the API, and what is then in the log. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Tracking } from "../../src/decorate/index.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { isPseudonym } from "../../src/tokens/pseudonym.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { keys } from "../marketo/marketo.ts";
import { ask, environment, logOf, newMessage, ORIGIN, settledLogOf } from "../worker.ts";

const SHOP = "https://shop.example/?a=1&b=2";
const PAGE = `<body><a href="${SHOP.replace("&", "&amp;")}">Shop</a> <a href="{{unsubscribe}}">Stop</a></body>`;
const BROWSER = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };

interface Copy {
  readonly html: string;
  readonly text: string;
  readonly message: string;
  readonly links: readonly { readonly id: string; readonly url: string }[];
  readonly headers: Readonly<Record<string, string>>;
}

async function copyFor(message: Message, tracking: Tracking | undefined, around: Env = env): Promise<Copy> {
  const { email, person, campaign } = message;
  const answer = await ask(
    "/v1/decorate",
    {
      method: "POST",
      headers: { Authorization: "Bearer wxs_dev_test" },
      body: JSON.stringify({
        email: { id: email },
        person: { id: person, address: `${person}@mail.example` },
        campaign: { id: campaign },
        html: PAGE,
        text: SHOP,
        tracking,
      }),
    },
    around,
  );
  expect(answer.status).toBe(200);
  return await answer.json<Copy>();
}

/** The paths of the Worker in a copy: `o` pixels, `c` links, `u` unsubscribe pages. */
const paths = (kind: "o" | "c" | "u", { html, text }: Copy) =>
  [...`${html}\n${text}`.matchAll(new RegExp(`${ORIGIN}(/${kind}/[\\w-]+)`, "g"))].map(([, path = ""]) => path);

const visit = (path: string, headers: Record<string, string> = BROWSER) => ask(path, { headers });

/** Whoever is named by the pixel of a copy. */
function pseudonymOf(copy: Copy): string {
  const [pixel = ""] = paths("o", copy);
  const claims = verifyToken(keys, "open", pixel.slice("/o/".length));
  if (!claims.ok) throw new Error(claims.reason);
  return claims.value.person;
}

describe("tracking in full", () => {
  it("is the default", async () => {
    const message = newMessage();
    for (const tracking of ["full", undefined] as const) {
      const copy = await copyFor(message, tracking);
      for (const path of [...paths("o", copy), ...paths("c", copy)]) await visit(path);
    }
    const types = (await settledLogOf(message.person)).map(({ type }) => type).sort();
    expect(types).toEqual([10, 11, 11, 11, 11]);
  });
});

describe("tracking that is anonymous", () => {
  it("logs every click and one open of all copies of a message, without the person", async () => {
    const message = newMessage();
    const copies = [await copyFor(message, "anonymous"), await copyFor(message, "anonymous")];
    const [stranger = "", ...others] = new Set(copies.map(pseudonymOf));
    expect(isPseudonym(stranger)).toBe(true);
    expect(others).toEqual([]);
    for (const copy of copies) {
      for (const path of paths("o", copy)) await visit(path);
      for (const path of paths("c", copy)) expect((await visit(path)).headers.get("Location")).toBe(SHOP);
    }
    const log = await settledLogOf(stranger);
    expect(log.map(({ type }) => type).sort()).toEqual([10, 11, 11, 11, 11]);
    expect(log.map((event) => event.user_agent)).toEqual(["", "", "", "", ""]);
    expect(JSON.stringify(log)).not.toContain(message.person);
    expect(await logOf(message.person)).toEqual([]);
  });

  it("is another pseudonym in another campaign or email", async () => {
    const message = newMessage();
    const all = [message, { ...message, email: "8" }, { ...message, campaign: "43" }];
    const copies = await Promise.all(all.map((each) => copyFor(each, "anonymous")));
    expect(new Set(copies.map(pseudonymOf)).size).toBe(3);
  });

  it("unsubscribes the person, by the page's form as by the mail client", async () => {
    for (const body of ["action=unsubscribe", "List-Unsubscribe=One-Click"]) {
      const message = newMessage();
      const [path = ""] = paths("u", await copyFor(message, "anonymous"));
      expect((await ask(path, { method: "POST", body: new URLSearchParams(body) })).status).toBe(200);
      expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
    }
  });
});

describe("no tracking", () => {
  it.each([
    "off",
    "mark",
    "filter",
  ])("leaves links and pixel as they were, also with the honeypot %s", async (honeypot) => {
    const message = newMessage();
    const copy = await copyFor(message, "none", environment({ BOTS_BY_HONEYPOT: honeypot }));
    const [unsubscribe = ""] = paths("u", copy);
    expect(copy.html).toBe(PAGE.replace("{{unsubscribe}}", `${ORIGIN}${unsubscribe}`));
    expect(copy.text).toBe(SHOP);
    expect(copy.links).toEqual([]);
  });

  it("unsubscribes by link and header all the same, and the send is found again by its token", async () => {
    const message = newMessage();
    const copy = await copyFor(message, "none");
    const [path = ""] = paths("u", copy);
    expect(copy.headers["List-Unsubscribe"]?.replaceAll(" ", "")).toBe(`<${ORIGIN}${path}>`);
    expect(copy.headers["List-Unsubscribe-Post"]).toBe("List-Unsubscribe=One-Click");
    expect(verifyToken(keys, "message", copy.headers["X-Waxseal-Message"] ?? "")).toMatchObject({
      value: message,
    });
    expect(await (await ask(path)).text()).toContain("<form");
    await ask(path, { method: "POST", body: new URLSearchParams("List-Unsubscribe=One-Click") });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
  });
});

describe("the honeypot link", () => {
  it.each([
    ["off", 0],
    ["mark", 1],
    ["filter", 1],
  ])("set to %s is %i time(s) in an email, and never in its list of links", async (honeypot, count) => {
    const copy = await copyFor(newMessage(), "full", environment({ BOTS_BY_HONEYPOT: honeypot }));
    const ids = paths("c", copy).map((path) => {
      const claims = verifyToken(keys, "click", path.slice("/c/".length));
      return claims.ok ? claims.value.link.id : claims.reason;
    });
    expect(ids.filter((id) => id === "honeypot")).toHaveLength(count);
    expect(copy.links.map(({ url }) => url)).toEqual([SHOP]);
  });

  it("leads where the first link does, and its visitors are logged as bots", async () => {
    const message = newMessage();
    const around = environment({ BOTS_BY_HONEYPOT: "mark" });
    const { html } = await copyFor(message, "full", around);
    const [, path = ""] = /<a href="https:\/\/t\.example(\/c\/[\w-]+)" tabindex/.exec(html) ?? [];
    const answer = await ask(path, { headers: BROWSER }, around);
    expect(answer.headers.get("Location")).toBe(SHOP);
    const [click] = await settledLogOf(message.person);
    expect(click).toMatchObject({ link_id: "honeypot", is_bot: 1, bot_pattern: "Match with honeypot link" });
  });
});
