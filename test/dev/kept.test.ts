import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { kept } from "../../src/dev/kept.ts";
import { temporaryFolder } from "../cli/command.ts";

/** Two files, and what is made of them: how often it has been made. */
async function twoFiles() {
  const root = await temporaryFolder();
  const made = { times: 0 };
  const inputs = ["one.txt", "two.txt"];
  const write = async (name: string, text: string, at?: Date) => {
    await writeFile(join(root, name), text);
    if (at !== undefined) await utimes(join(root, name), at, at);
  };
  for (const name of inputs) await write(name, name);
  const make = async (meanwhile?: () => Promise<void>) => {
    const { text } = await kept(
      "counted",
      async () => {
        await meanwhile?.();
        return { text: `made ${++made.times}`, inputs };
      },
      { root, folder: join(root, "cache") },
    );
    return text;
  };
  return { make, write };
}

it("what is made of files is made once, and again when one of them or a setting has another content", async () => {
  const { make, write } = await twoFiles();
  expect([await make(), await make()]).toEqual(["made 1", "made 1"]);
  await write("two.txt", "two.txt");
  expect(await make()).toBe("made 1");
  await write("two.txt", "three");
  expect([await make(), await make()]).toEqual(["made 2", "made 2"]);
  await write("wrangler.toml", "minify = true");
  expect([await make(), await make()]).toEqual(["made 3", "made 3"]);
});

it.each(["one.txt", "package.json"])("what is made while %s changes is not kept", async (name) => {
  const { make, write } = await twoFiles();
  const later = new Date(Date.now() + 60_000);
  expect([await make(() => write(name, "another", later)), await make()]).toEqual(["made 1", "made 2"]);
});
