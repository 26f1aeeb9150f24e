import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ask, environment, logOf, newMessage, token } from "../worker.ts";

const oneClick = { "List-Unsubscribe": "One-Click" };

function multipart(): FormData {
  const form = new FormData();
  form.set("List-Unsubscribe", "One-Click");
  return form;
}

describe("RFC 8058, one-click unsubscribe", () => {
  it.each([
    ["application/x-www-form-urlencoded", () => new URLSearchParams(oneClick)],
    ["multipart/form-data", multipart],
  ])("§3.2 takes %s, without cookies or credentials, and answers 200 without a redirect", async (_type, body) => {
    const message = newMessage();
    const answer = await ask(`/u/${token("unsubscribe", message)}`, { method: "POST", body: body() });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Location")).toBeNull();
    expect(answer.headers.get("Set-Cookie")).toBeNull();
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
    const log = await logOf(message.person);
    expect(log).toMatchObject([{ type: 9 }]);
    expect(JSON.parse(log[0]?.detail ?? "")).toMatchObject({ cause: "one_click", formFields: {} });
  });

  it("takes the post of a client that calls itself a bot, or nothing at all", async () => {
    for (const userAgent of ["Googlebot/2.1", ""]) {
      const message = newMessage();
      const answer = await ask(`/u/${token("unsubscribe", message)}`, {
        method: "POST",
        body: new URLSearchParams(oneClick),
        headers: { "User-Agent": userAgent },
      });
      expect(answer.status).toBe(200);
      expect(await logOf(message.person)).toHaveLength(1);
    }
  });

  it("takes the value in any case, among other fields, and logs none of them", async () => {
    const message = newMessage();
    const body = new URLSearchParams({ "List-Unsubscribe": "one-click", why: "spam" });
    const answer = await ask(`/u/${token("unsubscribe", message)}`, { method: "POST", body });
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
    const [event] = await logOf(message.person);
    expect(JSON.parse(event?.detail ?? "")).toMatchObject({ cause: "one_click", formFields: {} });
  });

  it("§3.1 a GET on the same address changes nothing", async () => {
    const message = newMessage();
    await ask(`/u/${token("unsubscribe", message)}?List-Unsubscribe=One-Click`);
    expect(await logOf(message.person)).toEqual([]);
  });

  it("asks the mail client to try again when nothing could be stored", async () => {
    const message = newMessage();
    const batch = () => Promise.reject(new Error("D1_ERROR: overloaded"));
    const broken = environment({
      DB: { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database,
    });
    const answer = await ask(
      `/u/${token("unsubscribe", message)}`,
      { method: "POST", body: new URLSearchParams(oneClick) },
      broken,
    );
    expect(answer.status).toBe(503);
    expect(answer.headers.get("Retry-After")).not.toBeNull();
    expect(await logOf(message.person)).toEqual([]);
  });
});
