import { afterEach, describe, expect, it, vi } from "vitest";
import { backoffMs } from "../../src/platform/backoff.ts";

const WITHOUT_JITTER = { firstMs: 1_000, maxMs: 300_000 };

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a backoff", () => {
  it("doubles with each failure, up to its longest delay", () => {
    const delays = [1, 2, 3, 4, 9, 10].map((failures) => backoffMs(WITHOUT_JITTER, failures));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 256_000, 300_000]);
  });

  it("is the first delay before the first failure is counted", () => {
    expect(backoffMs(WITHOUT_JITTER, 0)).toBe(1_000);
  });

  it("stays at its longest delay after thousands of failures", () => {
    expect(backoffMs(WITHOUT_JITTER, 10_000)).toBe(300_000);
  });

  it("is shortened by at most its jitter", () => {
    const withJitter = { ...WITHOUT_JITTER, jitter: 0.5 };
    vi.spyOn(Math, "random").mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValueOnce(1);
    expect([1, 1, 1].map((failures) => backoffMs(withJitter, failures))).toEqual([1_000, 750, 500]);
  });

  it("is a whole number of milliseconds", () => {
    vi.spyOn(Math, "random").mockReturnValueOnce(1 / 3);
    expect(backoffMs({ firstMs: 100, maxMs: 100, jitter: 1 }, 1)).toBe(67);
  });
});
