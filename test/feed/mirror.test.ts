/** The feed, sent to a stream of Cloudflare Pipelines. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { mirrorFeed } from "../../src/feed/mirror.ts";
import { archiveAll } from "../archive/whole-log.ts";
import { emptyLog, keys, logRows } from "../marketo/marketo.ts";
import { aggregate } from "../privacy/people-world.ts";

interface Sent {
  readonly id: string;
  readonly seq: number;
}

/** A stream, which refuses while there is something in `refusals`. */
function stream(refusals: string[] = []) {
  const sent: Sent[] = [];
  const send = (records: readonly unknown[]) => {
    const refusal = refusals.pop();
    if (refusal !== undefined) return Promise.reject(new Error(refusal));
    sent.push(...(records as readonly Sent[]));
    return Promise.resolve();
  };
  return { sent, send };
}

const mirror = (to: ReturnType<typeof stream>) => mirrorFeed(env, to, keys, Number.POSITIVE_INFINITY);
const idsOf = ({ sent }: ReturnType<typeof stream>) => sent.map(({ id }) => id);

beforeEach(async () => {
  await emptyLog();
  await env.DB.prepare("UPDATE aggregated SET mirrored_seq = NULL").run();
});

it("begins with what is recorded after the stream was bound, and sends each event once", async () => {
  await logRows({});
  const to = stream();
  await mirror(to);
  expect(to.sent).toEqual([]);
  const first = await logRows(...Array.from({ length: 700 }, () => ({})));
  await mirror(to);
  await mirror(to);
  const second = await logRows({});
  await mirror(to);
  expect(idsOf(to)).toEqual([...first, ...second]);
});

it("sends what the stream refused the next time, also when it was archived meanwhile", async () => {
  const to = stream(["busy"]);
  await mirror(to);
  const ids = await logRows({}, {}, {});
  await expect(mirror(to)).rejects.toThrow("busy");
  await aggregate();
  await archiveAll(2);
  await mirror(to);
  expect(idsOf(to)).toEqual(ids);
});

it("masks addresses", async () => {
  const to = stream();
  await mirror(to);
  await logRows({ type: 6, person: "marie@mail.example", detail: '{"address":"marie@mail.example"}' });
  await mirror(to);
  expect(to.sent).toHaveLength(1);
  expect(JSON.stringify(to.sent)).not.toContain("marie@mail");
});

it("sends nothing again that another run has sent while one was stalled", async () => {
  const to = stream();
  await mirror(to);
  const ids = await logRows({});
  let sends = 0;
  const stalled = async () => {
    if (sends++ > 0) throw new Error("the stalled run goes on");
    await mirror(to);
    ids.push(...(await logRows({})));
    await mirror(to);
  };
  await mirrorFeed(env, { send: stalled }, keys, Number.POSITIVE_INFINITY).catch(() => {});
  await mirror(to);
  expect(sends).toBe(1);
  expect(idsOf(to)).toEqual(ids);
});
