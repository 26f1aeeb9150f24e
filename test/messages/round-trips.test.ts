import { env } from "cloudflare:workers";
import { afterEach, expect, it, vi } from "vitest";
import { aggregateLog } from "../../src/reports/index.ts";
import { logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { UNASKED } from "../reports/policy.ts";

afterEach(() => vi.restoreAllMocks());

it.each([
  "/v1/messages/7/8/trip",
  "/v1/messages?person=trip",
  "/v1/messages?address=trip@mail.example",
])("while nothing is archived, GET %s asks D1 once", async (path) => {
  await env.DB.prepare("INSERT OR IGNORE INTO people (person, address) VALUES ('trip', 'trip@mail.example')").run();
  await logRows({ person: "trip", email: "7", campaign: "8", type: 6 });
  await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
  const statement: D1PreparedStatement = Object.getPrototypeOf(env.DB.prepare("SELECT 1"));
  const asked = [
    vi.spyOn(env.DB, "batch"),
    ...(["first", "all", "run", "raw"] as const).map((name) => vi.spyOn(statement, name)),
  ];
  expect((await get(path)).status).toBe(200);
  expect(asked.map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0, 0, 0]);
});
