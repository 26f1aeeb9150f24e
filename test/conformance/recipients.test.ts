/** The paths that recipients meet, as the interface promises them, sentence by sentence. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { upsertRecipient } from "../../src/suppressions/recipients.ts";
import { brokenDatabase } from "../faults/broken.ts";
import { NOTHING, storedBy } from "../http/stored.ts";
import { ask, environment, logOf, newMessage, settledLogOf, token } from "../worker.ts";
import { decodeGif } from "./gif.ts";

const DESTINATION = "https://shop.example/p?a=1&b=2#top";
const open = (message = newMessage()) => `/o/${token("open", message)}`;
const click = (message = newMessage(), url = DESTINATION) =>
  `/c/${token("click", { ...message, link: { id: "l1", url } })}`;
const unsubscribe = (message = newMessage()) => `/u/${token("unsubscribe", message)}`;
const post = (path: string, fields: Record<string, string> = {}) =>
  ask(path, { method: "POST", body: new URLSearchParams(fields) });

/** Neither a proxy nor a mail client may use it a second time (RFC 9111 §5.2.2.5). */
function expectNotReusable({ headers }: Response): void {
  expect(headers.get("Cache-Control")).toMatch(/\bno-store\b/);
  expect(headers.get("Cache-Control")).not.toMatch(/public|immutable|max-age=[1-9]|s-maxage/);
  for (const name of ["ETag", "Last-Modified", "Expires"]) expect(headers.get(name)).toBeNull();
}

/** Words for people, and nothing of what the Worker is made of. */
async function expectReadable(answer: Response): Promise<void> {
  const text = await answer.text();
  expect(answer.headers.get("Content-Type")).toMatch(/^text\/(html|plain)\b/);
  expect(text.replaceAll(/<style>[\s\S]*?<\/style>|<[^>]+>/g, "").trim().length).toBeGreaterThan(15);
  expect(text).not.toMatch(/Error:|\n\s+at |\.ts\b|D1_|SQLITE|^\s*[{[]/);
}

const DEFECTS = ["A", "", "x", "forged".repeat(8)];

describe("GET /o/{token}", () => {
  it("is 200 image/gif, also with .gif behind the token", async () => {
    for (const path of [open(), `${open()}.gif`, `${open()}.GIF`, `${open()}.gif?x=1`]) {
      const answer = await ask(path);
      expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "image/gif"]);
    }
  });

  it("is a transparent picture of one pixel, in at most 43 bytes", async () => {
    const bytes = new Uint8Array(await (await ask(open())).arrayBuffer());
    expect(bytes.length).toBeLessThanOrEqual(43);
    expect(decodeGif(bytes)).toEqual({ width: 1, height: 1, pixels: ["transparent"] });
  });

  it("may be reused by no proxy and no client", async () => {
    for (const path of [open(), "/o/x"]) expectNotReusable(await ask(path));
  });

  it("is always this, with a bad token too, and then nothing is logged", async () => {
    const good = await (await ask(open())).arrayBuffer();
    const stored = await storedBy(async () => {
      for (const defect of [...DEFECTS, token("unsubscribe", newMessage()), `${open().slice(3, -4)}`]) {
        const answer = await ask(`/o/${defect}`);
        expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "image/gif"]);
        expect(await answer.arrayBuffer()).toEqual(good);
      }
    });
    expect(stored).toEqual(NOTHING);
  });

  it("is this also when the Worker is not set up, and when everything behind it is down", async () => {
    const { d1 } = brokenDatabase();
    for (const around of [environment({ TOKEN_KEYS: "" }), environment({ DB: d1 })]) {
      const answer = await ask(open(), {}, around);
      expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "image/gif"]);
    }
  });
});

