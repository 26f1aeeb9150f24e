/** What is kept of the posts that an endpoint was made. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import {
  accepted,
  addEndpoint,
  DAY_MS,
  deliveriesOf,
  failing,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
} from "./world.ts";

prepareEachTest();

describe("deliveries", () => {
  it("are kept for 30 days and the latest 10,000, but for those that wait", async () => {
    receiver(failing(500), accepted);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {});
    await ring(endpoint);
    const count = async () =>
      await runInDurableObject(endpoint.stub, (_instance, { storage }) =>
        Number(storage.sql.exec("SELECT count(*) AS count FROM deliveries").one().count),
      );
    await runInDurableObject(endpoint.stub, (_instance, { storage }) => {
      storage.sql.exec(`WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 10997)
        INSERT INTO deliveries SELECT 2 + value, kind, webhook_id, type, events, first_at, last_at, tries, state,
        status, text, duration_ms, NULL, 0, recorded_at FROM deliveries, n
        WHERE id = 2`);
    });
    await logRows({});
    await ring(endpoint);
    expect(await count()).toBe(10_001);
    expect(await deliveriesOf(endpoint)).toMatchObject([{ id: 11_000, state: "delivered" }, ...Array(49).fill({})]);
    const { body } = await get(`${PATH}/${endpoint.id}/deliveries?state=waiting`);
    expect(body).toMatchObject({ data: [{ id: 1, status: 500 }] });
    pass(31 * DAY_MS);
    await ring(endpoint);
    expect(await count()).toBe(0);
  });

  it("that were accepted are not read for the progress, nor those that wait before each post", async () => {
    receiver(failing(500), accepted);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({});
    await ring(endpoint);
    await logRows(...Array.from({ length: 20 }, () => ({})));
    const rows = await runInDurableObject(endpoint.stub, async (instance, { storage }) => {
      const copy = (state: string, next: string, retrying: number, count: number) =>
        storage.sql.exec(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${count})
          INSERT INTO deliveries (kind, webhook_id, type, events, first_at, last_at, tries, state, text, duration_ms,
          next_at, retrying, recorded_at) SELECT kind, webhook_id, type, events, first_at, last_at, tries, '${state}',
          text, duration_ms, ${next}, ${retrying}, recorded_at FROM deliveries, n WHERE id = 1`);
      copy("delivered", "NULL", 0, 1_000);
      copy("waiting", "next_at + 3600000", 1, 500);
      const cursors: { readonly rowsRead: number }[] = [];
      const exec = storage.sql.exec.bind(storage.sql);
      const counted: typeof storage.sql.exec = (...given) => {
        const cursor = exec(...given);
        cursors.push(cursor);
        return cursor as never;
      };
      Object.defineProperty(storage.sql, "exec", { value: counted, configurable: true });
      const { alarm, progress } = instance as unknown as { alarm(): Promise<void>; progress(): unknown };
      const rowsOf = async (work: () => unknown) => {
        cursors.length = 0;
        await work();
        return cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
      };
      const progressRows = await rowsOf(() => progress.call(instance));
      const alarmRows = await rowsOf(() => alarm.call(instance));
      Object.defineProperty(storage.sql, "exec", { value: exec, configurable: true });
      return { progressRows, alarmRows };
    });
    expect(rows.progressRows).toBeLessThan(1_600);
    expect(rows.alarmRows).toBeLessThan(8_000);
    expect((await deliveriesOf(endpoint)).slice(0, 20)).toMatchObject(Array(20).fill({ state: "delivered" }));
  });

  it("are listed page by page, the newest first", async () => {
    receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    await ring(endpoint);
    const ids: unknown[] = [];
    let query = "?limit=2";
    do {
      const { body } = await get(`${PATH}/${endpoint.id}/deliveries${query}`);
      ids.push(...(body.data as readonly { readonly id: number }[]).map(({ id }) => id));
      query = body.next === undefined ? "" : `?limit=2&cursor=${body.next}`;
    } while (query !== "");
    expect(ids).toEqual([3, 2, 1]);
    const other = await addEndpoint();
    const { next } = (await get(`${PATH}/${endpoint.id}/deliveries?limit=1`)).body;
    expect((await get(`${PATH}/${other.id}/deliveries?cursor=${next}`)).status).toBe(400);
  });
});

describe("what is kept of an answer", () => {
  it.each<[string, (body: string) => string]>([
    ["as it came", (body) => body],
    ["in URLs", (body) => encodeURIComponent(body)],
    ["in escapes", (body) => body.replaceAll("é", "\\u00e9")],
    ["in escaped escapes", (body) => body.replaceAll("é", "\\\\u00e9")],
  ])("holds nothing of a person that it repeats %s", async (_how, repeat) => {
    receiver(({ body }) => new Response(`refused: ${repeat(body)}`, { status: 400 }));
    const endpoint = await addEndpoint();
    const detail = JSON.stringify({ cause: "one_click", formFields: { name: "Renée Curie" } });
    await logRows({ type: 9, person: "renée", detail });
    await ring(endpoint);
    const [{ answer } = { answer: "" }] = await deliveriesOf(endpoint);
    expect(answer).toMatch(/^refused: /);
    expect(answer).not.toMatch(/ren|curie/i);
  });
});
