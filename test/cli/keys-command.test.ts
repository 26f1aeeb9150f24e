import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseTokenKeys } from "../../src/token/keys.ts";
import { KEYS, temporaryFolder, waxseal } from "./command.ts";

describe("waxseal keys", () => {
  it("new makes a key that TOKEN_KEYS takes, another each time, and says how to set it", async () => {
    const [one, two] = await Promise.all([waxseal(["keys", "new"]), waxseal(["keys", "new"])]);
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
    await writeFile(
      path,
      `# mine\nSENDER_NAME='Maison $& Lavande'\nTOKEN_KEYS=${development}\nAPI_KEYS="x"\n`,
    );
    const { code, stdout } = await waxseal(["keys", "rotate", "--write"], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const written = await readFile(path, "utf8");
    const [, keys = ""] = /^TOKEN_KEYS="(.*)"$/m.exec(written) ?? [];
    expect(written.replace(keys, "KEYS")).toBe(
      `# mine\nSENDER_NAME='Maison $& Lavande'\nTOKEN_KEYS="KEYS"\nAPI_KEYS="x"\n`,
    );
    expect(keys).toMatch(new RegExp(`^2:dev:[\\w-]{43},${development}$`));
  });

  it("rotate --write makes a .dev.vars that only its owner reads", async () => {
    const folder = await temporaryFolder();
    await waxseal(["keys", "rotate", "--write", "--keys", KEYS], { cwd: folder });
    expect((await stat(join(folder, ".dev.vars"))).mode & 0o777).toBe(0o600);
  });

  it("list shows ids and what each key does, and no secret", async () => {
    const { code, stdout } = await waxseal([
      "keys",
      "list",
      "--keys",
      `${KEYS.replace("1:", "9:dev:")},${KEYS}`,
    ]);
    expect(code).toBe(0);
    const text = Buffer.from(stdout, "latin1").toString();
    expect(text).toMatch(/9 .*development.*seals and opens/);
    expect(text).toMatch(/1 .*production.*opens/);
    expect(text).not.toContain("AQEB");
  });

  it("api makes a key for /v1 that is not of development", async () => {
    expect((await waxseal(["keys", "api"])).stdout).toMatch(/^wxs_[\w-]{43}\n$/);
    expect((await waxseal(["keys", "api", "--development"])).stdout).toMatch(/^wxs_dev_[\w-]{43}\n$/);
  });

  it("ends with code 2 when there are no keys to rotate, or an id is none", async () => {
    expect(await waxseal(["keys", "rotate"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no token keys"),
    });
    expect(await waxseal(["keys", "new", "--id", "256"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("1 to 255"),
    });
  });
});
