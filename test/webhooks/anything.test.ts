/**
 * Whatever happens, in whatever order: events are recorded, D1 and the receiver fail, the object dies, the endpoint is
 * changed, disabled and enabled. Each event that passes the filter is accepted, in order where the endpoint is ordered,
 * and a second time only when the object died; a webhook-id always stands for the same events.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, it } from "vitest";
import { crash, type DatabaseFault, faultyDatabase } from "../faults/broken.ts";
import { runs } from "../fuzz.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { environment } from "../worker.ts";
import {
  accepted,
  addEndpoint,
  alarmTwice,
  DAY_MS,
  type Endpoint,
  failing,
  HOUR_MS,
  PATH,
  pass,
  prepareEachTest,
  type Received,
  receiver,
  refuseToRecord,
  ring,
  withoutEndpoints,
} from "./world.ts";

prepareEachTest();

const FAULT = fc.constantFrom<DatabaseFault>("overloaded", "loses the connection", "commits and loses the connection");
const CHANGE = fc.constantFrom({ batch: 1 }, { batch: 3 }, { enabled: false }, { enabled: true });
const ACT = fc.oneof(
  { arbitrary: fc.record({ log: fc.array(fc.constantFrom(6, 10, 11), { minLength: 1, maxLength: 5 }) }), weight: 4 },
  {
    arbitrary: fc.record({
      ring: fc.array(fc.option(FAULT, { nil: undefined, freq: 4 }), { maxLength: 8 }),
      refuse: fc.nat(3),
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ dieAfter: fc.integer({ min: 1, max: 3 }) }), weight: 2 },
  { arbitrary: fc.record({ pass: fc.constantFrom(6_000, 6 * 60_000, HOUR_MS, 11 * HOUR_MS) }), weight: 3 },
  { arbitrary: fc.record({ change: CHANGE }), weight: 1 },
  { arbitrary: fc.constant({ ringTwice: true } as const), weight: 1 },
);
type Act = typeof ACT extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly endpoint: Endpoint;
  /** Posts that were answered with 2xx. */
  readonly taken: Received[] = [];
  readonly all: Received[];
  hasDied = false;
  #refusals = 0;
  #dieAfter = 0;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.all = receiver(async (received) => {
      if (this.#refusals-- > 0) return failing(500)(received);
      this.taken.push(received);
      if (--this.#dieAfter === 0) {
        this.hasDied = true;
        await refuseToRecord(this.endpoint);
      }
      return accepted(received);
    });
  }

  async take(act: Act): Promise<void> {
    const { endpoint } = this;
    if ("log" in act) await logRows(...act.log.map((type) => ({ type, link_id: "a" })));
    else if ("pass" in act) pass(act.pass);
    else if ("change" in act) await post(`${PATH}/${endpoint.id}`, act.change, env, "PATCH");
    else if ("ringTwice" in act) await alarmTwice(endpoint);
    else if ("ring" in act) {
      this.#refusals = act.refuse;
      const faults = [...act.ring];
      await ring(endpoint, environment({ DB: faultyDatabase(() => faults.shift()) }));
      this.#refusals = 0;
    } else {
      this.#dieAfter = act.dieAfter;
      await ring(endpoint);
      this.#dieAfter = 0;
      await crash(endpoint.stub);
    }
  }

  /** Until all is posted: everything works. */
  async catchUp(): Promise<void> {
    await post(`${PATH}/${this.endpoint.id}`, { enabled: true }, env, "PATCH");
    for (let n = 0; n < 4; n++) {
      pass(DAY_MS);
      await ring(this.endpoint);
    }
  }
}

it("every event is accepted, in order, and twice only after a death", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(ACT, { minLength: 5, maxLength: 20, size: "max" }),
      fc.boolean(),
      async (acts, ordered) => {
        await withoutEndpoints();
        const events = ["email.sent", "email.clicked"];
        const world = new World(await addEndpoint({ ordered, events, batch: acts.length % 2 === 0 ? 1 : 3 }));
        for (const act of acts) await world.take(act);
        await world.catchUp();
        const { results } = await env.DB.prepare("SELECT seq FROM events WHERE type <> 10 ORDER BY seq").all<{
          seq: number;
        }>();
        const seqs = world.taken.flatMap((received) => received.events.map(({ data }) => data.seq));
        const first = [...new Set(seqs)];
        const wanted = results.map(({ seq }) => seq);
        expect(ordered ? first : first.toSorted((one, other) => one - other)).toEqual(wanted);
        if (!world.hasDied) expect(seqs).toHaveLength(first.length);
        const contents = new Map<string, string>();
        for (const { id, events: posted } of world.all) {
          const held = posted.map(({ data }) => data.seq).join();
          expect([id, contents.get(id) ?? held]).toEqual([id, held]);
          contents.set(id, held);
        }
        const { progress } = (await get(`${PATH}/${world.endpoint.id}`)).body;
        expect(progress).toMatchObject({ behind: 0, retrying: 0 });
      },
    ),
    runs(25),
  );
});
