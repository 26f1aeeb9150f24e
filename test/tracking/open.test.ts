import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { ask, environment, newMessage, settledLogOf, token } from "../worker.ts";

const GIF = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==";
const pixelOf = async (answer: Response) => btoa(String.fromCharCode(...new Uint8Array(await answer.arrayBuffer())));

/** An environment whose gates count the calls to them. */
function countedGates() {
  let calls = 0;
  const getByName = (name: string) => {
    calls++;
    return env.OPENS.getByName(name);
  };
  return { around: environment({ OPENS: { getByName } as unknown as typeof env.OPENS }), calls: () => calls };
}

describe("the pixel", () => {
  it("is a transparent GIF that is never cached, and logs one Opened", async () => {
    const message = newMessage();
    const answer = await ask(`/o/${token("open", message)}.gif`, {
      headers: { "User-Agent": "Thunderbird" },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("image/gif");
    expect(answer.headers.get("Cache-Control")).toContain("no-store");
    expect(await pixelOf(answer)).toBe(GIF);
    const log = await settledLogOf(message.person);
    expect(log).toMatchObject([{ type: 10, user_agent: "Thunderbird" }]);
  });

  it("is the same GIF for a token that is forged, cut, of another use or missing, and logs nothing", async () => {
    const message = newMessage();
    const signed = token("open", message);
    const unsigned = [signed.slice(0, -5), `${signed}A`, token("unsubscribe", message), "", "x".repeat(9_000)];
    for (const text of unsigned) {
      const answer = await ask(`/o/${text}`);
      expect(answer.status).toBe(200);
      expect(await pixelOf(answer)).toBe(GIF);
    }
    expect(await settledLogOf(message.person)).toEqual([]);
  });

  it("logs an open once, however often it is loaded", async () => {
    const message = newMessage();
    for (let load = 0; load < 3; load++) await ask(`/o/${token("open", message)}.gif`);
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });

  it("logs each message's open: another email, person or campaign is another message", async () => {
    const message = newMessage();
    for (const other of [message, { ...message, email: "8" }, { ...message, campaign: "43" }]) {
      await ask(`/o/${token("open", other)}`);
    }
    expect(await settledLogOf(message.person)).toHaveLength(3);
  });

  it("answers HEAD as GET without a body, and logs nothing", async () => {
    const message = newMessage();
    const answer = await ask(`/o/${token("open", message)}.gif`, { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("image/gif");
    expect((await answer.arrayBuffer()).byteLength).toBe(0);
    expect(await settledLogOf(message.person)).toEqual([]);
  });

  it.each([
    ["Sec-Purpose", "prefetch;prerender"],
    ["Purpose", "prefetch"],
    ["X-Moz", "Prefetch"],
  ])("does not log a prefetch (%s: %s)", async (name, value) => {
    const message = newMessage();
    const answer = await ask(`/o/${token("open", message)}.gif`, { headers: { [name]: value } });
    expect(await pixelOf(answer)).toBe(GIF);
    expect(await settledLogOf(message.person)).toEqual([]);
  });

  it("refuses other methods with the allowed ones in Allow", async () => {
    const answer = await ask(`/o/${token("open", newMessage())}.gif`, { method: "POST" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD");
  });

  it("ignores what mail clients append to the token", async () => {
    const message = newMessage();
    await ask(`/o/${token("open", message)}.gif)%3E"`);
    expect(await settledLogOf(message.person)).toMatchObject([{ type: 10 }]);
  });

  it("calls its gate once, whatever is appended to the token, so that the cache stays small", async () => {
    const message = newMessage();
    const { around, calls } = countedGates();
    for (const junk of ["", ".gif", ".gif)", "%3E", `.${"x".repeat(20_000)}`, "?x=1"])
      await ask(`/o/${token("open", message)}${junk}`, {}, around);
    expect(calls()).toBe(1);
  });

  it("calls its gate again only when the gate would record the next one", async () => {
    const path = `/o/${token("open", newMessage())}`;
    const { around, calls } = countedGates();
    const now = vi.spyOn(Date, "now");
    const askAfter = async (seconds: number) => {
      now.mockReturnValue(1_700_000_000_000 + seconds * 1_000);
      await ask(path, {}, around);
    };
    for (const seconds of [0, 9, 10, 20, 79]) await askAfter(seconds);
    expect(calls()).toBe(2);
    await askAfter(80);
    expect(calls()).toBe(3);
    now.mockRestore();
  });

  it("stores 512 characters of a user agent, and no half surrogate pair", async () => {
    const message = newMessage();
    await ask(`/o/${token("open", message)}`, { headers: { "User-Agent": `${"x".repeat(511)}😀` } });
    expect((await settledLogOf(message.person))[0]?.user_agent).toBe(`${"x".repeat(511)}\ufffd`);
  });
});
