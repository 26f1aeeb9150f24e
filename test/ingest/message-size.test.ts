import { describe, expect, it } from "vitest";
import { faultyQueue } from "../faults/broken.ts";
import { ask, environment, newMessage, token } from "../worker.ts";

describe("a queue message", () => {
  it("stays under 128,000 bytes, whatever the alphabet of the links", async () => {
    const sizes: number[] = [];
    const around = environment({
      EVENTS: faultyQueue(
        () => undefined,
        async (body) => {
          sizes.push(new TextEncoder().encode(body).length);
        },
      ),
    });
    const link = { id: "l", url: `https://shop.example/${"日".repeat(2_000)}` };
    await Promise.all(
      Array.from({ length: 60 }, () => ask(`/c/${token("click", { ...newMessage(), link })}`, {}, around)),
    );
    expect(Math.max(...sizes)).toBeLessThan(128_000);
  });
});
