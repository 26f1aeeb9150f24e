/**
 * Clients that hang up halfway, on real sockets: each complete request is logged once, and no other client is
 * affected, not even those whose rows are in the same group commit.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../../dev/test-worker.ts";
import { messageTo, type RecipientRequest, runAll, signerOf } from "./load.ts";
import { countsOf, drain, suppressedPersons } from "./log.ts";
import { hangUp, type Leaving, requestOf } from "./socket.ts";

let worker: InstrumentedWorker;
let signToken: ReturnType<typeof signerOf>;

beforeAll(async () => {
  worker = await startTestWorker({ consumers: { "waxseal-events": { maxBatchTimeout: 0.2 } } });
  signToken = signerOf(worker);
  // The first request pays for the start; the clients below have milliseconds.
  await drain(worker);
});
afterAll(() => worker.stop());

const link = { id: "l", url: "https://shop.example/" };
const people = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`);
const clickBy = (person: string): RecipientRequest => ({
  person,
  path: `/c/${signToken("click", { ...messageTo(person), link })}`,
});
const openBy = (person: string): RecipientRequest => ({
  person,
  path: `/o/${signToken("open", messageTo(person))}.gif`,
});

const FORM = "Content-Type: application/x-www-form-urlencoded";

function postBy(person: string, body: string, sent = body): Buffer {
  const path = `/u/${signToken("unsubscribe", messageTo(person))}`;
  return requestOf(`POST ${path}`, [FORM, `Content-Length: ${body.length}`], sent);
}

/** All at once, each hanging up between 0 and 4 ms after its bytes were sent. */
async function hangUpAll(requests: readonly Buffer[], leaving: Leaving): Promise<void> {
  await Promise.all(requests.map((bytes, index) => hangUp(worker, bytes, leaving, index % 5)));
}

describe.each<Leaving>(["closes", "resets"])("a client that %s its connection", (leaving) => {
  const stay = people(`stays-${leaving}`, 60);
  const leave = people(`leaves-${leaving}`, 60);

  it("in the middle of clicks loses no other client's click, and its own is logged at most once", async () => {
    const leaving_ = leave.map((person) => requestOf(`GET ${clickBy(person).path}`, []));
    const [answers] = await Promise.all([runAll(worker, stay.map(clickBy)), hangUpAll(leaving_, leaving)]);
    expect(answers.map(({ status }) => status)).toEqual(stay.map(() => 302));
    await drain(worker);
    const counts = await countsOf(worker, 11);
    expect(stay.filter((person) => counts.get(person) !== 1)).toEqual([]);
    expect(leave.filter((person) => (counts.get(person) ?? 0) > 1)).toEqual([]);
    // A reset may discard bytes that the Worker has not read; after a close it has read them all.
    if (leaving === "closes") expect(leave.filter((person) => !counts.has(person))).toEqual([]);
  });

  it("in the middle of first opens leaves one Opened when another client loads the same pixel", async () => {
    const leaving_ = [...stay, ...leave].map((person) => requestOf(`GET ${openBy(person).path}`, []));
    const [answers] = await Promise.all([runAll(worker, stay.map(openBy)), hangUpAll(leaving_, leaving)]);
    expect(answers.map(({ status }) => status)).toEqual(stay.map(() => 200));
    await runAll(worker, leave.map(openBy));
    await drain(worker);
    const counts = await countsOf(worker, 10);
    expect([...stay, ...leave].filter((person) => counts.get(person) !== 1)).toEqual([]);
  });

  it("after its unsubscribe POST is unsubscribed wholly or not at all, and once when it posts again", async () => {
    const persons = people(`posts-${leaving}`, 50);
    const requests = persons.map((person) => postBy(person, "List-Unsubscribe=One-Click"));
    await hangUpAll(requests, leaving);
    await drain(worker);
    const first = await countsOf(worker, 9);
    const suppressed = await suppressedPersons(worker);
    expect(persons.filter((person) => first.has(person) !== suppressed.has(person))).toEqual([]);
    await runAll(
      worker,
      persons.map((person) => ({
        person,
        path: `/u/${signToken("unsubscribe", messageTo(person))}`,
        form: "List-Unsubscribe=One-Click",
      })),
    );
    const counts = await countsOf(worker, 9);
    expect(persons.filter((person) => counts.get(person) !== 1)).toEqual([]);
  });

  it("before its POST has arrived whole changes nothing", async () => {
    const persons = people(`half-${leaving}`, 15);
    const requests = persons.flatMap((person) => [
      postBy(person, "action=subscribe", "action=sub"),
      postBy(person, "List-Unsubscribe=One-Click", "List-Unsub"),
      postBy(person, "List-Unsubscribe=One-Click", ""),
      requestOf(
        `POST /u/${signToken("unsubscribe", messageTo(person))}`,
        [FORM, "Transfer-Encoding: chunked"],
        "5\r\nactio\r\n",
      ),
    ]);
    await hangUpAll(requests, leaving);
    await drain(worker);
    const counts = await countsOf(worker, 9);
    expect(persons.filter((person) => counts.has(person))).toEqual([]);
  });
});
