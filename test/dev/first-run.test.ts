import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { completeDevVars } from "../../src/cli/dev-vars.ts";
import { firstRun } from "../../src/dev/first-run.ts";
import { hasDevelopmentKey, parseTokenKeys } from "../../src/tokens/keys.ts";
import { freshCheckout, temporaryFolder } from "../cli/command.ts";

/** What a first run said. */
async function firstRunIn(root: string): Promise<readonly string[]> {
  const said: string[] = [];
  await firstRun({ root, say: (sentence) => said.push(sentence) });
  return said;
}

describe("the first run", () => {
  it("makes private development secrets and migrates the local database; a second finds nothing to do", async () => {
    const root = await freshCheckout();
    const first = await firstRunIn(root);
    expect(first).toEqual([
      "Made development secrets in .dev.vars: ENVIRONMENT, TOKEN_KEYS, API_KEYS.",
      "Migrated the local database.",
    ]);
    const path = join(root, ".dev.vars");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, "utf8");
    const made = parseEnv(text);
    const keys = parseTokenKeys(made.TOKEN_KEYS ?? "");
    expect(keys.ok && hasDevelopmentKey(keys.value)).toBe(true);
    expect(made).toMatchObject({
      ENVIRONMENT: "development",
      API_KEYS: expect.stringMatching(/^wxs_dev_[\w-]{43}$/),
    });

    const second = await firstRunIn(root);
    expect(second).toEqual([]);
    expect(await readFile(path, "utf8")).toBe(text);

    // A migration of a later version; and one that cannot be applied.
    const more = "CREATE TABLE more (id INTEGER PRIMARY KEY);\n";
    await writeFile(join(root, "migrations", "9999_more.sql"), more);
    expect(await firstRunIn(root)).toEqual(["Migrated the local database."]);
    const [wrong, other] = [join(root, "migrations", "99999_wrong.sql"), "CREATE TABLE other (id INTEGER);\n"];
    await writeFile(wrong, other + more);
    await expect(firstRunIn(root)).rejects.toMatchObject({
      message: "The local database could not be migrated.",
      cause: { message: expect.stringContaining("already exists") },
    });
    // It has left nothing behind.
    await writeFile(wrong, other);
    expect(await firstRunIn(root)).toEqual(["Migrated the local database."]);

    // A migration that the database has had, and that is another one since.
    await writeFile(join(root, "migrations", "9999_more.sql"), more.replace("id", "number"));
    await expect(firstRunIn(root)).rejects.toThrow(/made by other migrations.*Delete .*state, .*start again/);
  });

  it("adds what a .dev.vars lacks and leaves the rest as it is", async () => {
    const path = join(await temporaryFolder(), ".dev.vars");
    const mine = `API_KEYS='mine' # my own\nexport SENDER_NAME="Maison Lavande"`;
    await writeFile(path, mine);
    expect(await completeDevVars(path)).toEqual(["ENVIRONMENT", "TOKEN_KEYS"]);
    const text = await readFile(path, "utf8");
    expect(text.startsWith(`${mine}\nENVIRONMENT="development"\nTOKEN_KEYS="1:dev:`)).toBe(true);
    expect(parseEnv(text)).toMatchObject({ API_KEYS: "mine", SENDER_NAME: "Maison Lavande" });
  });
});
