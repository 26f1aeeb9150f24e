import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { withLock } from "../../../src/cli/deploy/lock.ts";
import { temporaryFolder } from "../command.ts";

const disk = vi.hoisted(() => ({ hasLinks: true }));

/** A disk on which a file is there long before its text. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  const slowly: typeof real.writeFile = async (file, data, options) => {
    await real.writeFile(file, "", options);
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    await real.writeFile(file, data);
  };
  const linked: typeof real.link = async (file, name) => {
    if (disk.hasLinks) return await real.link(file, name);
    throw Object.assign(new Error("no links"), { code: "EPERM" });
  };
  const copied: typeof real.copyFile = async (file, name, mode) => {
    await real.copyFile("/dev/null", name, mode);
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    await real.copyFile(file, name);
  };
  return { ...real, writeFile: slowly, link: linked, copyFile: copied };
});

describe.each([true, false])("on a disk with links (%s)", (hasLinks) => {
  beforeEach(() => {
    disk.hasLinks = hasLinks;
  });

  it("of deploys that begin at the same moment in a folder, one runs and the others are refused", async () => {
    const folder = await temporaryFolder();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const began: number[] = [];
    const others: unknown[] = [];
    const all = Array.from({ length: 20 }, async (_, index) => {
      const work = async () => {
        began.push(index);
        await held;
      };
      await withLock(folder, work).catch((error: unknown) => others.push(error));
      if (others.length === 19) release();
    });
    await Promise.all(all);
    expect(began).toHaveLength(1);
    const names = hasLinks ? `${process.pid}` : `(?:${process.pid}|not known yet)`;
    for (const other of others)
      expect(`${other}`).toMatch(new RegExp(`Another deploy runs in this folder: process ${names}\\.`));
    expect(await readdir(join(folder, ".waxseal"))).toEqual([]);
  });

  it.each([
    ["one that was killed", () => spawnSync(process.execPath, ["--version"]).pid],
    ["one that had this process's id, as in a container", () => process.pid],
  ])("takes over from %s, and leaves no file", async (_what, pidOf) => {
    const folder = await temporaryFolder();
    const pid = pidOf();
    await mkdir(join(folder, ".waxseal"));
    await writeFile(join(folder, ".waxseal", "lock"), `${pid}`);
    expect(await withLock(folder, async () => await readdir(join(folder, ".waxseal")))).toEqual(["lock"]);
    expect(await readdir(join(folder, ".waxseal"))).toEqual([]);
  });
});
