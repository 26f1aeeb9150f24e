/** The log of a million events that the benchmarks of reading read, and who reads it. */
import * as v from "valibot";
import { signAccessToken } from "../../src/access/access-token.ts";
import type { LocalWorker } from "../../src/dev/local-worker.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { EVENTS, type IdForm } from "./worker/seeded-log.ts";

const ROWS_A_FILL = 2_000;

const Timed = v.object({ ms: v.number(), rows: v.number() });

const Filled = v.object({ written: v.number() });

/** Fills the log with the seeded million, or the first events of it. Returns how many rows that wrote. */
export async function fill(
  { origin }: LocalWorker,
  say: (line: string) => void,
  count = EVENTS,
  ids: IdForm = "integers",
): Promise<number> {
  let written = 0;
  for (let first = 0; first < count; first += ROWS_A_FILL) {
    const answer = await fetch(`${origin}/fill?first=${first}&count=${ROWS_A_FILL}&ids=${ids}`);
    if (!answer.ok) throw new Error(`/fill answered ${answer.status}: ${await answer.text()}`);
    written += v.parse(Filled, await answer.json()).written;
    say(`${first.toLocaleString("en")} events made`);
  }
  return written;
}

/** A control of worker/reading.ts. */
export async function bare({ origin }: LocalWorker, path: string): Promise<v.InferOutput<typeof Timed>> {
  const answer = await fetch(origin + path);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return v.parse(Timed, await answer.json());
}

/** The access token of a new client that may read. */
export async function accessTokenOf(worker: LocalWorker): Promise<string> {
  const keys = parseTokenKeys(worker.tokenKeys);
  if (!keys.ok) throw new Error(keys.reason);
  const client = "bench";
  const d1 = await worker.d1();
  await d1
    .prepare("INSERT INTO clients (id, name, scopes, secret_hash, created_at) VALUES (?1, 'bench', 'read', '', 0)")
    .bind(client)
    .run();
  return signAccessToken(keys.value, { client, issuedAtMs: Date.now() });
}
