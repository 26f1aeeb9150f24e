import { describe, expect, it } from "vitest";
import type { Message } from "../../src/tokens/claims.ts";
import { ask, newMessage, settledLogOf, token } from "../worker.ts";

describe("a token that was percent-encoded in transit (the same URL by RFC 3986 §2.3)", () => {
  const encoded = (text: string) => `%${text.charCodeAt(0).toString(16)}${text.slice(1)}`;

  it("redirects to its destination by GET and by HEAD", async () => {
    const path = `/c/${encoded(token("click", { ...newMessage(), link: { id: "l", url: "https://shop.example/" } }))}`;
    expect((await ask(path, { method: "HEAD" })).status).toBe(302);
    expect((await ask(path)).status).toBe(302);
  });

  it("is logged as an open", async () => {
    const message = newMessage();
    await ask(`/o/${encoded(token("open", message))}.gif`);
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });
});

describe("a token without the - or _ at its end, which mail clients leave out of links", () => {
  const link = { id: "l", url: "https://shop.example/" };

  function cutToken(use: "open" | "click" | "unsubscribe"): { readonly message: Message; readonly cut: string } {
    for (let tries = 0; ; tries++) {
      // Only one length in three can end so.
      const message = { ...newMessage(), campaign: "c".repeat(1 + (tries % 3)) };
      const signed = token(use, { ...message, link });
      if (/[-_]$/.test(signed)) return { message, cut: signed.slice(0, -1) };
    }
  }

  it("redirects to its destination and is logged", async () => {
    const { message, cut } = cutToken("click");
    expect((await ask(`/c/${cut}`)).headers.get("Location")).toBe(link.url);
    expect(await settledLogOf(message.person)).toMatchObject([{ type: 11, link: link.url }]);
  });

  it("is logged as an open", async () => {
    const { message, cut } = cutToken("open");
    await ask(`/o/${cut}`);
    expect(await settledLogOf(message.person)).toMatchObject([{ type: 10 }]);
  });

  it("unsubscribes", async () => {
    const { message, cut } = cutToken("unsubscribe");
    const answer = await ask(`/u/${cut}`, { method: "POST", body: new URLSearchParams({ action: "unsubscribe" }) });
    expect(answer.status).toBe(200);
    expect(await settledLogOf(message.person)).toMatchObject([{ type: 9 }]);
  });
});
