import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkHealth, type Deploy, migrate } from "../../src/cli/deploy/steps.ts";

const HEALTHY = { ok: true, parts: { d1: "ok" }, settings: [] };
const UNHEALTHY = { ok: false, parts: { d1: "out of reach" }, settings: [] };

/** /healthz answers in turn, the last one again and again; undefined: nothing does. */
function answerHealth(answers: readonly (object | undefined)[]) {
  const left = [...answers];
  const ask = vi.fn(async () => {
    const answer = left.length > 1 ? left.shift() : left[0];
    if (answer === undefined) throw new TypeError("fetch failed");
    return Response.json(answer);
  });
  vi.stubGlobal("fetch", ask);
  return ask;
}

function workOf(more: Partial<Deploy>): Deploy {
  const wrangler = { run: () => Promise.reject(new Error("none is needed")) };
  const answers = { name: "waxseal", senderName: "" };
  return { folder: "", answers, made: [], say: () => undefined, wrangler, wranglerHere: wrangler, ...more };
}

async function ended<Answer>(work: Promise<Answer>): Promise<Answer> {
  await Promise.allSettled([work, vi.advanceTimersByTimeAsync(120_000)]);
  return await work;
}

/** Checks a Worker that was uploaded now, and returns how often it was asked. */
async function check(answers: readonly object[]): Promise<number> {
  const ask = answerHealth(answers);
  const uploaded = { versionId: "v2", origin: "https://waxseal.example", atMs: Date.now() };
  await ended(checkHealth(workOf({}), uploaded, "npx wrangler rollback"));
  return ask.mock.calls.length;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "Date"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the check after an upload", () => {
  it("does not take the answer that was found before it, which the version before may have given", async () => {
    await expect(
      check([
        { ...HEALTHY, ageMs: 9_000 },
        { ...UNHEALTHY, ageMs: 0 },
      ]),
    ).rejects.toThrow("d1: out of reach");
  });

  it("waits for one that began after it, and for a new Worker to become healthy", async () => {
    const asked = await check([
      { ...HEALTHY, ageMs: 9_000 },
      { ...UNHEALTHY, ageMs: 0 },
      { ...HEALTHY, ageMs: 500 },
    ]);
    expect(asked).toBe(3);
  });
});

/** Of a version that runs at that address; what is said. */
async function migrated(answers: readonly (object | undefined)[], origin?: string): Promise<string> {
  answerHealth(answers);
  const said: string[] = [];
  const work = workOf({
    say: (sentence) => void said.push(sentence),
    answers: { name: "waxseal", senderName: "", ...(origin === undefined ? {} : { origin }) },
    wranglerHere: { run: async () => ({ stdout: "Migrations to be applied:", entries: [] }) },
  });
  await ended(migrate(work, { versionId: "v1", bindings: [] }));
  return said.join("\n");
}

describe("the version that runs while its database is migrated", () => {
  const ORIGIN = "https://waxseal.example";
  const NOW = { ...HEALTHY, ageMs: 0 };

  it("is asked before and after, and one lost call denies nothing", async () => {
    expect(await migrated([undefined, NOW], ORIGIN)).not.toContain("Not checked");
    await expect(migrated([NOW, { ...UNHEALTHY, ageMs: 0 }], ORIGIN)).rejects.toThrow(
      "The version that runs is not healthy with the migrated database: d1: out of reach.",
    );
  });

  it("is said not to be checked where that is so, and why", async () => {
    const says = (why: string) => expect.stringContaining(`healthy with the new tables. ${why}`);
    expect(await migrated([NOW])).toEqual(says("Its address is not known here."));
    expect(await migrated([undefined], ORIGIN)).toEqual(says("It could not be asked: fetch failed."));
    expect(await migrated([{ ...UNHEALTHY, ageMs: 0 }], ORIGIN)).toEqual(
      says("It was not healthy before: d1: out of reach."),
    );
  });
});
