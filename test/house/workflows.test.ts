/** The workflows of .github/, which run elsewhere: what they run is here, and what they use is pinned. */
import { execFile } from "node:child_process";
import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { projectRoot } from "../../src/dev/project.ts";
import { npmEnvironment } from "../cli/command.ts";
import { faultOf } from "../docs/commands.ts";

const FOLDER = join(projectRoot, ".github", "workflows");
const read = (...path: readonly string[]) => readFileSync(join(projectRoot, ...path), "utf8");
const workflows = readdirSync(FOLDER).map((name) => ({ name, text: read(".github", "workflows", name) }));

/** Of each step, on a line of its own. */
const commandsOf = (text: string) => [...text.matchAll(/^ +(?:- )?run: (.+)$/gm)].map(([, command = ""]) => command);

describe.each(workflows)("$name", ({ text }) => {
  it("may only read what it is not granted by a job, and ends in time", () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m);
    expect(text).toMatch(/^ {4}timeout-minutes: \d+$/m);
  });

  it("names each action by a commit, with its version beside it", () => {
    const actions = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = ""]) => action);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("runs what is there", async () => {
    const commands = commandsOf(text);
    expect(commands).toContain(".ci/run");
    for (const command of commands.map((each) => each.split(" "))) {
      const [program = "", ...args] = command;
      if (program.startsWith(".")) accessSync(join(projectRoot, program), constants.X_OK);
      else expect(["npm", "test"], command.join(" ")).toContain(program);
      expect(await faultOf([program, ...args])).toBeUndefined();
    }
  });
});

it(".ci/run runs scripts of package.json", () => {
  const [, suites = ""] = /^suites=\((.*)\)$/m.exec(read(".ci", "run")) ?? [];
  const added = [...read(".ci", "run").matchAll(/suites\+=\((.*)\)/g)].map(([, name = ""]) => name);
  const named = [...suites.split(" "), ...added, "test"];
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(Object.keys(manifest.scripts)).toContain(name);
});

describe("release.yml", () => {
  const release = read(".github", "workflows", "release.yml");
  const [check = ""] = commandsOf(release).filter((command) => command.startsWith("test "));

  it("publishes from a tag, with the identity that npm's provenance needs, and without a token", () => {
    expect(release).toMatch(/^on:\n {2}push:\n {4}tags: /m);
    expect(release).toMatch(/^ {4}permissions:\n {6}contents: read\n {6}id-token: write$/m);
    expect(release).not.toMatch(/secrets\.|NODE_AUTH_TOKEN/);
    expect(commandsOf(release)).toContainEqual(expect.stringMatching(/^npm install --global npm@\d+\.\d+\.\d+$/));
    expect(commandsOf(release).at(-1)).toMatch(/^npm publish --provenance --access public /);
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
    expect(manifest.repository.url).toMatch(/^git\+https:\/\/github\.com\/[\w-]+\/[\w-]+\.git$/);
    expect("private" in manifest).toBe(false);
  });

  it.each([
    ["is package.json's version", manifest.version, true],
    ["is another one", `${manifest.version}-beta.1`, false],
  ])("when the tag %s", async (_what, version, passes) => {
    const env = { ...npmEnvironment(), GITHUB_REF_NAME: `v${version}` };
    const ended = promisify(execFile)("bash", ["-eo", "pipefail", "-c", check], { cwd: projectRoot, env });
    expect(await ended.then(() => true).catch(({ code }) => code !== 1)).toBe(passes);
  });
});
