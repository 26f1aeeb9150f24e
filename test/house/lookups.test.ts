import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** A condition on the id itself, for which there is no index. */
const BY_ID = /(?:events\.id\)?\} (?:=|<|>|IN)|isOneOf\(events\.id,)/;

it("looks events up by unique_id, which has an index, and never by id", () => {
  const files = globSync("src/**/*.ts");
  expect(files.filter((file) => readFileSync(file, "utf8").includes("events.uniqueId"))).not.toEqual([]);
  expect(files.filter((file) => BY_ID.test(readFileSync(file, "utf8")))).toEqual([]);
});
