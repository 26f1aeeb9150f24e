/** Events that move into the archive, back and into rewritten segments while an endpoint is posted them. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { aggregateLog } from "../../src/reports/index.ts";
import { interposedDatabase, type Move, move } from "../archive/moving.ts";
import { withoutArchive } from "../archive/whole-log.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { UNASKED } from "../reports/policy.ts";
import { environment } from "../worker.ts";
import {
  accepted,
  addEndpoint,
  type Endpoint,
  failing,
  HOUR_MS,
  PATH,
  pass,
  prepareEachTest,
  type Received,
  receiver,
  ring,
  seqsOf,
} from "./world.ts";

prepareEachTest();

const TYPES = [6, 7, 10, 11, 11, 8, 6, 10, 11, 7, 11, 6];
const SEQS = TYPES.map((_, index) => index + 1);
const MOVES: readonly Move[] = [
  { what: "write", size: 2 },
  { what: "recall", seqs: [1, 3, 4, 8] },
  { what: "rewrite" },
  { what: "write", size: 3 },
];

/** Rings while the archive moves before each call of D1, beginning with this move. */
async function ringWhileMoving(endpoint: Endpoint, first: number): Promise<void> {
  let calls = first;
  const DB = interposedDatabase(async () => {
    await env.DB.prepare("UPDATE recalled SET used_at = 0, due_at = 1").run();
    const next = MOVES[calls++ % MOVES.length];
    if (next !== undefined) await move(next);
  });
  await ring(endpoint, environment({ DB }));
}

async function log(): Promise<void> {
  await logRows(...TYPES.map((type) => ({ type, link_id: type === 11 ? "l" : null, detail: '{"category":1}' })));
  await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
}

const WAYS: Readonly<Record<string, (endpoint: Endpoint, first: number) => Promise<readonly number[]>>> = {
  "its queue": async (endpoint, first) => {
    const received = receiver(accepted);
    await log();
    await ringWhileMoving(endpoint, first);
    return seqsOf(received);
  },
  "its retry queue": async (endpoint, first) => {
    const taken: Received[] = [];
    let isFailing = true;
    receiver((received) => {
      if (isFailing) return failing(500)(received);
      taken.push(received);
      return accepted(received);
    });
    await log();
    await ring(endpoint);
    isFailing = false;
    for (let n = 0; n < 3; n++) {
      pass(HOUR_MS);
      await ringWhileMoving(endpoint, first);
    }
    return seqsOf(taken);
  },
  "a replay": async (endpoint, first) => {
    const received = receiver(accepted);
    await log();
    await ring(endpoint);
    const before = received.length;
    expect(await post(`${PATH}/${endpoint.id}/replay`, { from: "2020-01-01" })).toMatchObject({ status: 202 });
    await ringWhileMoving(endpoint, first);
    return seqsOf(received.slice(before));
  },
};

it.each(
  Object.keys(WAYS).flatMap((way) => [0, 2].map((first) => [way, first] as const)),
)("of %s each is posted once (%i)", async (way, first) => {
  await withoutArchive();
  const endpoint = await addEndpoint({ batch: 3 });
  const posted = await WAYS[way]?.(endpoint, first);
  expect(posted?.toSorted((one, other) => one - other)).toEqual(SEQS);
  expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ behind: 0, retrying: 0, replays: [] });
  expect(await env.DB.prepare("SELECT max(last) AS floor FROM segments").first("floor")).toBeGreaterThan(5);
});
