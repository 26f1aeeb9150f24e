import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkHealth } from "../../src/cli/deploy/steps.ts";

const WELL = { ok: true, parts: { d1: "ok" }, settings: [] };
const UNWELL = { ok: false, parts: { d1: "out of reach" }, settings: [] };

/** Of a Worker that was uploaded now, whose answers are given in turn, the last one again and again. */
async function check(answers: readonly object[]): Promise<void> {
  const left = answers.values();
  vi.stubGlobal("fetch", async () => Response.json(left.next().value ?? answers.at(-1)));
  const work = { folder: "", answers: { name: "waxseal", senderName: "" }, made: [], say: () => undefined };
  const wrangler = { run: () => Promise.reject(new Error("none is needed")) };
  const uploaded = { versionId: "v2", origin: "https://waxseal.example", atMs: Date.now() };
  const checked = checkHealth({ ...work, wrangler }, uploaded, "npx wrangler rollback");
  await Promise.allSettled([checked, vi.advanceTimersByTimeAsync(120_000)]);
  await checked;
}

describe("the check after an upload", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "Date"] }));
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("does not take the answer that was found before it, which the version before may have given", async () => {
    await expect(
      check([
        { ...WELL, ageMs: 9_000 },
        { ...UNWELL, ageMs: 0 },
      ]),
    ).rejects.toThrow("d1: out of reach");
  });

  it("waits for one that began after it, and for a new Worker to become well", async () => {
    await check([
      { ...WELL, ageMs: 9_000 },
      { ...UNWELL, ageMs: 0 },
      { ...WELL, ageMs: 500 },
    ]);
  });
});
