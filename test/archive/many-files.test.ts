/** Events that lie in many files are read of several at a time, and never of more than Workers may. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { archivedRows } from "../../src/archive/read.ts";
import { archiveAll, oldEvents } from "./whole-log.ts";

it("six files are read at a time, and the rows come in the order of the log", async () => {
  await oldEvents(17, { perDay: 2 });
  expect(await archiveAll(2)).toBe(8);
  let [reading, most] = [0, 0];
  const ARCHIVE = new Proxy(env.ARCHIVE, {
    get: (real, name: "get" | "head") => {
      if (name !== "get") return real[name].bind(real);
      return async (key: string) => {
        most = Math.max(most, ++reading);
        const object = await real.get(key);
        reading--;
        return object;
      };
    },
  });
  const seqs = Array.from({ length: 16 }, (_, index) => index + 1);
  const { rows, from } = await archivedRows({ ...env, ARCHIVE }, seqs);
  expect(rows.map(([seq]) => seq)).toEqual(seqs);
  expect({ files: from.length, most }).toEqual({ files: 8, most: 6 });
});
