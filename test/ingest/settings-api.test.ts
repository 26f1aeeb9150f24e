/** GET /v1/settings: which settings a Worker has. */
import { expect, it } from "vitest";
import { EnvironmentVariables } from "../../src/config/variables.ts";
import { PROVIDERS } from "../../src/delivery/providers/index.ts";
import { ask, environment } from "../worker.ts";

interface Listed {
  readonly name: string;
  readonly set: boolean;
  readonly problem?: string;
}

async function settingsIn(around: Env): Promise<readonly Listed[]> {
  const answer = await ask("/v1/settings", { headers: { Authorization: "Bearer wxs_dev_test" } }, around);
  return (await answer.json<{ data: readonly Listed[] }>()).data;
}

it("names every setting, those of providers too, whether it is set, and what is wrong with it", async () => {
  const found = await settingsIn(
    environment({
      RETENTION_DAYS: "soon",
      SENDER_NAME: " ",
      POSTMARK_CREDENTIALS: "short",
    }),
  );
  const names = found.map(({ name }) => name);
  expect(names).toEqual([
    ...Object.keys(EnvironmentVariables.entries),
    ...[...PROVIDERS.values()].map(({ setting }) => setting.variable),
  ]);
  const of = (name: string) => found.find((each) => each.name === name);
  expect(of("TOKEN_KEYS")).toEqual({ name: "TOKEN_KEYS", set: true });
  expect(of("SENDER_NAME")).toEqual({ name: "SENDER_NAME", set: false });
  expect(of("RETENTION_DAYS")).toEqual({
    name: "RETENTION_DAYS",
    set: true,
    problem: expect.stringMatching(/^RETENTION_DAYS must be/),
  });
  expect(of("POSTMARK_CREDENTIALS")).toEqual({ name: "POSTMARK_CREDENTIALS", set: true, problem: expect.any(String) });
});

it("has the value of none, and is for those who administer", async () => {
  const TOKEN_KEYS = "1:Iuy4o_jRCJUShlqBSxFi2VKCvqFAWyAYMPVb8bnas4c";
  const around = environment({ TOKEN_KEYS, SENDER_NAME: "Ours", ALERT_WEBHOOK: "https://hooks.example/s3cret" });
  const text = JSON.stringify(await settingsIn(around));
  for (const value of [TOKEN_KEYS, "Ours", "s3cret", "wxs_dev_test"]) expect(text).not.toContain(value);
  expect((await ask("/v1/settings")).status).toBe(401);
});
