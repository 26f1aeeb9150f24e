import { expect, it } from "vitest";
import { allEnded } from "../../src/cli/wrangler/all-ended.ts";

it("a failure is thrown when the others have ended, too", async () => {
  let end: () => void = () => undefined;
  let hasEnded = false;
  const other = new Promise<void>((resolve) => {
    end = resolve;
  }).then(() => {
    hasEnded = true;
  });
  const all = allEnded([Promise.reject(new Error("out of reach")), other]).catch((error: unknown) => [error, hasEnded]);
  setImmediate(end);
  expect(await all).toEqual([new Error("out of reach"), true]);
  expect(await allEnded([Promise.resolve(1), Promise.resolve("a")])).toEqual([1, "a"]);
});
