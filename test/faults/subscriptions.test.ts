/** D1 fails and requests race while people unsubscribe and subscribe: the answers are compared with D1. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { upsertRecipient } from "../../src/suppressions/recipients.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { ask, environment, logOf, newMessage, token } from "../worker.ts";
import { brokenDatabase, type DatabaseFault, faultyDatabase, hurry, inTurn } from "./broken.ts";

const FORM = { action: "unsubscribe" };
const ONE_CLICK = { "List-Unsubscribe": "One-Click" };
const BACK = { action: "subscribe" };

const post = (message: Message, fields: Record<string, string>, around?: Env) =>
  ask(`/u/${token("unsubscribe", message)}`, { method: "POST", body: new URLSearchParams(fields) }, around ?? env);

const typesOf = async ({ person }: Message) => (await logOf(person)).map(({ type }) => type);

/** The subjects of a person's suppressions, of which the address's is the one that keeps them from being mailed. */
async function suppressed({ person }: Message): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT subject FROM suppressions WHERE subject IN (?1, ?2) ORDER BY subject",
  )
    .bind(`person:${person}`, `address:${addressOf(person)}`)
    .all<{ subject: string }>();
  return results.map(({ subject }) => subject);
}

const addressOf = (person: string) => `${person}@lavande.example`;
const both = ({ person }: Message) => [`address:${addressOf(person)}`, `person:${person}`];

async function newPerson(): Promise<Message> {
  const message = newMessage();
  const { person } = message;
  const recipientInput = {
    email: { id: "7" },
    campaign: { id: "42" },
    person: { id: person, address: addressOf(person) },
  };
  await upsertRecipient(env.DB, recipientInput, 0);
  return message;
}

/** A Worker whose D1 has these faults, in turn. */
const failing = (...faults: readonly (DatabaseFault | undefined)[]) =>
  environment({ DB: faultyDatabase(inTurn(faults)) });

afterEach(() => {
  vi.restoreAllMocks();
});

describe("an unsubscription", () => {
  it("is one Unsubscribed when forms and one-click posts race, and when they are replayed", async () => {
    const message = await newPerson();
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => post(message, n % 2 === 0 ? FORM : ONE_CLICK, environment())),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    }
    expect(await typesOf(message)).toEqual([9]);
    expect(await suppressed(message)).toEqual(both(message));
  });

  it("is confirmed and logged once when D1 committed and the answer was lost", async () => {
    const message = await newPerson();
    const answer = await post(message, ONE_CLICK, failing("commits and loses the connection", undefined));
    expect(answer.status).toBe(200);
    expect(await typesOf(message)).toEqual([9]);
    expect(await suppressed(message)).toEqual(both(message));
  });

  it("is answered as failed when D1 commits and goes away; a second try succeeds and adds no event", async () => {
    const message = await newPerson();
    const around = failing("commits and loses the connection", "overloaded", undefined);
    const first = await post(message, ONE_CLICK, around);
    expect(first.status).toBe(503);
    expect(Number(first.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await typesOf(message)).toEqual([9]);
    expect((await post(message, ONE_CLICK, around)).status).toBe(200);
    expect(await typesOf(message)).toEqual([9]);
    expect(await suppressed(message)).toEqual(both(message));
  });

  it("is stored by the second attempt when only the connection was lost", async () => {
    const message = await newPerson();
    const answer = await post(message, FORM, failing("loses the connection", undefined));
    expect(answer.status).toBe(200);
    expect(await typesOf(message)).toEqual([9]);
  });

  it("is refused while D1 is down, with a page or JSON, and stored when D1 is back", async () => {
    const message = await newPerson();
    const { d1, mend } = brokenDatabase();
    const around = environment({ DB: d1 });
    for (const fields of [FORM, ONE_CLICK]) {
      const refused = await post(message, fields, around);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
      expect(refused.headers.get("Content-Type")).toMatch(fields === FORM ? /^text\/html/ : /^text\/plain/);
    }
    expect(await typesOf(message)).toEqual([]);
    expect(await suppressed(message)).toEqual([]);
    mend();
    expect((await post(message, ONE_CLICK, around)).status).toBe(200);
    expect(await typesOf(message)).toEqual([9]);
  });

  it("is refused when D1 hangs, so that the mail client tries again", async () => {
    hurry();
    const message = await newPerson();
    const answer = await post(message, ONE_CLICK, failing("hangs"));
    expect(answer.status).toBe(503);
    expect(await suppressed(message)).toEqual([]);
  });
});

describe("a resubscription", () => {
  it("is one Subscribed when two race", async () => {
    const message = await newPerson();
    await post(message, FORM);
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(message, BACK, environment())));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await typesOf(message)).toEqual([9, 100_001]);
    expect(await suppressed(message)).toEqual([]);
  });

  it("alternates with unsubscriptions that it races; the last event decides the suppression", async () => {
    for (let round = 0; round < 5; round++) {
      const message = await newPerson();
      const fields = [FORM, BACK, ONE_CLICK, BACK, FORM, BACK];
      const answers = await Promise.all(fields.map((each) => post(message, each, environment())));
      expect(answers.map(({ status }) => status)).toEqual(fields.map(() => 200));
      const types = await typesOf(message);
      // Within an hour there is one row of each.
      expect(new Set(types).size).toBe(types.length);
      expect(await suppressed(message)).toEqual(types.at(-1) === 9 ? both(message) : []);
    }
  });

  it("is confirmed and logged once when D1 committed and the answer was lost", async () => {
    const message = await newPerson();
    await post(message, FORM);
    const answer = await post(message, BACK, failing("commits and loses the connection", undefined));
    expect(answer.status).toBe(200);
    expect(await typesOf(message)).toEqual([9, 100_001]);
    expect(await suppressed(message)).toEqual([]);
  });
});
