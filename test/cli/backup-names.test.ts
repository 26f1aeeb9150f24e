import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { namesIn } from "../../src/cli/backup/names.ts";
import { temporaryFolder } from "./command.ts";

it("a backup finds the buckets in a wrangler.toml of any layout", async () => {
  const folder = await temporaryFolder();
  const toml = `
# Another bucket first, keys in another order, a comment between them.
r2_buckets = [{ bucket_name = 'mine', binding = 'MINE' }, { bucket_name = "a-archive", binding = "ARCHIVE" },
  { jurisdiction = "eu", bucket_name = "a-html", binding = "EMAIL_SOURCES" }]
`;
  await writeFile(join(folder, "wrangler.toml"), toml);
  expect(await namesIn(folder, "--remote")).toEqual({
    config: "wrangler.toml",
    database: "DB",
    emails: { name: "a-html", options: ["--remote", "--jurisdiction", "eu"] },
    archive: { name: "a-archive", options: ["--remote"] },
  });
});

it.each([
  ["wrangler.json", "{", "wrangler.json cannot be read: "],
  ["wrangler.toml", "a = [", "wrangler.toml cannot be read: "],
  ["wrangler.toml", "name = 'other'", "with a bucket EMAIL_SOURCES"],
  ["waxseal.json", '{"name": "a"}', "waxseal.json: name must be 3 to 48"],
])("a %s of %j is no place for a backup, and the reason is said", async (file, text, reason) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, file), text);
  await expect(namesIn(folder, "--remote")).rejects.toThrow(reason);
});
