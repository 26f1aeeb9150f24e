import { describe, expect, it } from "vitest";
import { ask, newMessage, settledLogOf, token } from "../worker.ts";

const link = { id: "a1b2c3d4", url: "https://shop.example/p?a=1&b=https%3A%2F%2Fx.example/#top" };

describe("a decorated link", () => {
  it("redirects to its destination, is never cached, and sends the destination no referrer", async () => {
    const message = newMessage();
    const answer = await ask(`/c/${token("click", { ...message, link })}`, {
      headers: { "User-Agent": "Firefox" },
    });
    expect(answer.status).toBe(302);
    expect(answer.headers.get("Location")).toBe(link.url);
    expect(answer.headers.get("Cache-Control")).toContain("no-store");
    expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
    expect(answer.headers.get("X-Robots-Tag")).toBe("noindex");
    expect(await settledLogOf(message.person)).toMatchObject([
      { type: 11, link: link.url, link_id: link.id, user_agent: "Firefox" },
    ]);
  });

  it.each([
    "https://shop.example/caf%C3%A9?q=a+b%20c",
    "https://shop.example/a%2Fb?c=%E9&d=[1]",
    "HTTPS://Shop.Example:443/A/../B/?",
    "http://shop.example",
  ])("redirects to the destination byte for byte: %s", async (url) => {
    const answer = await ask(`/c/${token("click", { ...newMessage(), link: { id: "x", url } })}`);
    expect(answer.headers.get("Location")).toBe(url);
  });

  it.each([
    [
      "https://shop.example/café/日本語?q=é#ü",
      "https://shop.example/caf%C3%A9/%E6%97%A5%E6%9C%AC%E8%AA%9E?q=%C3%A9#%C3%BC",
    ],
    ["https://bücher.example/a b", "https://xn--bcher-kva.example/a%20b"],
  ])("redirects in ASCII to a destination that is no URI, and logs it as it was: %s", async (url, location) => {
    const message = newMessage();
    const answer = await ask(`/c/${token("click", { ...message, link: { id: "x", url } })}`);
    expect(answer.headers.get("Location")).toBe(location);
    expect(await settledLogOf(message.person)).toMatchObject([{ link: url }]);
  });

  it("logs every load", async () => {
    const message = newMessage();
    for (let load = 0; load < 3; load++) await ask(`/c/${token("click", { ...message, link })}`);
    const log = await settledLogOf(message.person);
    expect(log).toHaveLength(3);
    expect(new Set(log.map(({ id }) => id)).size).toBe(3);
  });

  it("answers a forged, cut or foreign token with a 404 page, no redirect, and logs nothing", async () => {
    const message = newMessage();
    const signed = token("click", { ...message, link });
    for (const text of [signed.slice(0, -5), `B${signed.slice(1)}`, token("open", message), ""]) {
      const answer = await ask(`/c/${text}`);
      expect(answer.status).toBe(404);
      expect(answer.headers.get("Location")).toBeNull();
      expect(answer.headers.get("Content-Type")).toMatch(/^text\/html/);
      expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    }
    expect(await settledLogOf(message.person)).toEqual([]);
  });

  it("answers HEAD and prefetches with the redirect, and logs nothing", async () => {
    const message = newMessage();
    const path = `/c/${token("click", { ...message, link })}`;
    for (const init of [{ method: "HEAD" }, { headers: { "Sec-Purpose": "prefetch" } }]) {
      const answer = await ask(path, init);
      expect(answer.status).toBe(302);
      expect(answer.headers.get("Location")).toBe(link.url);
    }
    expect(await settledLogOf(message.person)).toEqual([]);
  });

  it("refuses other methods with the allowed ones in Allow", async () => {
    const answer = await ask(`/c/${token("click", { ...newMessage(), link })}`, { method: "DELETE" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD");
  });

  it("ignores an appended query, and what mail clients append to the token", async () => {
    for (const junk of ["?utm_source=x", ")", ".", "%3E", '"', "/"]) {
      const answer = await ask(`/c/${token("click", { ...newMessage(), link })}${junk}`);
      expect(answer.headers.get("Location")).toBe(link.url);
    }
  });
});
