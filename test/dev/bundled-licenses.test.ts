/** Which licences go with the Worker's module. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledLicenses } from "../../src/dev/bundled-licenses.ts";

describe("licences of the packages in the Worker's module", () => {
  const root = mkdtempSync(join(tmpdir(), "waxseal-licenses-"));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  beforeAll(() => {
    for (const [folder, name, license] of [
      ["node_modules/one", "one", "MIT"],
      ["node_modules/one/node_modules/@in/two", "@in/two", "MIT"],
      ["node_modules/three", "three", "Apache-2.0"],
      ["node_modules/four", "four", "None"],
    ] as const)
      put(`${folder}/package.json`, JSON.stringify({ name, version: "1.0.0", license }));
    put("node_modules/one/LICENSE", "licence of one");
    put("node_modules/one/NOTICE.md", "notice of one");
    put("node_modules/one/node_modules/@in/two/LICENCE.txt", "licence of two");
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it("are all of each package's, also of one inside another, and none of others", () => {
    const inputs = ["src/index.ts", "node_modules/one/a.js", "node_modules/one/b.js"];
    expect(bundledLicenses(inputs, root)).toBe("one 1.0.0 (MIT)\n\nlicence of one\n\nnotice of one\n");
    expect(bundledLicenses(["node_modules/one/node_modules/@in/two/dist/a.js"], root)).toBe(
      "@in/two 1.0.0 (MIT)\n\nlicence of two\n",
    );
  });

  it("are the text of the licence that a package names without having it", () => {
    expect(bundledLicenses(["node_modules/three/a.js"], root)).toContain("Apache License");
  });

  it("are not made for a package without one", () => {
    expect(() => bundledLicenses(["node_modules/four/a.js"], root)).toThrow("four 1.0.0 (None) has no licence file");
  });
});
