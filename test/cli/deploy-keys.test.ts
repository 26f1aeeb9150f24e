/** The keys of a first deploy. */
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ensureKeysFile, KEYS_FILE, keySourceOf, withSecretsFile } from "../../src/cli/deploy/keys-file.ts";
import { KEYS, temporaryFolder } from "./command.ts";

const API_KEYS = "q7Vd3xLw9Tz2Rk6Yb1Nc8Hs5Jf0Pg4Me=, wxs_9xK2mQ8vT4rLw7Zc3Nb6Yd1Hs5Jf0Pg";

async function deployFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, ".waxseal"));
  return folder;
}

async function makeKeysFile(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  await ensureKeysFile(folder, await keySourceOf(folder, environment), environment);
}

const textOf = (folder: string, file = KEYS_FILE) => readFile(join(folder, file), "utf8");

describe("the keys of a first deploy", () => {
  it("are made once, for their owner alone", async () => {
    const folder = await deployFolder();
    await makeKeysFile(folder, {});
    const made = await textOf(folder);
    expect(made).toMatch(/^TOKEN_KEYS="1:[\w-]{43}"\nAPI_KEYS="wxs_[\w-]+"\n$/);
    expect((await stat(join(folder, KEYS_FILE))).mode & 0o777).toBe(0o600);
    await makeKeysFile(folder, {});
    expect(await textOf(folder)).toBe(made);
  });

  it("are those of the environment, where it has them", async () => {
    const folder = await deployFolder();
    await makeKeysFile(folder, { TOKEN_KEYS: KEYS, API_KEYS, CI: "true" });
    expect(await textOf(folder)).toBe(`TOKEN_KEYS="${KEYS}"\nAPI_KEYS="${API_KEYS}"\n`);
  });

  it("are not made in CI, which has no place to keep them", async () => {
    const folder = await deployFolder();
    await expect(makeKeysFile(folder, { CI: "true" })).rejects.toThrow("makes TOKEN_KEYS and API_KEYS, and CI has no");
    await expect(makeKeysFile(folder, { CI: "1", TOKEN_KEYS: KEYS })).rejects.toThrow("makes API_KEYS, and CI has no");
  });

  it.each([
    [{ TOKEN_KEYS: "2:short" }, "TOKEN_KEYS of the environment: entry 1 has a secret that is not 32 bytes"],
    [{ TOKEN_KEYS: KEYS.replace("1:", "1:dev:") }, "TOKEN_KEYS of the environment: it was made for development."],
    [{ API_KEYS: `${API_KEYS}"` }, "API_KEYS of the environment: a key has a quote"],
    [{ API_KEYS: "short" }, "API_KEYS of the environment: a key can be guessed."],
    [{ API_KEYS: `wxs_dev_${KEYS}` }, "API_KEYS of the environment: it was made for development."],
  ])("are refused when %j gives wrong ones", async (environment, sentence) => {
    await expect(makeKeysFile(await deployFolder(), environment)).rejects.toThrow(sentence);
  });

  it("are not replaced by others of the environment", async () => {
    const folder = await deployFolder();
    await makeKeysFile(folder, {});
    await expect(makeKeysFile(folder, { TOKEN_KEYS: KEYS })).rejects.toThrow("is not that of .waxseal/keys.env");
  });

  it("go up in a file that has no others and is deleted, also when the upload fails", async () => {
    const folder = await deployFolder();
    await makeKeysFile(folder, { TOKEN_KEYS: KEYS, API_KEYS });
    let uploaded = "";
    const upload = withSecretsFile(folder, ["TOKEN_KEYS"], async (file) => {
      uploaded = await textOf(folder, file);
      throw new Error("no network");
    });
    await expect(upload).rejects.toThrow("no network");
    expect(uploaded).toBe(`TOKEN_KEYS="${KEYS}"\n`);
    await expect(textOf(folder, join(".waxseal", "upload.env"))).rejects.toThrow("ENOENT");
  });
});
