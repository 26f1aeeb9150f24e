/** Reading by paging tokens: each activity once, whatever is recorded meanwhile. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { runs } from "../fuzz.ts";
import { environment } from "../worker.ts";
import { call, type Envelope, emptyLog, logRows, newClient } from "./marketo.ts";

const SINCE = "2026-01-01T00:00:00Z";
const SINCE_MS = Date.parse(SINCE);

/** No limit of calls. */
let patient: Env;
let token = "";

beforeEach(async () => {
  patient = environment({ API_CALLS: { limit: async () => ({ success: true }) } });
  await emptyLog();
  token = (await newClient()).token;
});

async function begin(since = SINCE): Promise<string> {
  const path = `/rest/v1/activities/pagingtoken.json?sinceDatetime=${since}`;
  return (await call(token, path, {}, patient)).nextPageToken ?? "";
}

async function page(nextPageToken: string, batchSize = 300, bearer = token): Promise<Envelope> {
  const path = `/rest/v1/activities.json?activityTypeIds=6,10&batchSize=${batchSize}&nextPageToken=${nextPageToken}`;
  return await call(bearer, path, {}, patient);
}

describe("a reader that follows nextPageToken", () => {
  it("gets each activity exactly once while events arrive, late ones included, and when it reads again", async () => {
    const rows = fc.array(fc.record({ type: fc.constantFrom(6, 7, 10), late: fc.boolean(), before: fc.boolean() }), {
      maxLength: 8,
    });
    const reading = fc.record({ arriving: rows, batchSize: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { minLength: 1, maxLength: 12 }), async (readings) => {
        await emptyLog();
        let next = await begin();
        const expected: string[] = [];
        const got: unknown[] = [];
        const read = async (batchSize: number) => {
          const answer = await page(next, batchSize);
          expect(answer.success).toBe(true);
          got.push(...(answer.result ?? []).map(({ marketoGUID }) => marketoGUID));
          next = answer.nextPageToken ?? "";
          return answer.moreResult;
        };
        for (const { arriving, batchSize } of readings) {
          const at = ({ late, before }: { late: boolean; before: boolean }) =>
            before ? SINCE_MS - 1 : SINCE_MS + (late ? 0 : 1_000_000);
          const ids = await logRows(...arriving.map((row) => ({ type: row.type, at: at(row) })));
          expected.push(...ids.filter((_, index) => arriving[index]?.type !== 7 && !arriving[index]?.before));
          await read(batchSize);
        }
        while (await read(3)) expect(got.length).toBeLessThanOrEqual(expected.length);
        expect(got).toEqual(expected);
      }),
      runs(15),
    );
  });

  it("reads past gaps in the seqs, and past long ranges that its filter excludes", async () => {
    await env.DB.prepare("UPDATE sqlite_sequence SET seq = 120000 WHERE name = 'events'").run();
    const [id] = await logRows({ type: 10 });
    await env.DB.prepare("UPDATE events SET seq = 170000 WHERE id = ?1").bind(id).run();
    let answer = await page(await begin());
    const empty: boolean[] = [];
    while (answer.moreResult === true && empty.length < 10) {
      empty.push(answer.result?.length === 0);
      answer = await page(answer.nextPageToken ?? "");
    }
    expect(empty).toEqual([true, true, true]);
    expect(answer.result?.map(({ marketoGUID }) => marketoGUID)).toEqual([id]);
  });

  it("keeps its position when the newest rows are erased, and gets what follows them", async () => {
    await logRows({}, {}, {});
    const { nextPageToken = "" } = await page(await begin());
    await env.DB.prepare("DELETE FROM events").run();
    const between = await page(nextPageToken);
    const [id] = await logRows({});
    const answer = await page(between.nextPageToken ?? "");
    expect(answer.result?.map(({ marketoGUID }) => marketoGUID)).toEqual([id]);
  });
});

describe("where a reader begins", () => {
  it("is the first block of the log that holds the requested time", async () => {
    const [old] = await logRows({ at: SINCE_MS - 1 });
    const [wanted] = await logRows({ at: SINCE_MS });
    await env.DB.batch([
      env.DB.prepare("UPDATE events SET seq = 9999 WHERE id = ?1").bind(old),
      env.DB.prepare("UPDATE events SET seq = 10000 WHERE id = ?1").bind(wanted),
      env.DB.prepare("INSERT INTO blocks (block, earliest, latest) VALUES (0, ?1, ?1), (1, ?2, ?2)").bind(
        SINCE_MS - 1,
        SINCE_MS,
      ),
      env.DB.prepare("UPDATE aggregated SET seq = 10000"),
    ]);
    expect((await page(await begin())).result?.map(({ marketoGUID }) => marketoGUID)).toEqual([wanted]);
    expect((await page(await begin("2025-12-31"))).result?.length).toBe(2);
  });

  it("is the end of the aggregated log when no block holds the time", async () => {
    const [old, fresh] = await logRows({ at: SINCE_MS - 1 }, { at: SINCE_MS });
    await env.DB.batch([
      env.DB.prepare("UPDATE events SET seq = 5 WHERE id = ?1").bind(old),
      env.DB.prepare("UPDATE events SET seq = 6 WHERE id = ?1").bind(fresh),
      env.DB.prepare("INSERT INTO blocks (block, earliest, latest) VALUES (0, ?1, ?1)").bind(SINCE_MS - 1),
      env.DB.prepare("UPDATE aggregated SET seq = 5"),
    ]);
    expect((await page(await begin())).result?.map(({ marketoGUID }) => marketoGUID)).toEqual([fresh]);
  });
});

describe("a paging token", () => {
  const code = ({ errors }: Envelope) => errors?.map(({ code }) => code).join();

  it("is refused with any one bit of it changed", async () => {
    await logRows({});
    const next = await begin();
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (let at = 0; at < next.length; at++) {
      const changed = alphabet[alphabet.indexOf(next[at] ?? "") ^ (1 << (at % 6))];
      const answer = await page(`${next.slice(0, at)}${changed}${next.slice(at + 1)}`);
      expect(code(answer)).toBe("1001");
    }
  });

  it("is refused when it was given to another client", async () => {
    const other = await newClient();
    expect(code(await page(await begin(), 300, other.token))).toBe("1001");
  });

  it("is not accepted as an access token, nor an access token as a paging token", async () => {
    const next = await begin();
    expect(code(await page(token))).toBe("1001");
    expect(code(await call(next, "/rest/v1/activities/types.json"))).toBe("601");
  });

  it("survives a rotation of keys, as long as the key that signed it is there", async () => {
    const [id] = await logRows({});
    const [two = "", one = ""] = (env.TOKEN_KEYS ?? "").split(",");
    const next = await begin();
    const path = `/rest/v1/activities.json?activityTypeIds=6&nextPageToken=${next}`;
    const rotated = environment({ TOKEN_KEYS: `${one},${two}` });
    const answer = await call(token, path, {}, rotated);
    expect(answer.result?.map(({ marketoGUID }) => marketoGUID)).toEqual([id]);
  });
});