describe("GET /c/{token}", () => {
  it("is 302 to the link's destination", async () => {
    const answer = await ask(click());
    expect([answer.status, answer.headers.get("Location")]).toEqual([302, DESTINATION]);
    expect(await answer.text()).toBe("");
  });

  it("is never cached, gives the destination nothing of the mail, and asks robots to forget it", async () => {
    const answer = await ask(click());
    expectNotReusable(answer);
    expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(answer.headers.get("X-Robots-Tag")).toBe("noindex");
  });

  it("with a bad token is 404 with a small readable page and no redirect", async () => {
    for (const defect of DEFECTS) {
      const answer = await ask(`/c/${defect}`);
      expect([answer.status, answer.headers.get("Location")]).toEqual([404, null]);
      expect(answer.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
      expectNotReusable(answer);
      const copy = answer.clone();
      await expectReadable(answer);
      expect((await copy.text()).length).toBeLessThan(20_000);
    }
  });
});

describe("GET /u/{token}", () => {
  it("is 200, a page with whom it asks, masked, and a form with one button", async () => {
    const message = newMessage();
    const person = { id: message.person, address: "marie.dupont@lavande.example" };
    await upsertRecipient(env.DB, { email: { id: "7" }, campaign: { id: "42" }, person }, 0);
    const answer = await ask(unsubscribe(message));
    expect(answer.status).toBe(200);
    const html = await answer.text();
    expect(html).toContain("@");
    expect(html).not.toContain("marie.dupont");
    expect(html.match(/<form\b/g)).toHaveLength(1);
    expect(html).toMatch(/<form[^>]+method="post"/i);
    expect(html.match(/<button\b|<input[^>]*type="submit"/g)).toHaveLength(1);
  });

  it("changes nothing, however often and by whomever it is loaded", async () => {
    const path = unsubscribe();
    const stored = await storedBy(async () => {
      for (const query of ["", "?List-Unsubscribe=One-Click", "?action=unsubscribe"]) await ask(path + query);
    });
    expect(stored).toEqual(NOTHING);
  });
});

describe("POST /u/{token}", () => {
  it("of the form is 200 and a confirmation page, and is logged", async () => {
    const message = newMessage();
    const answer = await post(unsubscribe(message), { action: "unsubscribe" });
    expect([answer.status, answer.headers.get("Location")]).toEqual([200, null]);
    expect(answer.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    await expectReadable(answer);
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
  });

  it("with One-Click in the body is 200 and a short text, without redirect or cookie", async () => {
    const answer = await post(unsubscribe(), { "List-Unsubscribe": "One-Click" });
    expect([answer.status, answer.headers.get("Location"), answer.headers.get("Set-Cookie")]).toEqual([
      200,
      null,
      null,
    ]);
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
    expect((await answer.text()).length).toBeLessThan(100);
  });

  it("with a bad token is 404, for people and for bots", async () => {
    for (const defect of DEFECTS) {
      for (const fields of [{}, { "List-Unsubscribe": "One-Click" }]) {
        const answer = await post(`/u/${defect}`, fields as Record<string, string>);
        expect([answer.status, answer.headers.get("Location")]).toEqual([404, null]);
        await expectReadable(answer);
      }
    }
  });

  it("is 503 with Retry-After while the storage is down, so that the mail client tries again", async () => {
    for (const fields of [{ action: "unsubscribe" }, { action: "subscribe" }, { "List-Unsubscribe": "One-Click" }]) {
      const init = { method: "POST", body: new URLSearchParams(Object.entries(fields)) };
      const answer = await ask(unsubscribe(), init, environment({ DB: brokenDatabase().d1 }));
      expect(answer.status).toBe(503);
      // RFC 9110 §10.2.3: seconds.
      expect(answer.headers.get("Retry-After")).toMatch(/^[1-9][0-9]*$/);
      expectNotReusable(answer);
      await expectReadable(answer);
    }
  });
});

describe("HEAD", () => {
  it("has the status and the headers of GET on each of them, no body, and logs nothing", async () => {
    const message = newMessage();
    for (const path of [open(message), click(message), unsubscribe(message), "/o/x", "/c/x", "/u/x"]) {
      const head = await ask(path, { method: "HEAD" });
      const { status, headers } = await ask(path, { headers: { Purpose: "prefetch" } });
      expect(await head.text()).toBe("");
      expect([head.status, [...head.headers]]).toEqual([status, [...headers]]);
    }
    expect(await settledLogOf(message.person)).toEqual([]);
  });
});

describe("a prefetch", () => {
  it.each([
    ["Sec-Purpose", "prefetch"],
    ["Sec-Purpose", "prefetch;prerender"],
    ["Sec-Purpose", "PREFETCH;anonymous-client-ip"],
    ["Purpose", "prefetch"],
    ["Purpose", "prerender"],
    ["X-Moz", "prefetch"],
  ])("(%s: %s) is answered as a load and logged as none", async (name, value) => {
    const message = newMessage();
    const init = { headers: { [name]: value } };
    expect((await ask(open(message), init)).status).toBe(200);
    expect((await ask(click(message), init)).headers.get("Location")).toBe(DESTINATION);
    expect(await settledLogOf(message.person)).toEqual([]);
  });

  it("is recognised by any of the three headers, whatever the others say", async () => {
    const message = newMessage();
    await ask(click(message), { headers: { "Sec-Purpose": "navigate", Purpose: "prefetch" } });
    await ask(open(message), { headers: { Purpose: "preview", "X-Moz": "prefetch" } });
    expect(await settledLogOf(message.person)).toEqual([]);
  });

  it("is told from a load with another purpose, which is logged", async () => {
    const message = newMessage();
    await ask(click(message), { headers: { "Sec-Purpose": "navigate", Purpose: "preview" } });
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });
});

describe("what follows a token and cannot belong to it", () => {
  // As a URL of a browser spells them: "<", ">" and the quotes percent-encoded, the others as they are.
  const JUNK = [
    ")",
    ".",
    ",",
    ";",
    "!",
    "'",
    "*",
    "<",
    ">",
    '"',
    "`",
    "]",
    "}",
    "\\",
    "%3E",
    "%22%3E",
    "%29",
    "%20",
    "&amp;utm=1",
    "=",
    "/",
    "//x",
    "/index.html",
    "?utm_source=mail",
    "#top",
    "…",
    "»",
    "é",
  ];

  it("is ignored on all three", async () => {
    for (const junk of JUNK) {
      const message = newMessage();
      expect([junk, (await ask(click(message) + junk)).headers.get("Location")]).toEqual([junk, DESTINATION]);
      expect((await ask(open(message) + junk)).status).toBe(200);
      expect([junk, (await ask(unsubscribe(message) + junk)).status]).toEqual([junk, 200]);
      expect([junk, (await post(unsubscribe(message) + junk)).status]).toEqual([junk, 200]);
      const types = (await settledLogOf(message.person)).map(({ type }) => type).sort();
      expect([junk, types]).toEqual([junk, [10, 11, 9].sort()]);
    }
  });
});

describe("a recipient", () => {
  it("is answered 405 with Allow for other methods, in words", async () => {
    for (const [path, allow] of [
      [open(), "GET, HEAD"],
      [click(), "GET, HEAD"],
      [unsubscribe(), "GET, HEAD, POST"],
    ] as const) {
      for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS"]) {
        const answer = await ask(path, { method });
        expect([answer.status, answer.headers.get("Allow")]).toEqual([405, allow]);
        await expectReadable(answer);
      }
    }
  });

  it("gets no cookie, no JSON and no stack, whatever happens", async () => {
    const broken = environment({
      DB: undefined as unknown as D1Database,
      EVENTS: undefined as unknown as Queue<string>,
      OUTBOX: undefined as unknown as typeof env.OUTBOX,
      OPENS: undefined as unknown as typeof env.OPENS,
    });
    for (const around of [env, broken, environment({ TOKEN_KEYS: "" })]) {
      for (const path of [open(), click(), unsubscribe(), "/o/x", "/c/x", "/u/x", "/nothing"]) {
        for (const method of ["GET", "POST", "DELETE"]) {
          const answer = await ask(path, { method }, around);
          expect(answer.headers.get("Set-Cookie")).toBeNull();
          if (answer.headers.get("Content-Type") === "image/gif" || answer.status === 302) continue;
          await expectReadable(answer);
        }
      }
    }
  });
});
