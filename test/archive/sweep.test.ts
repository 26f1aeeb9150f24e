/** The sweep of the archive's bucket, as far as its time goes. */
import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { sweepArchive } from "../../src/archive/work.ts";
import { withoutArchive } from "./whole-log.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

it("ends when its time is up, goes on behind it the next time, and begins anew after the last object", async () => {
  await withoutArchive();
  // Of names that are not the archive's: they stay.
  const keys = ["log/v1/a", "log/v1/b", "log/v1/c", "messages/v1/a", "messages/v1/b"];
  for (const key of keys) await env.ARCHIVE.put(key, "");
  let nowMs = Date.now() + 5 * 86_400_000;
  vi.spyOn(Date, "now").mockImplementation(() => nowMs);
  const seen: string[] = [];
  const list = async (options: R2ListOptions) => {
    const page = await env.ARCHIVE.list({ ...options, limit: 2 });
    seen.push(...page.objects.map(({ key }) => key));
    // A page takes a second.
    if (page.objects.length > 0) nowMs += 1_000;
    return page;
  };
  const ARCHIVE = { list } as unknown as R2Bucket;
  const sweep = async (ms: number) => {
    seen.length = 0;
    await sweepArchive({ ...env, ARCHIVE }, nowMs + ms);
    return [...seen];
  };
  expect(await sweep(500)).toEqual(keys.slice(0, 2));
  expect(await sweep(1_500)).toEqual(keys.slice(2));
  expect(await sweep(500)).toEqual([]);
  expect(await sweep(9_000)).toEqual(keys);
  expect(await sweep(500)).toEqual(keys.slice(0, 2));
});
