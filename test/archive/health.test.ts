/** What /healthz and alerts say of the archive. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { ask, environment } from "../worker.ts";
import { archiveAll, oldEvents, withoutArchive } from "./whole-log.ts";

const REFUSING = { ...env.ARCHIVE, head: () => Promise.reject(new Error("R2 is down")) } as unknown as R2Bucket;

async function warnings(replaced: Partial<Env> = {}): Promise<readonly string[]> {
  const answer = await ask("/healthz", {}, environment({ ARCHIVE_AFTER_DAYS: "7", ...replaced }));
  expect(answer.status).toBe(200);
  return (await answer.json<{ warnings: string[] }>()).warnings;
}

beforeEach(withoutArchive);

describe("/healthz", () => {
  it("warns of events that should have moved into the archive two days ago, until they have", async () => {
    await oldEvents(9, { daysAgo: 9, perDay: 3 });
    expect(await warnings()).toEqual([]);
    await oldEvents(9, { daysAgo: 10, perDay: 3 });
    const oldest = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10);
    expect(await warnings()).toEqual([expect.stringContaining(`two days ago, the oldest of ${oldest}:`)]);
    expect(await warnings({ ARCHIVE_AFTER_DAYS: "" })).toEqual([]);
    await archiveAll(3);
    expect(await warnings()).toEqual([]);
  });

  it("warns when R2 does not answer where there is an archive, and does not ask it elsewhere", async () => {
    const down = [expect.stringContaining("R2 does not answer")];
    await oldEvents(4, { daysAgo: 3 });
    expect(await warnings({ ARCHIVE: REFUSING })).toEqual(down);
    expect(await warnings({ ARCHIVE: REFUSING, ARCHIVE_AFTER_DAYS: "" })).toEqual([]);
    await archiveAll(4);
    expect(await warnings({ ARCHIVE: REFUSING, ARCHIVE_AFTER_DAYS: "" })).toEqual(down);
  });
});
