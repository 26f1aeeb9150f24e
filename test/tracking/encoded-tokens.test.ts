import { describe, expect, it } from "vitest";
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
