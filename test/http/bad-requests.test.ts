/** Requests that are refused before their body is read: methods, paths, credentials, sizes. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { compile } from "../../src/decorate/index.ts";
import { keysOf } from "../tokens/keyring.ts";
import { ask, newMessage, token } from "../worker.ts";
import { NOTHING, storedBy } from "./stored.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };
const message = newMessage();
const link = { id: "x", url: "https://shop.example/" };
const O = `/o/${token("open", message)}.gif`;
const C = `/c/${token("click", { ...message, link })}`;
const U = `/u/${token("unsubscribe", message)}`;

describe("a method that a path does not take", () => {
  const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"];
  const TAKEN: readonly [string, string][] = [
    [O, "GET, HEAD"],
    [C, "GET, HEAD"],
    [U, "GET, HEAD, POST"],
    ["/o", "GET, HEAD"],
    ["/c", "GET, HEAD"],
    ["/u", "GET, HEAD, POST"],
    ["/healthz", "GET, HEAD"],
    ["/v1/decorate", "POST"],
    ["/v1/dead-letters", "GET, HEAD"],
    ["/v1/dead-letters/replay", "POST"],
  ];

  it("is answered 405 with its methods, in plain text or the API's form, and stores nothing", async () => {
    const stored = await storedBy(async () => {
      for (const [path, allow] of TAKEN) {
        for (const method of METHODS.filter((each) => !allow.split(", ").includes(each))) {
          const answer = await ask(path, { method, headers: KEY });
          const what = `${method} ${path.slice(0, 24)}`;
          expect([what, answer.status]).toEqual([what, 405]);
          expect([what, answer.headers.get("Allow")]).toEqual([what, allow]);
          const type = path.startsWith("/v1/") ? /^application\/json/ : /^text\/plain/;
          expect([what, answer.headers.get("Content-Type")]).toEqual([what, expect.stringMatching(type)]);
          expect(answer.headers.get("Location")).toBeNull();
        }
      }
    });
    expect(stored).toEqual(NOTHING);
  });
});

describe("an unknown path", () => {
  it.each([
    "/c",
    "/c/",
    "/c//x",
    `/c//${C.slice(3)}`,
    `//${C.slice(1)}`,
    `/C/${C.slice(3)}`,
    `/c/%2F${C.slice(3)}`,
    "/c/%00",
    "/c/%",
    "/c/?token=x",
    "/u",
    "/u/",
    "/u//x",
    "/u/%00",
    "/u/%ff",
    "/x",
    "/healthz/x",
    "/.well-known/security.txt",
    "/.env",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/cx",
    "/ox",
  ])("such as %s is a readable 404 and stores nothing", async (path) => {
    const stored = await storedBy(async () => {
      const answer = await ask(path);
      expect(answer.status).toBe(404);
      expect(answer.headers.get("Content-Type")).toMatch(/^text\/(html|plain)/);
      expect(answer.headers.get("Location")).toBeNull();
    });
    expect(stored).toEqual(NOTHING);
  });

  it.each([
    "/o",
    "/o/",
    "/o//x",
    "/o/%00",
    "/o/%2F",
    "/o/%",
    "/o/%ff.gif",
    "/o/..%2f",
    "/o/.gif",
  ])("such as %s is a picture, too, and stores nothing", async (path) => {
    const stored = await storedBy(async () => {
      const answer = await ask(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Content-Type")).toBe("image/gif");
    });
    expect(stored).toEqual(NOTHING);
  });

  it("with dot segments is answered as the path that they lead to", async () => {
    expect((await ask(`/x/..${C}`)).headers.get("Location")).toBe(link.url);
    expect((await ask(`/x/%2e%2e${C}`)).headers.get("Location")).toBe(link.url);
  });

  it("on /v1 is a 404 in the API's form", async () => {
    for (const path of ["/v1", "/v1/", "/v1//decorate", "/v1/decorate/", "/v1/%00", "/v1/Decorate", "/v1/%"]) {
      const answer = await ask(path, { method: "POST", headers: KEY });
      expect([path, answer.status]).toEqual([path, 404]);
      expect(await answer.json()).toMatchObject({ error: { code: "not_found" } });
    }
  });
});

describe("credentials", () => {
  const wrong: Readonly<Record<string, string>>[] = [
    {},
    { Authorization: "" },
    { Authorization: "Bearer" },
    { Authorization: "Bearer " },
    { Authorization: "wxs_dev_test" },
    { Authorization: "Basic wxs_dev_test" },
    { Authorization: `Basic ${btoa("wxs_dev_test:")}` },
    { Authorization: "Bearer wxs_dev_tes" },
    { Authorization: "Bearer wxs_dev_testt" },
    { Authorization: "Bearer WXS_DEV_TEST" },
    { Authorization: "Bearer wxs_dev_test wxs_dev_test" },
    { Authorization: "Bearer wxs_dev_test,wxs_dev_test" },
    { Authorization: 'Bearer "wxs_dev_test"' },
    { Authorization: "Bearer undefined" },
    // Their SHA-256 begins, or ends, with the same three bytes as the right key's.
    { Authorization: "Bearer wxs_dev_4241828" },
    { Authorization: "Bearer wxs_dev_7647792" },
    { Authorization: `Bearer ${"x".repeat(100_000)}` },
    { "X-API-Key": "wxs_dev_test" },
    { Cookie: "Authorization=Bearer wxs_dev_test" },
  ];

  it("that are missing, wrong or of another scheme are refused on every path of /v1, and store nothing", async () => {
    const body = JSON.stringify({
      email: { id: 7, name: "n" },
      person: { id: message.person, address: "a@b.example" },
      campaign: { id: 42 },
      text: "x",
    });
    const stored = await storedBy(async () => {
      for (const headers of wrong) {
        for (const path of ["/v1/decorate", "/v1/dead-letters/replay", "/v1/nothing"]) {
          const answer = await ask(path, { method: "POST", body, headers });
          expect([headers, answer.status]).toEqual([headers, 401]);
          expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer /);
          expect(await answer.json()).toMatchObject({ error: { code: "unauthorized" } });
        }
      }
    });
    expect(stored).toEqual(NOTHING);
  });

  it("in the query are ignored", async () => {
    const answer = await ask("/v1/dead-letters?api_key=wxs_dev_test&access_token=wxs_dev_test");
    expect(answer.status).toBe(401);
  });
});

describe("a body of 10 MB", () => {
  const CHUNK = new Uint8Array(64 * 1024).fill(0x20);
  const CHUNKS = 160;

  /** A stream of ten megabytes that counts how much of it was read. */
  function largeBody() {
    const read = { chunks: 0 };
    const body = new ReadableStream(
      {
        pull(controller) {
          if (read.chunks++ < CHUNKS) controller.enqueue(CHUNK);
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    return { read, body };
  }

  it.each([
    ["/v1/decorate", 413],
    ["/v1/dead-letters/replay", 413],
    ["/v1/nothing", 413],
    [U, 413],
    ["/u/x", 413],
    [C, 405],
    [O, 405],
    ["/healthz", 405],
    ["/nothing", 404],
  ])("to %s is rejected unread when it states its length, otherwise past the limit", async (path, status) => {
    const stored = await storedBy(async () => {
      const stated = largeBody();
      const length = { "Content-Length": String(CHUNKS * CHUNK.length) };
      const headers = { ...KEY, ...length };
      expect((await ask(path, { method: "POST", body: stated.body, headers })).status).toBe(status);
      expect(stated.read.chunks).toBe(0);
      const found = largeBody();
      expect((await ask(path, { method: "POST", body: found.body, headers: KEY })).status).toBe(status);
      expect(found.read.chunks).toBeLessThanOrEqual(1 + (1024 * 1024) / CHUNK.length);
    });
    expect(stored).toEqual(NOTHING);
  });

  it("is not read at all without credentials", async () => {
    const { read, body } = largeBody();
    expect((await ask("/v1/decorate", { method: "POST", body })).status).toBe(401);
    expect(read.chunks).toBe(0);
  });
});

describe("an email of 2 MB", () => {
  const block = `<p>${"Good morning. ".repeat(100)}<a href="https://shop.example/?a=1&amp;b=2">The shop</a></p>\n`;
  const html = block.repeat(Math.ceil((2 * 1024 * 1024) / block.length));

  it("is refused by the API as too large", async () => {
    const body = JSON.stringify({ email: { id: 7 }, person: { id: 1 }, campaign: { id: 42 }, html });
    const answer = await ask("/v1/decorate", { method: "POST", body, headers: KEY });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ error: { code: "too_large" } });
  });

  it("is decorated by the library, every link of it", () => {
    const template = compile(html, { keys: keysOf(env.TOKEN_KEYS ?? ""), origin: "https://t.example" });
    const { html: signed = "" } = template.render({ email: 7, person: 1, campaign: 42 });
    const links = html.length / block.length;
    expect(signed.match(/https:\/\/t\.example\/c\//g)).toHaveLength(links);
    expect(signed).not.toContain("https://shop.example/");
  });
});
