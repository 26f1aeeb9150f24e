import { describe, expect, it } from "vitest";
import { isRejectedRow, isTransient, retryOnce } from "../../src/platform/errors.ts";

const LOST = new Error("D1_ERROR: Network connection lost.");
const OVERLOADED = new Error("D1_ERROR: D1 DB is overloaded. Requests queued for too long.");
const CONSTRAINT = new Error("D1_ERROR: UNIQUE constraint failed: events.id: SQLITE_CONSTRAINT");

describe("a failure of storage", () => {
  it.each([
    ["a lost connection", LOST, true],
    ["a reset object", new Error("Durable Object reset because its code was updated."), true],
    ["an error that the runtime calls retryable", Object.assign(new Error("x"), { retryable: true }), true],
    ["an overload", OVERLOADED, false],
    ["an overload that is retryable", Object.assign(new Error("x"), { retryable: true, overloaded: true }), false],
    ["a rejected row", CONSTRAINT, false],
    ["another error", new Error("no such table: events"), false],
  ])("%s: is transient or not", (_what, error, expected) => {
    expect(isTransient(error)).toBe(expected);
  });

  it.each([
    ["a constraint", CONSTRAINT, true],
    ["rows that are not JSON", new Error("D1_ERROR: malformed JSON: SQLITE_ERROR"), true],
    ["a text that is too big", new Error("D1_ERROR: string or blob too big: SQLITE_TOOBIG"), true],
    ["a lost connection", LOST, false],
    ["an overload", OVERLOADED, false],
  ])("%s: rejects the row or not", (_what, error, expected) => {
    expect(isRejectedRow(error)).toBe(expected);
  });
});

describe("a retry", () => {
  const failing = (...errors: readonly Error[]) => {
    let calls = 0;
    const work = async () => {
      const error = errors[calls++];
      if (error !== undefined) throw error;
      return calls;
    };
    return { work, calls: () => calls };
  };

  it("is made once after a transient error", async () => {
    expect(await retryOnce(failing(LOST).work)).toBe(2);
  });

  it("is not made after success or another error", async () => {
    expect(await retryOnce(failing().work)).toBe(1);
    const { work, calls } = failing(OVERLOADED);
    await expect(retryOnce(work)).rejects.toBe(OVERLOADED);
    expect(calls()).toBe(1);
  });

  it("rejects with the second error", async () => {
    const { work, calls } = failing(LOST, OVERLOADED);
    await expect(retryOnce(work)).rejects.toBe(OVERLOADED);
    expect(calls()).toBe(2);
  });
});
