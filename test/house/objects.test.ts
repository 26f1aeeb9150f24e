import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** How a Durable Object is reached, in whatever way. */
const REACHES = /\.(?:getByName|idFromName|idFromString|newUniqueId|jurisdiction)\(/;

it("reaches every Durable Object by objectNamed, which knows the jurisdiction", () => {
  const files = globSync("src/**/*.{ts,tsx}").filter((file) => REACHES.test(readFileSync(file, "utf8")));
  expect(files).toEqual(["src/config/objects.ts"]);
});
