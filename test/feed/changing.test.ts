/** The feed of a log that changes while it is read: events arrive, turn out to be a bot's, and people are erased. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { aggregateLog } from "../../src/reports/index.ts";
import { runs } from "../fuzz.ts";
import { logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { emptyAll, erase, rowsOf } from "../privacy/people-world.ts";
import { marking } from "../reports/policy.ts";

const PEOPLE = ["ann", "bob", "eve"] as const;
/** Two clicks on different links within three seconds are a bot's. */
const POLICY = { ...marking({ proximity: "mark" }), proximitySeconds: 3 };
const AT_MS = Date.UTC(2026, 10, 20);

interface FeedEvent {
  readonly id: string;
  readonly seq: number;
  readonly at: string;
  readonly person: { readonly id: string };
  readonly visitor?: { readonly isBot: boolean };
}

/** Reads one feed, a page at a time. */
class Reader {
  readonly latest = new Map<string, FeedEvent>();
  readonly seqs = new Set<number>();
  readonly #query: string;
  #cursor = "";

  constructor(query: string) {
    this.#query = query;
  }

  /** Returns whether there may be more. */
  async readPage(limit: number): Promise<boolean> {
    const { status, body } = await get(`/v1/events?${this.#query}&limit=${limit}${this.#cursor}`);
    expect(status).toBe(200);
    for (const event of body.data as readonly FeedEvent[]) {
      expect(event.seq).toBeGreaterThan(Math.max(0, ...this.seqs));
      this.latest.set(event.id, event);
      this.seqs.add(event.seq);
    }
    const before = this.#cursor;
    this.#cursor = `&cursor=${body.next}`;
    return this.#cursor !== before;
  }
}

const CLICK = fc.record({
  person: fc.constantFrom(...PEOPLE),
  second: fc.integer({ min: 0, max: 12 }),
  link: fc.constantFrom("a", "b", "c"),
});
const TURN = fc.oneof(
  { arbitrary: fc.record({ clicks: fc.array(CLICK, { minLength: 1, maxLength: 4 }) }), weight: 4 },
  { arbitrary: fc.record({ read: fc.nat(2), limit: fc.integer({ min: 1, max: 4 }) }), weight: 4 },
  { arbitrary: fc.constant({ aggregate: true } as const), weight: 2 },
  // Not whose address is asked for: that goes with them.
  { arbitrary: fc.record({ erase: fc.constantFrom("ann", "eve") }), weight: 1 },
);

async function take(turn: typeof TURN extends fc.Arbitrary<infer T> ? T : never, readers: readonly Reader[]) {
  if ("read" in turn) await readers[turn.read]?.readPage(turn.limit);
  else if ("erase" in turn) await erase({ person: turn.erase });
  else if ("aggregate" in turn) await aggregateLog(env, POLICY, Number.POSITIVE_INFINITY);
  else {
    const rows = turn.clicks.map(({ person, second, link }) => {
      const at = AT_MS + second * 1_000;
      return { type: 11, person, at, link_id: link, link: `https://a.example/${link}`, user_agent: "a browser" };
    });
    await logRows(...rows);
  }
}

it("gives every event's latest form at least once and skips none, by whatever filter", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(TURN, { minLength: 4, maxLength: 16, size: "max" }), async (turns) => {
      await emptyAll();
      const address = env.DB.prepare("INSERT INTO people (person, address) VALUES ('bob', 'bob@mail.example')");
      await address.run();
      const readers = [new Reader("type=clicked"), new Reader("person=ann"), new Reader("address=bob@mail.example")];
      const [everybody] = readers;
      for (const turn of turns) await take(turn, readers);
      await take({ aggregate: true }, readers);
      for (const reader of readers) while (await reader.readPage(3));

      const log = await rowsOf<{ id: string; seq: number; person: string; at: number; isBot: number }>(
        "SELECT id, seq, person, at, is_bot AS isBot FROM events WHERE type = 11 ORDER BY seq",
      );
      for (const { id, seq, person, at, isBot } of log) {
        const [, ann, bob] = readers;
        for (const reader of [everybody, ...(person === "ann" ? [ann] : []), ...(person === "bob" ? [bob] : [])]) {
          // Erased under its seq, before or after it was read; only its id is new.
          expect([...(reader?.seqs ?? [])]).toContain(seq);
          if (!PEOPLE.some((name) => name === person)) continue;
          const latest = {
            seq,
            at: new Date(at).toISOString(),
            person: { id: person },
            visitor: { isBot: isBot === 1 },
          };
          expect(reader?.latest.get(id)).toMatchObject(latest);
        }
      }
    }),
    runs(12),
  );
});
