/** Several opens of one message in D1: a person's replaces a bot's, in any order and any number. */
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

const BOT_1 = { atMs: 1_000, isBot: true };
const PERSON_2 = { atMs: 2_000, isBot: false };
const PERSON_3 = { atMs: 3_000, isBot: false };

const idOf = ({ person }: Message) => `o-${person}`;

function row(message: Message, { atMs, isBot }: Open): string {
  const visitor = { userAgent: `agent at ${atMs}`, botPattern: isBot ? "a bot" : undefined };
  return rowOf({ type: "opened", id: idOf(message), atMs, message, visitor });
}

async function insertedOpens(message: Message, ...batches: readonly (readonly Open[])[]) {
  for (const opens of batches) {
    await insertRows(
      env.DB,
      opens.map((open) => row(message, open)),
    );
  }
  return await storedOpen(message);
}

async function storedOpen(message: Message) {
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
  const [{ detail, ...rest } = { seq: 0, at: 0, userAgent: "", isBot: 0, pattern: null, detail: null }] = results;
  return { ...rest, detail: detail === null ? null : (JSON.parse(detail) as unknown) };
}

/** Reclassifies the stored open as a bot's, as the aggregation does when it finds a burst. */
async function reclassify(message: Message): Promise<void> {
  await env.DB.prepare(
    `UPDATE events SET is_bot = 1, bot_pattern = 'a burst', detail = json_object('reclassified', json_array(at))
    WHERE id = ?`,
  )
    .bind(idOf(message))
    .run();
}

describe("opens of one message in D1", () => {
  it("are one row: a person's replaces a bot's, at the end of the log", async () => {
    const message = newMessage();
    const before = await insertedOpens(message, [BOT_1]);
    await insertRows(env.DB, [row(newMessage(), PERSON_2)]);
    const after = await insertedOpens(message, [PERSON_2]);
    expect(after).toMatchObject({
      at: 2_000,
      userAgent: "agent at 2000",
      isBot: 0,
      pattern: null,
      detail: null,
    });
    expect(after.seq).toBeGreaterThan(before.seq + 1);
  });

  it("stay as they are when a bot's follows a person's, or any is delivered again", async () => {
    const message = newMessage();
    const before = await insertedOpens(message, [PERSON_2]);
    expect(await insertedOpens(message, [BOT_1], [PERSON_2], [BOT_1, PERSON_2], [PERSON_2, BOT_1])).toEqual(before);
  });

  it("keep a person's later one as the candidate, the first that arrives", async () => {
    const message = newMessage();
    const before = await insertedOpens(message, [PERSON_2]);
    const later = { at: 3_000, userAgent: "agent at 3000" };
    expect(await insertedOpens(message, [PERSON_3], [{ atMs: 4_000, isBot: false }])).toEqual({
      ...before,
      detail: { later },
    });
  });

  it("stay reclassified as a bot's when the queue delivers them again", async () => {
    const message = newMessage();
    await insertedOpens(message, [PERSON_2]);
    await reclassify(message);
    expect(await insertedOpens(message, [PERSON_2])).toMatchObject({
      at: 2_000,
      isBot: 1,
      detail: { reclassified: [2_000] },
    });
    expect(await insertedOpens(message, [PERSON_3])).toMatchObject({
      at: 3_000,
      isBot: 0,
      detail: { reclassified: [2_000] },
    });
    expect(await insertedOpens(message, [PERSON_2], [PERSON_3])).toMatchObject({
      at: 3_000,
      isBot: 0,
      detail: { reclassified: [2_000] },
    });
  });

  it("end the same in whatever batches, order and number they arrive", async () => {
    const open = fc.record({ atMs: fc.integer({ min: 1, max: 20 }), isBot: fc.boolean() });
    const batches = fc.array(fc.array(open, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(batches, async (sent) => {
        const message = newMessage();
        const end = await insertedOpens(message, ...sent);
        const all = sent.flat();
        const isByPerson = all.some(({ isBot }) => !isBot);
        expect(end.isBot).toBe(isByPerson ? 0 : 1);
        expect(all).toContainEqual({ atMs: end.at, isBot: !isByPerson });
        expect(end.userAgent).toBe(`agent at ${end.at}`);
        expect(await insertedOpens(message, ...sent)).toMatchObject({
          at: end.at,
          isBot: end.isBot,
          seq: end.seq,
        });
      }),
      { numRuns: runs(60) },
    );
  });
});
