/** What `waxseal` says where Node is too old for it. */
import { expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { nodeComplaint, SUPPORTED_NODE } from "../../src/cli/node-version.ts";

it.each(["20.19.0", "20.20.1", "22.12.0", "22.21.0", "23.0.0", "24.21.0", "104.0.0"])("runs on Node %s", (version) => {
  expect(nodeComplaint(version)).toBeUndefined();
});

it.each([
  "12.22.12",
  "18.20.8",
  "20.18.3",
  "21.7.3",
  "22.11.0",
])("says in one sentence what is wrong with %s", (version) => {
  expect(nodeComplaint(version)).toBe(
    `waxseal: this is Node ${version}, and Waxseal needs ^20.19.0 || >=22.12.0: get one at https://nodejs.org.`,
  );
});

it("names the versions of package.json", () => {
  expect(SUPPORTED_NODE).toBe(packageJson.engines.node);
});
