/**
 * Concurrent requests while bindings fail: the log equals that of a simple model. Each loaded pixel is one Opened, a
 * human's if any was; each followed link is one Clicked, in D1 or whole in the log line, never twice. Unsubscriptions
 * and resubscriptions are in the log as if they had happened one after the other, in some order that fits the
 * answers.
 */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openedId } from "../../src/events/opened-id.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { runs } from "../fuzz.ts";
import { ask, type Logged, newMessage, settledLogOf, token } from "../worker.ts";
import { type DatabaseFault, faultsOf, type ObjectFault, type QueueFault } from "./broken.ts";
import { type Faults, FaultyWorker, NO_FAULTS } from "./faulty-worker.ts";

type What =
  | "open"
  | "bot's open"
  | "click"
  | "leave"
  | "leave by one click"
  | "come back"
  | "HEAD"
  | "prefetch"
  | "read";

interface Act {
  readonly what: What;
  readonly person: number;
  readonly isolate: 0 | 1;
}

interface Step {
  readonly faults: Faults;
  /** What happens at the same time. */
  readonly acts: readonly Act[];
  readonly delivery: { readonly times: number; readonly backwards: boolean };
}

const PERSONS = 2;

const faults: fc.Arbitrary<Faults> = fc.oneof(
  { arbitrary: fc.constant(NO_FAULTS), weight: 1 },
  {
    arbitrary: fc.constant<Faults>({ ...NO_FAULTS, queue: ["refuses"], database: ["overloaded"] }),
    weight: 1,
  },
  {
    arbitrary: fc.record<Faults>({
      queue: faultsOf<QueueFault>(4, "refuses", "takes it and fails"),
      database: faultsOf<DatabaseFault>(4, "overloaded", "loses the connection", "commits and loses the connection"),
      gates: faultsOf<ObjectFault>(4, "out of reach", "answers nobody", "evicted", "dies before it writes"),
      outbox: faultsOf<ObjectFault>(4, "out of reach", "answers nobody"),
    }),
    weight: 4,
  },
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    faults,
    acts: fc.array(
      fc.record<Act>({
        what: fc.constantFrom<What[]>(
          "open",
          "open",
          "bot's open",
          "bot's open",
          "click",
          "click",
          "leave",
          "leave by one click",
          "come back",
          "HEAD",
          "prefetch",
          "read",
        ),
        person: fc.nat(PERSONS - 1),
        isolate: fc.constantFrom(0, 1),
      }),
      { minLength: 1, maxLength: 6 },
    ),
    delivery: fc.record({ times: fc.constantFrom(1, 2), backwards: fc.boolean() }),
  }),
  { minLength: 1, maxLength: 6 },
);

const FORMS: Partial<Record<What, Record<string, string>>> = {
  leave: { action: "unsubscribe" },
  "leave by one click": { "List-Unsubscribe": "One-Click" },
  "come back": { action: "subscribe" },
};

/** The model of one person. */
interface PersonModel {
  readonly message: Message;
  opened: "by nobody" | "by a bot" | "by a person";
  readonly clicked: string[];
  /** The types of their subscription events in the log: unsubscribed (9) and subscribed (100001). */
  changes: readonly number[];
}

/** Every log that simultaneous acts may leave. An act that was answered 503 may have been committed or not. */
function possibleLogs(before: readonly number[], acts: readonly { leaves: boolean; confirmed: boolean }[]): string[] {
  if (acts.length === 0) return [JSON.stringify(before)];
  return acts.flatMap(({ leaves, confirmed }, index) => {
    const others = acts.toSpliced(index, 1);
    const type = leaves ? 9 : 100_001;
    const isChange = (before.at(-1) === 9) !== leaves;
    // Within an hour, an event stands for those of its type before it.
    const after = [...before.filter((each) => each !== type), type];
    const committed = possibleLogs(isChange ? after : before, others);
    return confirmed ? committed : [...committed, ...possibleLogs(before, others)];
  });
}

let links = 0;

