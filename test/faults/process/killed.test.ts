/**
 * workerd is killed with SIGKILL halfway through its work and started again. The answers to recipients are compared
 * with the rows in D1 afterwards.
 *
 * A committed transaction of SQLite survives: D1 and the Durable Objects write to their files before they answer, and
 * what a process has written stays with the operating system when the process dies. The emulator of Cloudflare Queues
 * does not: it acknowledges a message that it holds in memory only. In production a send is acknowledged once it is
 * durably stored, and Cloudflare's queue does not live in the Worker's process. So what was answered since the queue
 * was last drained may be missing here, and only that.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstrumentedWorker, startTestWorker } from "../../dev/test-worker.ts";
import { countOf } from "../../fuzz.ts";
import {
  type AnsweredRequest,
  isAnswered,
  killUnder,
  messageTo,
  type RecipientRequest,
  runAll,
  signerOf,
} from "./load.ts";
import { countsOf, drain, suppressedPersons } from "./log.ts";

/** How many answers come before the Worker is killed. */
const ANSWERS = countOf(800);

/** One for all tests, each with people of its own. */
let worker: InstrumentedWorker;
beforeAll(async () => {
  worker = await startTestWorker({ consumers: { "waxseal-events": { maxBatchTimeout: 0.2 } } });
});
afterAll(() => worker.stop());

let groups = 0;

function people(name: string, count: number): string[] {
  const group = ++groups;
  return Array.from({ length: count }, (_, n) => `${name}-${group}-${n}`);
}

/** Requests by ever more people: such a load ends only when the Worker is killed. */
function* endless(requestsOf: (persons: readonly string[]) => RecipientRequest[]): Generator<RecipientRequest> {
  for (;;) yield* requestsOf(people("during", 100));
}

function clicksOf(persons: readonly string[]): RecipientRequest[] {
  const signToken = signerOf(worker);
  const link = { id: "l", url: "https://shop.example/" };
  return persons.map((person) => ({
    person,
    path: `/c/${signToken("click", { ...messageTo(person), link })}`,
  }));
}

function opensOf(persons: readonly string[]): RecipientRequest[] {
  const signToken = signerOf(worker);
  return persons.map((person) => ({ person, path: `/o/${signToken("open", messageTo(person))}.gif` }));
}

function unsubscribesOf(persons: readonly string[]): RecipientRequest[] {
  const signToken = signerOf(worker);
  return persons.map((person, index) => ({
    person,
    path: `/u/${signToken("unsubscribe", messageTo(person))}`,
    form: index % 2 === 0 ? "List-Unsubscribe=One-Click" : "action=unsubscribe",
  }));
}

const statusesOf = (answers: readonly AnsweredRequest[]) => [...new Set(answers.map(({ status }) => status))];
const personsOf = (requests: readonly RecipientRequest[]) => requests.map(({ person }) => person);

describe("a Worker that is killed under load and started again", () => {
  it("doubles no click and no open, and loses none except those in the memory of the queue's emulator", async () => {
    const visitsOf = (persons: readonly string[]) =>
      persons.flatMap((person) => [...clicksOf([person]), ...opensOf([person])]);
    const before = people("before", 100);
    expect(statusesOf(await runAll(worker, visitsOf(before))).toSorted()).toEqual([200, 302]);
    await drain(worker);

    const during = await killUnder(worker, endless(visitsOf), 2 * ANSWERS);
    expect(during.filter(isAnswered).length).toBeGreaterThanOrEqual(2 * ANSWERS);

    const after = people("after", 100);
    const again = opensOf([...before, ...new Set(personsOf(during))]);
    expect(statusesOf(await runAll(worker, [...again, ...visitsOf(after)])).toSorted()).toEqual([200, 302]);
    await drain(worker);
    const [opens, clicks] = [await countsOf(worker, 10), await countsOf(worker, 11)];
    for (const counts of [opens, clicks]) {
      expect([...before, ...after].filter((person) => counts.get(person) !== 1)).toEqual([]);
      expect([...counts].filter(([, rows]) => rows > 1)).toEqual([]);
    }
  });

  it("loses nothing when the queue was drained: opens, clicks and pages under load", async () => {
    const persons = people("reader", 100);
    const everything = [...clicksOf(persons), ...opensOf(persons)];
    await runAll(worker, everything);
    await drain(worker);
    const during = await killUnder(
      worker,
      endless(() => opensOf(persons)),
      ANSWERS,
    );
    expect(during.filter(isAnswered).length).toBeGreaterThanOrEqual(ANSWERS);
    expect(statusesOf(await runAll(worker, opensOf(persons)))).toEqual([200]);
    await drain(worker);
    for (const type of [10, 11]) {
      const counts = await countsOf(worker, type);
      expect(persons.filter((person) => counts.get(person) !== 1)).toEqual([]);
    }
  });

  it("loses no answered unsubscription, and doubles none when the unanswered are posted again", async () => {
    const answered: AnsweredRequest[] = [];
    for (const round of [1, 2]) {
      answered.push(...(await killUnder(worker, endless(unsubscribesOf), ANSWERS / 2)));
      const done = personsOf(answered.filter(({ status }) => status === 200));
      expect(done.length).toBeGreaterThanOrEqual((round * ANSWERS) / 2);
      const counts = await countsOf(worker, 9);
      const suppressed = await suppressedPersons(worker);
      expect(done.filter((person) => counts.get(person) !== 1 || !suppressed.has(person))).toEqual([]);
      // The event and the suppression are one transaction: nobody is left with one of them.
      expect(new Set(counts.keys())).toEqual(suppressed);
    }
    const again = unsubscribesOf(personsOf(answered));
    expect(statusesOf(await runAll(worker, again))).toEqual([200]);
    const counts = await countsOf(worker, 9);
    expect(personsOf(answered).filter((person) => counts.get(person) !== 1)).toEqual([]);
    expect(counts.size).toBe(new Set(personsOf(answered)).size);
  });
});
