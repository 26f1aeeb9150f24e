/** What an endpoint is posted: which events, in which order, in which form, and how they are signed. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { accepted, addEndpoint, holdTime, isGenuine, receiver, ring, seqsOf, withoutEndpoints } from "./world.ts";

beforeEach(async () => {
  holdTime();
  await withoutEndpoints();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an event", () => {
  it("is posted once, as GET /v1/events has it, signed as the library of Standard Webhooks verifies", async () => {
    const received = receiver(accepted);
    await logRows({ type: 6 });
    const endpoint = await addEndpoint();
    await logRows(
      { type: 11, link_id: "a", link: "https://shop.example/", user_agent: "a browser" },
      { type: 9, detail: '{"cause":"one_click","formFields":{}}' },
      { type: 100_002, detail: '{"reason":"invalid","who":"Ann"}' },
      { type: 0, detail: '{"retracted":10}' },
    );
    await ring(endpoint);
    await ring(endpoint);
    const { body } = await get("/v1/events");
    const feed = body.data as readonly { readonly at: string }[];
    expect(received.map(({ events }) => events[0])).toEqual(
      ["email.clicked", "email.unsubscribed", "suppression.removed", "email.retracted"].map((type, index) => ({
        type,
        timestamp: feed[index + 1]?.at,
        data: feed[index + 1],
      })),
    );
    for (const post of received) {
      expect(isGenuine(post, endpoint.secret)).toBe(true);
      expect(isGenuine({ ...post, body: `${post.body} ` }, endpoint.secret)).toBe(false);
      expect(post.redirect).toBe("manual");
      expect(post.headers["content-type"]).toBe("application/json");
      // A dot would separate the id from the time in what is signed.
      expect(post.id).toMatch(/^[\w-]+$/);
    }
    expect(new Set(received.map(({ id }) => id)).size).toBe(4);
    expect(seqsOf(received)).toEqual([2, 3, 4, 5]);
  });
});
