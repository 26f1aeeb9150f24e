import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { KEYS, spawnWaxseal, temporaryFolder, waxseal } from "./command.ts";

describe("waxseal keys", () => {
  it("new makes a key that TOKEN_KEYS takes, another each time, and says how to set it", async () => {
    const [one, two] = await Promise.all([spawnWaxseal(["keys", "new"]), waxseal(["keys", "new"])]);
    expect(one.code).toBe(0);
    expect(parseTokenKeys(one.stdout)).toMatchObject({
      ok: true,
      value: { all: [{ id: 1, development: false }] },
    });
    expect(one.stdout).not.toBe(two.stdout);
    expect(one.stderr).toContain("wrangler secret put TOKEN_KEYS");
  });

  it("rotate puts a new key in front of the present ones", async () => {
    const { code, stdout } = await waxseal(["keys", "rotate"], { env: { TOKEN_KEYS: KEYS } });
    expect(code).toBe(0);
    expect(stdout.trim().endsWith(`,${KEYS}`)).toBe(true);
    expect(parseTokenKeys(stdout)).toMatchObject({
      ok: true,
      value: { all: [{ id: 2, development: false }, { id: 1 }] },
    });
  });

  it("rotate --write changes TOKEN_KEYS in .dev.vars and nothing else there", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, ".dev.vars");
    const development = KEYS.replace("1:", "1:dev:");
    await writeFile(path, `# mine\r\nSENDER_NAME='Maison $& Lavande'\nTOKEN_KEYS=${development}\nAPI_KEYS="x"`);
    const { code, stdout } = await waxseal(["keys", "rotate", "--write"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const written = await readFile(path, "utf8");
    const [, keys = ""] = /^TOKEN_KEYS="(.*)"$/m.exec(written) ?? [];
    expect(written.replace(keys, "KEYS")).toBe(
      `# mine\r\nSENDER_NAME='Maison $& Lavande'\nTOKEN_KEYS="KEYS"\nAPI_KEYS="x"`,
    );
    expect(keys).toMatch(new RegExp(`^2:dev:[\\w-]{43},${development}$`));
  });

  it("rotate --write changes those of .dev.vars, whatever the environment says", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, ".dev.vars");
    const development = KEYS.replace("1:", "7:dev:");
    await writeFile(path, `TOKEN_KEYS="${development}"\n`);
    await waxseal(["keys", "rotate", "--write"], { cwd: folder, env: { TOKEN_KEYS: KEYS } });
    expect(await readFile(path, "utf8")).toMatch(new RegExp(`^TOKEN_KEYS="8:dev:[\\w-]{43},${development}"\n$`));
  });

  it("rotate makes a developer's key of a developer's, and does not advise to set it in production", async () => {
    const development = KEYS.replace("1:", "1:dev:");
    const { stdout, stderr } = await waxseal(["keys", "rotate", "--keys", development]);
    expect(stdout).toMatch(/^2:dev:/);
    expect(stderr).not.toContain("wrangler");
    expect((await waxseal(["keys", "rotate", "--keys", KEYS])).stderr).toContain("wrangler secret put");
  });

  it("list shows ids and what each key does, and no secret", async () => {
    const { code, stdout } = await waxseal(["keys", "list", "--keys", `${KEYS.replace("1:", "9:dev:")},${KEYS}`]);
    expect(code).toBe(0);
    const text = Buffer.from(stdout, "latin1").toString();
    expect(text).toMatch(/9 .*development.*signs and verifies/);
    expect(text).toMatch(/1 .*production.*verifies/);
    expect(text).not.toContain("AQEB");
  });

  it("api makes a key for /v1 that is not of development", async () => {
    expect((await waxseal(["keys", "api"])).stdout).toMatch(/^wxs_[\w-]{43}\n$/);
  });

  it.each([
    ["there are no keys to rotate", ["rotate"], "--keys"],
    ["there are none to list", ["list"], "waxseal keys new"],
    ["there are none in .dev.vars", ["rotate", "--write"], "no TOKEN_KEYS in .dev.vars"],
    ["it is to rotate two at once", ["rotate", "--write", "--keys", KEYS], "cannot be used with"],
    ["the keys are none", ["list", "--keys", `${KEYS},x`], "of the option are unusable: entry 2"],
    ["a command is none", ["make"], "unknown command 'make'"],
  ])("ends with code 2 and says what to do when %s", async (_when, args, words) => {
    const { code, stdout, stderr } = await waxseal(["keys", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("AQEB");
  });
});
