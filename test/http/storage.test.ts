/** What handlers ask the storage: its failure is a value inside, and an answer at the edge. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, askStorage, orApiError, orStorageUnavailable } from "../../src/http/errors.ts";
import { ok, refused } from "../../src/platform/result.ts";

const NOT_FOUND = { status: 404, code: "not_found", message: "There is none." } as const;
const UNAVAILABLE = {
  status: 503,
  code: "storage_unavailable",
  message: "It could not be read; try again in a moment.",
};
const failing = (error: Error) => () => Promise.reject(error);

afterEach(() => {
  vi.restoreAllMocks();
});

describe("what the storage is asked", () => {
  it("resolves to what it answers", async () => {
    expect(await askStorage("It could not be read", async () => 7)).toEqual(ok(7));
    expect(await orStorageUnavailable("It could not be read", async () => 7)).toBe(7);
  });

  it("is a failure of the status 503 when it rejects, and the log has why", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    expect(await askStorage("It could not be read", failing(new Error("D1_ERROR: overloaded")))).toEqual(
      refused(UNAVAILABLE),
    );
    expect(log).toHaveBeenCalledOnce();
    await expect(
      orStorageUnavailable("It could not be read", failing(new Error("D1_ERROR: overloaded"))),
    ).rejects.toMatchObject({ failure: UNAVAILABLE });
  });

  it("lets no answer pass that was thrown inside: what is refused there is a value", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    expect(await askStorage("It could not be read", failing(new ApiError(NOT_FOUND)))).toEqual(refused(UNAVAILABLE));
    const answered = async () =>
      orApiError(await orStorageUnavailable("It could not be read", async () => refused(NOT_FOUND)));
    await expect(answered()).rejects.toMatchObject({ failure: NOT_FOUND });
  });
});
