/** Endpoints whose D1 was restored to an earlier time, and what has been recorded since. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { databaseAround, surround } from "../faults/broken.ts";
import { logRows } from "../marketo/marketo.ts";
import { post } from "../outcomes.ts";
import { environment } from "../worker.ts";
import { accepted, addEndpoint, isGenuine, PATH, pass, prepareEachTest, receiver, ring, seqsOf } from "./world.ts";

prepareEachTest();

describe("a log that was restored to an earlier time", () => {
  const restoreTo = async (seq: number) => {
    await env.DB.batch([
      env.DB.prepare("DELETE FROM events WHERE seq > ?").bind(seq),
      env.DB.prepare("UPDATE sqlite_sequence SET seq = ? WHERE name = 'events'").bind(seq),
    ]);
    pass(1);
  };

  it.each([
    [{}, [3, 4, 5, 6, 7]],
    [{ events: ["email.clicked"] }, [4, 7]],
  ])("and has grown past an endpoint %j is posted from where it is new", async (filter, seqs) => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint(filter);
    await logRows({}, {}, {}, {}, {});
    await ring(endpoint);
    await restoreTo(2);
    received.length = 0;
    await logRows({}, { type: 11, link_id: "a" }, {}, {}, { type: 11, link_id: "a" });
    await ring(endpoint);
    expect(seqsOf(received)).toEqual(seqs);
    await ring(endpoint);
    expect(received).toHaveLength(seqs.length);
  });

  it("gives no event the id that another one had", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    const at = Date.UTC(2026, 10, 20);
    for (const people of [
      ["anna", "robert"],
      ["robert", "anna"],
    ]) {
      await restoreTo(0);
      await ring(endpoint);
      await logRows(...people.map((person) => ({ type: 6, at, person })));
      await ring(endpoint);
    }
    expect(seqsOf(received)).toEqual([1, 2, 1, 2]);
    expect(new Set(received.map(({ id }) => id)).size).toBe(4);
  });
});

describe("an endpoint whose row comes back", () => {
  async function withoutRow(id: string): Promise<() => Promise<unknown>> {
    const row = await env.DB.prepare("DELETE FROM webhook_endpoints WHERE id = ? RETURNING *").bind(id).first();
    const columns = Object.keys(row ?? {});
    const query = `INSERT INTO webhook_endpoints (${columns}) VALUES (${columns.map(() => "?")})`;
    return () =>
      env.DB.prepare(query)
        .bind(...Object.values(row ?? {}))
        .run();
  }

  it("posts again once its secret is rotated, and keeps the new secret", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    const comeBack = await withoutRow(endpoint.id);
    await ring(endpoint);
    await comeBack();
    const { status, body } = await post(`${PATH}/${endpoint.id}/rotate`, undefined);
    expect(status).toBe(200);
    await ring(endpoint);
    await logRows({});
    await ring(endpoint);
    expect(received).toHaveLength(1);
    expect(received.every((message) => isGenuine(message, String(body.secret)))).toBe(true);
  });

  it("does so when its alarm had just found no row", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    const comeBack = await withoutRow(endpoint.id);
    let rotated: Awaited<ReturnType<typeof post>> | undefined;
    const DB = databaseAround(async (work) => {
      const found = await work();
      if (rotated === undefined) {
        await comeBack();
        rotated = await post(`${PATH}/${endpoint.id}/rotate`, undefined);
      }
      return found;
    });
    await surround(env.WEBHOOKS.getByName(endpoint.id), environment({ DB }));
    await logRows({});
    await ring(endpoint);
    await ring(endpoint);
    expect(received).toHaveLength(1);
    expect(received.every((message) => isGenuine(message, String(rotated?.body.secret)))).toBe(true);
  });
});
