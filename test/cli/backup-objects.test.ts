import { expect, it } from "vitest";
import { eachOf } from "../../src/cli/backup/objects.ts";
import type { Target } from "../../src/cli/backup/target.ts";

it.each([
  ["--local", 1],
  ["--remote", 4],
] as const)("copies of %s run at most %d at a time: wrangler locks this machine's files", async (...of) => {
  const [place, most] = of;
  let [running, highest] = [0, 0];
  const target = { place } as Target;
  await eachOf(target, ["a", "b", "c", "d", "e", "f"], async () => {
    running += 1;
    highest = Math.max(highest, running);
    await Promise.resolve();
    running -= 1;
  });
  expect(highest).toBe(most);
});
