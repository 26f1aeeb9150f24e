/** Several loads of one message's pixel in D1: one row, whatever order and number they arrive in. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PixelLoad } from "../../src/events/pixel-loads.ts";
import { rowOf } from "../../src/events/row.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { runs } from "../fuzz.ts";
import { newMessage } from "../worker.ts";

interface Load {
  readonly atMs: number;
  readonly isBot: boolean;
  readonly campaign?: string;
}

const BOT_1 = { atMs: 1_000, isBot: true };
const PERSON_2 = { atMs: 2_000, isBot: false };
const PERSON_3 = { atMs: 3_000, isBot: false };

const idOf = ({ person }: Message) => `o-${person}`;

function row(message: Message, { atMs, isBot, campaign = message.campaign }: Load): string {
  const visitor = { userAgent: `agent at ${atMs}`, botPattern: isBot ? "a bot" : undefined };
  return rowOf({ type: "opened", id: idOf(message), atMs, message: { ...message, campaign }, visitor });
}

async function insertedLoads(message: Message, ...batches: readonly (readonly Load[])[]) {
  for (const loads of batches) {
    await insertGroups(env, [groupOf(loads.map((load) => row(message, load)))]);
  }
  return await storedOpen(message);
}

interface Stored {
  readonly seq: number;
  readonly at: number;
  readonly campaign: string;
  readonly userAgent: string;
  readonly isBot: number;
  readonly pattern: string | null;
  readonly loads: readonly PixelLoad[];
}

async function storedOpen(message: Message): Promise<Stored> {
  const { results } = await env.DB.prepare(
    `SELECT seq, at, campaign, user_agent AS userAgent, is_bot AS isBot, bot_pattern AS pattern, detail
    FROM events WHERE id = ?`,
  )
    .bind(idOf(message))
    .all<Omit<Stored, "loads"> & { readonly detail: string | null }>();
  const [stored] = results;
  if (stored === undefined || results.length > 1) throw new Error(`${results.length} rows`);
  const { detail, ...columns } = stored;
  return { ...columns, loads: (JSON.parse(detail ?? "{}") as { readonly loads?: PixelLoad[] }).loads ?? [] };
}

const loadAt = (at: number, campaign = "42") => ({ at, campaign, userAgent: `agent at ${at}` });

describe("loads of one message's pixel in D1", () => {
  it("are one row: a person's replaces a bot's, at the end of the log", async () => {
    const message = newMessage();
    const before = await insertedLoads(message, [BOT_1]);
    await insertGroups(env, [groupOf([row(newMessage(), PERSON_2)])]);
    const after = await insertedLoads(message, [PERSON_2]);
    expect(after).toMatchObject({ at: 2_000, userAgent: "agent at 2000", isBot: 0, pattern: null });
    expect(after.loads).toEqual([{ ...loadAt(1_000), bot: "a bot" }, loadAt(2_000)]);
    expect(after.seq).toBeGreaterThan(before.seq + 1);
  });

  it("stay as they are when any is delivered again", async () => {
    const message = newMessage();
    const before = await insertedLoads(message, [PERSON_2], [BOT_1]);
    expect(await insertedLoads(message, [BOT_1], [PERSON_2], [BOT_1, PERSON_2], [PERSON_2, BOT_1])).toEqual(before);
  });

  it("keep a person's later ones in the row, which stays in its place", async () => {
    const message = newMessage();
    const before = await insertedLoads(message, [PERSON_2]);
    const after = await insertedLoads(message, [{ atMs: 4_000, isBot: false }], [PERSON_3]);
    expect(after).toEqual({ ...before, loads: [loadAt(2_000), loadAt(3_000), loadAt(4_000)] });
  });

  it("show the earliest person's, which replaces a later one that arrived first", async () => {
    const message = newMessage();
    const before = await insertedLoads(message, [PERSON_3]);
    const after = await insertedLoads(message, [PERSON_2]);
    expect(after).toMatchObject({ at: 2_000, isBot: 0, loads: [loadAt(2_000), loadAt(3_000)] });
    expect(after.seq).toBeGreaterThan(before.seq);
  });

  it("take the campaign of the load that the row shows", async () => {
    const message = newMessage();
    await insertedLoads(message, [{ ...PERSON_3, campaign: "first" }]);
    expect(await insertedLoads(message, [{ ...PERSON_2, campaign: "second" }])).toMatchObject({
      campaign: "second",
      loads: [loadAt(2_000, "second"), loadAt(3_000, "first")],
    });
  });

  it("are kept in a bounded number: the earliest and the latest, of bots the earliest", async () => {
    const message = newMessage();
    const many = Array.from({ length: 200 }, (_, index) => ({ atMs: 9_000 - index, isBot: index % 2 === 0 }));
    const { loads } = await insertedLoads(message, many.slice(0, 90), many.slice(90));
    const every = (fromMs: number) => Array.from({ length: 16 }, (_, index) => fromMs + 2 * index);
    expect(loads.map(({ at }) => at)).toEqual([8_801, 8_802, ...every(8_803).slice(0, 15), ...every(8_969)]);
  });

  it("are all kept when two consumers insert them at the same time", async () => {
    const message = newMessage();
    await insertedLoads(message, [PERSON_3]);
    await Promise.all([BOT_1, PERSON_2, { atMs: 4_000, isBot: false }].map((load) => insertedLoads(message, [load])));
    const { at, loads } = await storedOpen(message);
    expect([at, loads.map((load) => load.at)]).toEqual([2_000, [1_000, 2_000, 3_000, 4_000]]);
  });

  it("end as the same row in whatever batches, order and number they arrive", async () => {
    const load = fc.record({
      atMs: fc.integer({ min: 1, max: 20 }),
      isBot: fc.boolean(),
      campaign: fc.constantFrom("a", "b"),
    });
    const batches = fc.array(fc.array(load, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(batches, async (sent) => {
        const all = sent.flat();
        const { seq, ...end } = await insertedLoads(newMessage(), ...sent);
        const { seq: _, ...inOrder } = await insertedLoads(
          newMessage(),
          all.toSorted((a, b) => a.atMs - b.atMs),
        );
        expect(inOrder).toEqual(end);
        const persons = all.filter(({ isBot }) => !isBot);
        const shown = persons.length > 0 ? persons : all;
        expect(end.at).toBe(Math.min(...shown.map(({ atMs }) => atMs)));
        expect(end.isBot).toBe(persons.length > 0 ? 0 : 1);
      }),
      runs(60),
    );
  });
});
