/** Several opens of one message in D1: a human open wins over a bot's, in any order and any number. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowOf } from "../../src/events/row.ts";
import { insertRows } from "../../src/ingest/insert.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { runs } from "../fuzz.ts";
import { newMessage } from "../worker.ts";

interface Open {
  readonly atMs: number;
  readonly isBot: boolean;
}

const M1 = { atMs: 1_000, isBot: true };
const P2 = { atMs: 2_000, isBot: false };
const P3 = { atMs: 3_000, isBot: false };

const idOf = ({ person }: Message) => `o-${person}`;

function row(message: Message, { atMs, isBot }: Open): string {
  const visitor = { userAgent: `agent at ${atMs}`, botPattern: isBot ? "a machine" : undefined };
  return rowOf({ type: "opened", id: idOf(message), atMs, message, visitor });
}

async function told(message: Message, ...batches: readonly (readonly Open[])[]) {
  for (const opens of batches) {
    await insertRows(
      env.DB,
      opens.map((open) => row(message, open)),
    );
  }
  return await standing(message);
}

async function standing(message: Message) {
  const { results } = await env.DB.prepare(
    "SELECT seq, at, user_agent AS userAgent, is_bot AS isBot, bot_pattern AS pattern, detail FROM events WHERE id = ?",
  )
    .bind(idOf(message))
    .all<{
      seq: number;
      at: number;
      userAgent: string;
      isBot: number;
      pattern: string | null;
      detail: string | null;
    }>();
  expect(results).toHaveLength(1);
  const [{ detail, ...rest } = { seq: 0, at: 0, userAgent: "", isBot: 0, pattern: null, detail: null }] =
    results;
  return { ...rest, detail: detail === null ? null : (JSON.parse(detail) as unknown) };
}

/** As aggregation does when it finds that the row's open was a bot's. */
async function reclassify(message: Message): Promise<void> {
  await env.DB.prepare(
    `UPDATE events SET is_bot = 1, bot_pattern = 'a burst', detail = json_object('judged', json_array(at))
    WHERE id = ?`,
  )
    .bind(idOf(message))
    .run();
}

describe("opens of one message in D1", () => {
  it("are one row: a machine's gives way to a person's, which stands at the log's end then", async () => {
    const message = newMessage();
    const before = await told(message, [M1]);
    await insertRows(env.DB, [row(newMessage(), P2)]);
    const after = await told(message, [P2]);
    expect(after).toMatchObject({
      at: 2_000,
      userAgent: "agent at 2000",
      isBot: 0,
      pattern: null,
      detail: null,
    });
    expect(after.seq).toBeGreaterThan(before.seq + 1);
  });

  it("do not change, nor move, when a machine's comes after a person's, or anything comes again", async () => {
    const message = newMessage();
    const before = await told(message, [P2]);
    expect(await told(message, [M1], [P2], [M1, P2], [P2, M1])).toEqual(before);
  });

  it("let a person's later one stand by, the first that came later", async () => {
    const message = newMessage();
    const before = await told(message, [P2]);
    const later = { at: 3_000, userAgent: "agent at 3000" };
    expect(await told(message, [P3], [{ atMs: 4_000, isBot: false }])).toEqual({
      ...before,
      detail: { later },
    });
  });

  it("are not a machine's again because the queue delivers again what turned out to be one's", async () => {
    const message = newMessage();
    await told(message, [P2]);
    await reclassify(message);
    expect(await told(message, [P2])).toMatchObject({ at: 2_000, isBot: 1, detail: { judged: [2_000] } });
    expect(await told(message, [P3])).toMatchObject({ at: 3_000, isBot: 0, detail: { judged: [2_000] } });
    expect(await told(message, [P2], [P3])).toMatchObject({
      at: 3_000,
      isBot: 0,
      detail: { judged: [2_000] },
    });
  });

  it("end the same way in whatever batches, order and number they come", async () => {
    const open = fc.record({ atMs: fc.integer({ min: 1, max: 20 }), isBot: fc.boolean() });
    const batches = fc.array(fc.array(open, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(batches, async (sent) => {
        const message = newMessage();
        const end = await told(message, ...sent);
        const all = sent.flat();
        const isByPerson = all.some(({ isBot }) => !isBot);
        expect(end.isBot).toBe(isByPerson ? 0 : 1);
        expect(all).toContainEqual({ atMs: end.at, isBot: !isByPerson });
        expect(end.userAgent).toBe(`agent at ${end.at}`);
        expect(await told(message, ...sent)).toMatchObject({
          at: end.at,
          isBot: end.isBot,
          seq: end.seq,
        });
      }),
      { numRuns: runs(60) },
    );
  });
});
