/** What is in the packed file, and what is installed of it. */
import { execFile } from "node:child_process";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { run, tool } from "./strangers.ts";

const MOST_INSTALLED_BYTES = 15e6;
const MOST_PACKED_BYTES = 2e6;

describe("the packed file", () => {
  it("has what is built, with types, and neither sources nor tests nor secrets", async () => {
    const { stdout } = await promisify(execFile)("tar", ["-tf", inject("packageFile")]);
    const files = stdout.trimEnd().split("\n");
    const others = files.filter((file) => !file.startsWith("package/dist/"));
    expect(others.toSorted()).toEqual(["package/LICENSE", "package/README.md", "package/package.json"]);
    expect(files.filter((file) => /\.map$|\.tsx?$(?<!\.d\.ts)|\.dev\.vars|\/test\//.test(file))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(
        ["waxseal.d.ts", "client/index.d.ts", "worker/index.js", "worker/wrangler.json", "worker/licenses.txt"].map(
          (file) => `package/dist/${file}`,
        ),
      ),
    );
  });

  it("is small, and small when it is installed", () => {
    const root = join(inject("installedIn"), "node_modules");
    const files = globSync("**/*", { cwd: root }).map((file) => statSync(join(root, file)));
    const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
    console.log(`packed ${statSync(inject("packageFile")).size} bytes, installed ${bytes} bytes`);
    expect(statSync(inject("packageFile")).size).toBeLessThan(MOST_PACKED_BYTES);
    expect(bytes).toBeLessThan(MOST_INSTALLED_BYTES);
  });

  it("names no package that only the Worker needs", () => {
    const root = join(inject("installedIn"), "node_modules", "waxseal", "package.json");
    const { dependencies } = JSON.parse(readFileSync(root, "utf8"));
    expect(["hono", "drizzle-orm", "isbot", "wrangler"].filter((name) => name in dependencies)).toEqual([]);
  });

  it("is clean for publint", async () => {
    const { code, stdout } = await run(tool("publint"), ["run", inject("packageFile"), "--strict"]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("All good!");
  });

  it("is clean for arethetypeswrong, as a package of ES modules", async () => {
    const args = [inject("packageFile"), "--profile", "esm-only", "--no-emoji", "--no-color"];
    const { code, stdout } = await run(tool("attw"), args);
    expect(code, stdout).toBe(0);
  });
});
