import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deployWorld, SENDER } from "./world.ts";

describe("waxseal deploy", () => {
  it("makes all that is missing, in one command, and upgrades by the same one", async () => {
    const { deploy, call, cloudflare, folder } = await deployWorld({ asksForAccount: true });
    const first = await deploy(...SENDER);
    expect(first, first.stderr).toMatchObject({ code: 0 });
    expect(first.stdout).toContain("https://waxseal.acme.workers.dev");
    const { account } = cloudflare;
    expect((await call("/healthz")).status).toBe(200);
    expect(account.databases.map(({ name }) => name)).toEqual(["waxseal"]);
    expect([...account.buckets].toSorted()).toEqual(["waxseal-email-sources", "waxseal-extracts"]);
    expect(account.versions[0]?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
    expect(account.queues.map(({ queue_name, consumers }) => [queue_name, consumers.length])).toEqual([
      ["waxseal-events", 1],
      ["waxseal-dead-letters", 1],
      ["waxseal-email-events", 1],
    ]);
    expect((await stat(join(folder, ".waxseal", "keys.env"))).mode & 0o777).toBe(0o600);

    cloudflare.forget();
    const keys = await readFile(join(folder, ".waxseal", "keys.env"), "utf8");
    const second = await deploy();
    expect(second, second.stderr).toMatchObject({ code: 0 });
    expect(second.stdout).toContain(`npx wrangler rollback ${account.versions[0]?.id} --name waxseal`);
    expect(account.versions).toHaveLength(2);
    expect(account.versions[1]?.secrets.toSorted()).toEqual(["API_KEYS", "TOKEN_KEYS"]);
    expect(cloudflare.calls.filter((made) => /^POST .*\/(database|buckets|queues)$/.test(made))).toEqual([]);
    expect(await readFile(join(folder, ".waxseal", "keys.env"), "utf8")).toBe(keys);
    expect((await call("/healthz")).status).toBe(200);
  });
});