async function perform(act: Act, person: PersonModel, worker: FaultyWorker): Promise<Response> {
  const around = worker.isolates[act.isolate];
  const { message } = person;
  const link = { id: `l${++links}`, url: "https://shop.example/" };
  const click = `/c/${token("click", { ...message, link })}`;
  switch (act.what) {
    case "open": {
      person.opened = "by a person";
      return await ask(`/o/${token("open", message)}.gif`, {}, around);
    }
    case "bot's open": {
      if (person.opened === "by nobody") person.opened = "by a bot";
      const headers = { "User-Agent": "Mozilla/5.0" };
      return await ask(`/o/${token("open", message)}.gif`, { headers }, around);
    }
    case "click":
      person.clicked.push(link.id);
      return await ask(click, {}, around);
    case "HEAD":
      return await ask(click, { method: "HEAD" }, around);
    case "prefetch":
      return await ask(`/o/${token("open", message)}.gif`, { headers: { Purpose: "prefetch" } }, around);
    case "read":
      return await ask(`/u/${token("unsubscribe", message)}`, {}, around);
    default: {
      const body = new URLSearchParams(FORMS[act.what]);
      return await ask(`/u/${token("unsubscribe", message)}`, { method: "POST", body }, around);
    }
  }
}

const ANSWERS: Record<What, readonly number[]> = {
  open: [200],
  "bot's open": [200],
  click: [302],
  leave: [200, 503],
  "leave by one click": [200, 503],
  "come back": [200, 503],
  HEAD: [302],
  prefetch: [200],
  read: [200],
};

/** The rows in the log lines, which no sink took. */
function lostRows(lines: readonly unknown[][]): readonly (readonly unknown[])[] {
  return lines.flatMap(([line]) => {
    const { message, rows } = JSON.parse(String(line)) as { message: string; rows?: string };
    return message === "events not recorded" ? JSON.parse(`[${rows?.slice(1)}]`) : [];
  });
}

const isSubscription = ({ type }: Logged) => type === 9 || type === 100_001;

async function suppressed({ person }: Message): Promise<boolean> {
  const row = await env.DB.prepare("SELECT 1 FROM suppressions WHERE subject = ?").bind(`person:${person}`).first();
  return row !== null;
}

async function run(script: readonly Step[]): Promise<void> {
  const lines = vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const worker = new FaultyWorker();
  const persons = Array.from(
    { length: PERSONS },
    (): PersonModel => ({ message: newMessage(), opened: "by nobody", clicked: [], changes: [] }),
  );
  const knownAt = (index: number): PersonModel => {
    const known = persons[index];
    if (known === undefined) throw new Error("no such person");
    return known;
  };
  for (const { faults, acts, delivery } of script) {
    worker.suffer(faults);
    const answers = await Promise.all(acts.map((act) => perform(act, knownAt(act.person), worker)));
    for (const [index, { what }] of acts.entries()) expect(ANSWERS[what]).toContain(answers[index]?.status);
    for (const [index, known] of persons.entries()) {
      const changing = acts.flatMap(({ what, person }, at) =>
        person === index && FORMS[what] !== undefined
          ? [{ leaves: what !== "come back", confirmed: answers[at]?.status === 200 }]
          : [],
      );
      const log = await env.DB.prepare("SELECT type FROM events WHERE person = ? ORDER BY seq")
        .bind(known.message.person)
        .all<Logged>();
      const changes = log.results.filter(isSubscription).map(({ type }) => type);
      expect(possibleLogs(known.changes, changing)).toContain(JSON.stringify(changes));
      expect(await suppressed(known.message)).toBe(changes.at(-1) === 9);
      known.changes = changes;
    }
    await worker.deliver(delivery);
  }
  worker.suffer(NO_FAULTS);
  await runDurableObjectAlarm(env.OUTBOX.getByName(OUTBOX_NAME));
  await worker.deliver({ times: 1, backwards: false });
  const lost = lostRows(lines.mock.calls);
  for (const { message, opened, clicked, changes } of persons) {
    const gate = openedId(message, "campaign");
    const log = await settledLogOf(message.person);
    const opens = log.filter(({ type }) => type === 10).map(({ is_bot }) => is_bot);
    expect(opens.length).toBeLessThanOrEqual(1);
    const found = [...opens, ...lost.filter(([id]) => id === gate).map((row) => row[10])];
    if (opened === "by nobody") expect(found).toEqual([]);
    else expect(found).toContain(opened === "by a person" ? 0 : 1);
    const clicks = log.filter(({ type }) => type === 11).map(({ link_id }) => link_id ?? "");
    const inLines = lost.filter(([, type, , , person]) => type === 11 && person === message.person);
    const lines = inLines.map((row) => String(row[7]));
    expect(new Set(clicks).size).toBe(clicks.length);
    expect([...new Set([...clicks, ...lines])].sort()).toEqual([...clicked].sort());
    expect(log.filter(isSubscription).map(({ type }) => type)).toEqual(changes);
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the log", () => {
  it("equals what a simple model says, whatever happens at the same time and whatever fails", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        await run(script);
        vi.restoreAllMocks();
      }),
      { ...runs(30), interruptAfterTimeLimit: 60_000 },
    );
  });
});
