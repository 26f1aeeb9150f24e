import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSuppressionFile } from "../../src/cli/suppression-file.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "waxseal-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string | Uint8Array) {
  const file = join(folder, "old.csv");
  await writeFile(file, content);
  return await readSuppressionFile(file);
}

const MARIE = { address: "marie@mail.example" };

describe("a file of suppressions", () => {
  it.each<[string, string | Uint8Array]>([
    ["commas", "email,name\nmarie@mail.example,Marie\n"],
    ["semicolons and a quoted header", '"Email";"name"\r\n"marie@mail.example";"Marie; Anne"\r\n'],
    ["tabs", "name\tADDRESS\n\n\tmarie@mail.example\n"],
    ["an empty line in front", "\naddress;cause\nmarie@mail.example;\n"],
    ["a mark", "\uFEFFemail\nmarie@mail.example\n"],
    ["quotes inside of a cell", 'email,name\nmarie@mail.example,a "b" c\n'],
    ["fewer cells than its header", "email,cause,at\nmarie@mail.example\n"],
    ["UTF-16, as spreadsheets write it", Buffer.from("\uFEFFname\temail\r\n\tmarie@mail.example\r\n", "utf16le")],
  ])("may have %s", async (_, content) => {
    expect(await read(content)).toMatchObject({ entries: [{ entry: MARIE }], wrong: [] });
  });

  it("may have the line ends of several files", async () => {
    const { entries } = await read("email,at\r\n1@mail.example,\n2@mail.example,\r3@mail.example,\r\n");
    expect(entries.map(({ entry }) => entry.address)).toEqual(["1@mail.example", "2@mail.example", "3@mail.example"]);
  });

  it("has the line of each row, and of those with a cell too many", async () => {
    expect(await read('email,cause\n\nmarie@mail.example,"two\nlines"\na@mail.example,b,c\n')).toEqual({
      entries: [{ line: 4, entry: { ...MARIE, cause: "two\nlines" } }],
      wrong: [{ line: 5, why: "has 3 cells, and the first row 2" }],
    });
  });

  it.each<[string, string | Uint8Array]>([
    ["No column is called address or person.", "name\nmarie\n"],
    ["No column is called address or person.", ""],
    ["Two columns are taken for the address: email, Address.", "email,Address\na@mail.example,b@mail.example\n"],
    ["The file is not in UTF-8", Buffer.from("email\nb\u00fccher@mail.example\n", "latin1")],
    ["This is no CSV file", 'email\n"a@mail.example\nb@mail.example\n'],
  ])("is refused as a whole (%s): %j", async (words, content) => {
    await expect(read(content)).rejects.toThrow(words);
  });
});
