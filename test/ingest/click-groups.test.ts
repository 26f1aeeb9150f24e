import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { rowOf } from "../../src/events/row.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { clickGroupOf, type RowGroup } from "../../src/ingest/row-group.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { faultyDatabase, inTurn } from "../faults/broken.ts";
import { emptyAll, erase, rowsOf } from "../privacy/people-world.ts";
import { marking } from "../reports/policy.ts";
import { ask, environment, logOf, newMessage } from "../worker.ts";
import { deliver as deliverBodies } from "./deliver.ts";

beforeEach(emptyAll);

const KEY = { Authorization: "Bearer wxs_dev_test" };

/** A group of clicks of these people, each on a link of its own, as an isolate makes it. */
function clicksOf(people: readonly string[]): RowGroup {
  const rows = people.map((person, index) =>
    rowOf({
      type: "clicked",
      id: "",
      atMs: Date.now(),
      message: { email: "7", person, campaign: "42" },
      link: { id: `l${index}`, url: `https://shop.example/${index}` },
      visitor: { userAgent: "x" },
    }),
  );
  return clickGroupOf(rows, crypto.randomUUID());
}

const deliver = async (groups: readonly RowGroup[], around: Env = env) =>
  (await deliverBodies(groups.map(bodyOf), around)).acknowledged;

const linksOf = async (person: string) => (await logOf(person)).map(({ link_id }) => link_id);

describe("clicks that share a queue message", () => {
  it("are in the log once, however often the message comes, beside others and twice in one batch", async () => {
    const { person } = newMessage();
    const [once, twice, again] = [clicksOf([person, person]), clicksOf([person, person]), clicksOf([person, person])];
    await deliver([once]);
    expect(await deliver([once, twice, again, twice])).toEqual(["m0", "m1", "m2", "m3"]);
    await deliver([again, once]);
    expect(await linksOf(person)).toEqual(["l0", "l1", "l0", "l1", "l0", "l1"]);
  });

  it("are in the log once when D1 commits and the answer is lost, whether it or the queue retries", async () => {
    const { person } = newMessage();
    const group = clicksOf([person, person, person]);
    const losing = (...then: ("overloaded" | undefined)[]) =>
      environment({ DB: faultyDatabase(inTurn(["commits and loses the connection", ...then])) });
    expect(await deliver([group], losing("overloaded"))).toEqual([]);
    expect(await deliver([group], losing(undefined, undefined))).toEqual(["m0"]);
    expect(await linksOf(person)).toEqual(["l0", "l1", "l2"]);
  });

  it("have ids of their own in the feed", async () => {
    const { person } = newMessage();
    await deliver([clicksOf([person, person])]);
    const { data } = await (await ask(`/v1/events?person=${person}`, { headers: KEY })).json<{
      data: readonly { readonly id: string }[];
    }>();
    expect(new Set(data.map(({ id }) => id)).size).toBe(2);
  });

  it("cost a written row each, and one for the message", async () => {
    const { person } = newMessage();
    const written = async (group: RowGroup) => {
      let rows = 0;
      const counted = new Proxy(env.DB, {
        get: (real, name: keyof D1Database) =>
          name !== "prepare"
            ? real[name]
            : (query: string) => ({
                bind: (...values: unknown[]) => ({
                  run: async () => {
                    const result = await real
                      .prepare(query)
                      .bind(...values)
                      .run();
                    rows += result.meta.rows_written;
                    return result;
                  },
                }),
              }),
      });
      await insertGroups(environment({ DB: counted }), [group]);
      return rows;
    };
    const alone = await written(clicksOf([person]));
    expect(await written(clicksOf(Array<string>(40).fill(person)))).toBe(alone + 39);
  });

  it.each([
    "mark",
    "filter",
  ] as const)("come once when it comes again after one was erased and a bot's were to %s", async (method) => {
    const [bot, erased, other] = [newMessage().person, newMessage().person, newMessage().person];
    const group = clicksOf([bot, bot, erased, bot, other]);
    const policy = marking({ proximity: method });
    await deliver([group]);
    await aggregateLog(env, policy, Number.POSITIVE_INFINITY);
    const marked = (await logOf(bot)).filter(({ is_bot }) => is_bot === 1);
    expect(marked).toHaveLength(method === "mark" ? 3 : 0);
    await erase({ person: erased });
    const before = await rowsOf("SELECT * FROM events ORDER BY seq");
    expect(before.length).toBe(5);
    await deliver([group]);
    expect(await rowsOf("SELECT * FROM events ORDER BY seq")).toEqual(before);
  });

  it("come once when it comes again after the first of them was erased", async () => {
    const [erased, other] = [newMessage().person, newMessage().person];
    const group = clicksOf([erased, other]);
    await deliver([group]);
    await erase({ person: erased });
    await deliver([group]);
    expect(await linksOf(erased)).toEqual([]);
    expect(await linksOf(other)).toEqual(["l1"]);
  });
});
