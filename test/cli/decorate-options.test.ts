/** Options of `waxseal decorate` for all links, and for mail of no list. */
import { expect, it } from "vitest";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { KEYS, waxseal } from "./command.ts";

const FLAGS = ["--email", "1", "--person", "7", "--campaign", "2", "--origin", "https://t.example.com", "--keys", KEYS];

it("fills variables, and names one that is missing", async () => {
  const input = Buffer.from("<p>Dear {{name}} {{name}}</p>");
  const { stdout } = await waxseal(["decorate", "-", ...FLAGS, "--variable", "name=<Marie>=1"], { input });
  expect(stdout).toContain("<p>Dear &lt;Marie&gt;=1 &lt;Marie&gt;=1</p>");
  const refused = await waxseal(["decorate", "-", ...FLAGS, "--variable", "first=Marie"], { input });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--variable name is missing") });
});

it("adds parameters to links, and leaves the unsubscribe headers out of mail of no list", async () => {
  const input = Buffer.from('<a href="https://a.example/?b=1">a</a><a href="https://a.example/?b=2">a</a>');
  const flags = [...FLAGS, "--utm", "source=a=b", "--utm", "medium=email", "--unsubscribe", "none"];
  const { stdout, stderr } = await waxseal(["decorate", "-", ...flags, "--personal-parameter", "b"], { input });
  const ADDED = "utm_source=a%3Db&utm_medium=email";
  const keys = parseTokenKeys(KEYS);
  const links = [...stdout.matchAll(/\/c\/([\w-]+)/g)].map(([, token = ""]) => {
    const claims = keys.ok && verifyToken(keys.value, "click", token);
    return claims !== false && claims.ok ? claims.value.link : undefined;
  });
  expect(links.map((link) => link?.url)).toEqual([1, 2].map((b) => `https://a.example/?b=${b}&${ADDED}`));
  expect(stderr).not.toContain("List-Unsubscribe");
  for (const [wrong, said] of [
    ["source", "name=value"],
    ["sources=a", "--utm sources is none of source, medium"],
  ] as const) {
    const refused = await waxseal(["decorate", "-", ...FLAGS, "--utm", wrong], { input });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  }
});
