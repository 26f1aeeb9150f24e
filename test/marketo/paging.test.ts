/** Reading by paging tokens: each activity once, whatever is recorded meanwhile. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { runs } from "../fuzz.ts";
import { environment } from "../worker.ts";
import { call, type Envelope, emptyLog, logInTime, logRows, newClient } from "./marketo.ts";

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
    const rows = fc.array(
      fc.record({ type: fc.constantFrom(6, 7, 10), at: fc.constantFrom(0, SINCE_MS - 1, SINCE_MS) }),
      {
        maxLength: 8,
      },
    );
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
          const ids = await logRows(...arriving);
          expected.push(...ids.filter((_, index) => arriving[index]?.type !== 7));
          await read(batchSize);
        }
        while (await read(3)) expect(got.length).toBeLessThanOrEqual(expected.length);
        expect(got).toEqual(expected);
      }),
      runs(15),
    );
  });

  it("reads past gaps in the seqs, and past long stretches that its filter excludes", async () => {
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

const rowsOf = ({ result }: Envelope) => result?.map(({ marketoGUID, activityDate }) => [marketoGUID, activityDate]);

describe("where a reader begins", () => {
  it("is what was recorded at the requested time or later, whenever it happened", async () => {
    await logInTime({ at: SINCE_MS - 1 });
    const [wanted] = await logInTime({ at: SINCE_MS });
    const [late] = await logRows({ at: SINCE_MS - 1 });
    await env.DB.prepare("UPDATE events SET seq = seq + 1000000 WHERE id = ?1").bind(late).run();
    const ids = async (since: string) => (await page(await begin(since))).result?.map(({ marketoGUID }) => marketoGUID);
    expect(await ids(SINCE)).toEqual([wanted]);
    expect((await ids("2025-12-31"))?.length).toBe(2);
  });

  it("may be a time to come: what is recorded before it is left out", async () => {
    const next = await begin(new Date(Date.now() + 3_600_000).toISOString());
    await logRows({});
    expect((await page(next)).result).toEqual([]);
  });
});

describe("a page with MARKETO_HOLD_SECONDS", () => {
  it("has what was recorded that long ago and looked at for bots, so that a mark within it comes once", async () => {
    const held = environment({ MARKETO_HOLD_SECONDS: "60" });
    const read = async (next: string) => {
      const path = `/rest/v1/activities.json?activityTypeIds=11&nextPageToken=${next}`;
      const { result = [], nextPageToken = "", moreResult } = await call(token, path, {}, held);
      expect(moreResult).toBe(false);
      return { guids: result.map(({ marketoGUID }) => marketoGUID), next: nextPageToken };
    };
    const pass = (ms: number) => env.DB.prepare("UPDATE events SET recorded_at = recorded_at - ?1").bind(ms).run();
    const look = () => env.DB.prepare("UPDATE aggregated SET seq = (SELECT max(seq) FROM events)").run();
    const [first, second] = await logRows({ type: 11 }, { type: 11 });
    await look();
    let page = await read(await begin());
    expect(page.guids).toEqual([]);
    await pass(30_000);
    await env.DB.prepare(`REPLACE INTO events SELECT NULL, id, type, at, recorded_at + 30000, email, person, campaign,
      send, link_id, link, user_agent, 1, bot_pattern, detail FROM events WHERE id = ?1`)
      .bind(first)
      .run();
    await pass(31_000);
    page = await read(page.next);
    expect(page.guids).toEqual([second]);
    await pass(31_000);
    page = await read(page.next);
    expect(page.guids).toEqual([]);
    await look();
    page = await read(page.next);
    expect(page.guids).toEqual([first]);
    // Where nobody looks for bots for ten minutes, it is the time alone.
    const [unseen] = await logRows({ type: 11 });
    await pass(630_000);
    page = await read(page.next);
    expect(page.guids).toEqual([]);
    await pass(31_000);
    page = await read(page.next);
    expect(page.guids).toEqual([unseen]);
    // Set anew, it does not lead back.
    const [third] = await logRows({ type: 11 });
    await look();
    const { nextPageToken = "" } = await call(
      token,
      `/rest/v1/activities.json?activityTypeIds=11&nextPageToken=${page.next}`,
    );
    page = await read(nextPageToken);
    await pass(61_000);
    expect([...page.guids, ...(await read(page.next)).guids]).not.toContain(third);
  });
});

describe("the date of an activity", () => {
  const HOUR_MS = 3_600_000;
  const asDate = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

  it("is when it happened, or when it was recorded, if that was more than an hour later, or earlier", async () => {
    const told = [SINCE_MS - HOUR_MS, SINCE_MS - HOUR_MS - 1, SINCE_MS, SINCE_MS + 1_000, SINCE_MS + HOUR_MS];
    const ids = await logRows(...told.map((at) => ({ at })));
    await env.DB.prepare("UPDATE events SET recorded_at = ?1").bind(SINCE_MS).run();
    const read = await page(await begin());
    const [, late, , , early] = ids;
    const dates = [SINCE_MS - HOUR_MS, SINCE_MS, SINCE_MS, SINCE_MS, SINCE_MS].map(asDate);
    expect(rowsOf(read)).toEqual(ids.map((id, index) => [id, dates[index]]));
    const occurred = (read.result ?? []).flatMap(({ marketoGUID, attributes }) => {
      const [told] = (attributes as { name: string; value: unknown }[]).filter(({ name }) => name === "Occurred At");
      return told === undefined ? [] : [[marketoGUID, told.value]];
    });
    expect(occurred).toEqual([
      [late, asDate(SINCE_MS - HOUR_MS - 1)],
      [early, asDate(SINCE_MS + HOUR_MS)],
    ]);
  });

  it("is never later than the recording, so that who stops at a later one and returns misses none", async () => {
    const row = fc.record({
      lag: fc.integer({ min: -7_200, max: 7_200 }),
      recorded: fc.integer({ min: 0, max: 7_200 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 0, max: 7_200 }),
        async (some, stop) => {
          await emptyLog();
          const rows = some.toSorted((one, other) => one.recorded - other.recorded);
          const ids = await logRows(...rows.map(({ recorded, lag }) => ({ at: SINCE_MS + (recorded - lag) * 1_000 })));
          const columns = JSON.stringify(rows.map(({ recorded }, index) => [ids[index], SINCE_MS + recorded * 1_000]));
          await env.DB.prepare(
            "UPDATE events SET recorded_at = value->>1 FROM json_each(?1) WHERE events.id = value->>0",
          )
            .bind(columns)
            .run();
          const until = asDate(SINCE_MS + stop * 1_000);
          const first = rowsOf(await page(await begin())) ?? [];
          const end = first.findIndex(([, date]) => String(date) > until);
          const second = rowsOf(await page(await begin(until))) ?? [];
          const got = new Set([...(end < 0 ? first : first.slice(0, end)), ...second].map(([id]) => id));
          expect(got).toEqual(new Set(ids));
        },
      ),
      runs(15),
    );
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
