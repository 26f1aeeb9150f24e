/** POST /v1/decorate/batch: one template, many recipients, a line each. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { verifyToken } from "../../src/tokens/verify.ts";
import { keys } from "../marketo/marketo.ts";
import { post as postJson } from "../outcomes.ts";
import { ask, environment, logOf, newMessage, settledLogOf, token } from "../worker.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };
const mail = { email: { id: 7, name: "Batch" }, campaign: "autumn", html: "<p>Hello</p>" };
const post = (body: unknown, around: Env = env) =>
  ask("/v1/decorate/batch", { method: "POST", body: JSON.stringify(body), headers: KEY }, around);

type Line = Readonly<Record<string, unknown>>;
const linesOf = async (answer: Response): Promise<Line[]> =>
  (await answer.text())
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

/** People that nobody had before, with addresses. */
const people = (count: number) =>
  Array.from({ length: count }, () => {
    const { person: id } = newMessage();
    return { person: { id, address: `${id}@batch.example` } };
  });

const storedOf = async (recipients: ReturnType<typeof people>) =>
  await env.DB.prepare("SELECT count(*) AS n FROM people WHERE person IN (SELECT value FROM json_each(?))")
    .bind(JSON.stringify(recipients.map(({ person }) => person.id)))
    .first<number>("n");

/** D1 with a count of its transactions, of which those from `failsFrom` on fail. */
function countingD1(failsFrom = Number.POSITIVE_INFINITY) {
  const counted = { transactions: 0 };
  const batch: D1Database["batch"] = (statements) =>
    counted.transactions++ < failsFrom
      ? env.DB.batch(statements)
      : Promise.reject(new Error("D1_ERROR: D1 DB is overloaded"));
  const around = environment({ DB: { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database });
  return { counted, around };
}

describe("POST /v1/decorate/batch", () => {
  it("answers a line for each recipient in order: a copy, a suppression, or what is wrong", async () => {
    const [marie, out, ...others] = people(5);
    const unsubscribed = { email: "7", campaign: "autumn", person: out?.person.id ?? "" };
    await ask(`/u/${token("unsubscribe", unsubscribed)}`, { method: "POST" });
    const link = '<a data-link-name="Account" href="https://shop.example/?uid={{uid}}">Dear {{ name }}</a>';
    const answer = await post({
      ...mail,
      html: `<p>${link} <a href="{{unsubscribe}}">Stop</a></p>`,
      text: "Dear {{name}}: https://shop.example/?uid={{uid}}",
      utm: { source: "news" },
      recipients: [
        { ...marie, send: "s-1", variables: { name: "<Marie> & co", uid: "a b&c", unused: 1 } },
        { ...out, variables: { name: "Out", uid: 2 } },
        { ...others[0], variables: { name: "Anna" } },
        { person: { id: "a b" }, variables: { name: "x" } },
        { ...others[1], tracking: "none", variables: { name: "Ève", uid: 3 } },
        { ...others[2], name: "x" },
        null,
      ],
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("application/x-ndjson; charset=utf-8");
    const [first, suppressed, unfilled, wrong, untracked, ...rest] = await linesOf(answer);
    const url = "https://shop.example/?uid=a%20b%26c&utm_source=news";
    expect(first).toMatchObject({ index: 0, person: { id: marie?.person.id }, send: "s-1", warnings: [] });
    expect(first).toMatchObject({
      links: [{ name: "Account", url }],
      headers: { "X-Waxseal-Message": first?.message },
    });
    expect(first?.html).toContain(">Dear &lt;Marie&gt; &amp; co</a>");
    const [, click = ""] =
      /Dear <Marie> & co: https:\/\/t\.example(\/c\/[\w-]+)(?:\/x)?$/.exec(String(first?.text)) ?? [];
    expect((await ask(click)).headers.get("Location")).toBe(url);
    expect(verifyToken(keys, "message", String(first?.message))).toMatchObject({
      value: { person: marie?.person.id, send: "s-1" },
    });
    expect(suppressed).toMatchObject({ index: 1, suppressed: [{ reason: "unsubscribed", since: expect.any(String) }] });
    expect(suppressed).not.toHaveProperty("html");
    expect(unfilled).toMatchObject({ index: 2, error: { code: "invalid_field", field: "recipients.2.variables.uid" } });
    expect(wrong).toMatchObject({ index: 3, error: { code: "invalid_field", field: "recipients.3.person.id" } });
    expect(untracked).toMatchObject({ index: 4, links: [], text: "Dear Ève: https://shop.example/?uid=3" });
    expect(rest).toMatchObject([
      { index: 5, error: { code: "unknown_field", field: "recipients.5.name" } },
      { index: 6, error: { field: "recipients.6" } },
    ]);
    expect(await storedOf(marie === undefined ? [] : [marie])).toBe(1);
    expect(await settledLogOf(marie?.person.id ?? "")).toMatchObject([{ type: 11 }]);
    const { url: stored } =
      (await env.DB.prepare("SELECT url FROM links WHERE name = 'Account'").first<{ url: string }>()) ?? {};
    expect(stored).toBe("https://shop.example/?uid={{uid}}&utm_source=news");
  });

  it("leaves placeholders to a later step where nobody has variables, and says so", async () => {
    const [line] = await linesOf(await post({ ...mail, html: "<p>Dear {{name}}</p>", recipients: people(1) }));
    expect(line?.html).toContain("Dear {{name}}");
    expect(line?.warnings).toEqual([{ code: "unfilled", message: expect.stringMatching(/^\{\{name\}\}: /) }]);
  });

  it("fills placeholders for all once the batch has variables; a recipient's own come first", async () => {
    const [one, other] = people(2);
    const html = "<p>{{greeting}} {{name}}</p>";
    const variables = { greeting: "Dear", unused: 1 };
    const recipients = [one, { ...other, variables: { name: "Anna", greeting: "Hi" } }];
    const filled = await linesOf(
      await post({ ...mail, html, variables: { ...variables, name: "reader" }, recipients }),
    );
    expect(filled.map((line) => /<p>(.*?)</.exec(String(line.html))?.[1])).toEqual(["Dear reader", "Hi Anna"]);
    expect(filled[0]?.warnings).toEqual([]);
    const empty = await linesOf(await post({ ...mail, html, variables: {}, recipients: [one] }));
    expect(empty).toMatchObject([{ index: 0, error: { field: "recipients.0.variables.greeting" } }]);
  });

  it("decorates for the suppressed when asked to, with a link that cannot subscribe them again", async () => {
    const [out] = people(1);
    const unsubscribed = { email: "7", campaign: "autumn", person: out?.person.id ?? "" };
    await ask(`/u/${token("unsubscribe", unsubscribed)}`, { method: "POST" });
    const [line] = await linesOf(await post({ ...mail, evenIfSuppressed: true, recipients: [out] }));
    const { headers } = line as { headers: Record<string, string> };
    const [, path = ""] = /\/u\/([^>]*)/.exec(headers["List-Unsubscribe"]?.replaceAll(" ", "") ?? "") ?? [];
    expect(verifyToken(keys, "optout", path)).toMatchObject({ ok: true });
  });

  it.each([
    ["no recipients", { recipients: undefined }, "recipients"],
    ["an empty list of recipients", { recipients: [] }, "recipients"],
    ["too many recipients", { recipients: Array.from({ length: 501 }, () => ({ person: 1 })) }, "recipients"],
    ["neither html nor text", { html: undefined }, "html"],
    ["a person of its own", { person: 1 }, "person"],
    ["something else in double braces", { html: "{{#if a}}", recipients: [{ person: 1, variables: {} }] }, "html"],
    ["an unknown origin", { origin: "https://a.example" }, "origin"],
    ["html over a million characters", { html: "x".repeat(1_048_577) }, "html"],
  ])("refuses a batch with %s as a whole", async (_what, wrong, field) => {
    const answer = await post({ ...mail, recipients: [{ person: 1 }], ...wrong });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { field } });
  });

  it("takes 500 recipients in five transactions of D1, and bodies up to 10 MiB", async () => {
    const { counted, around } = countingD1();
    const recipients = people(500).map((each) => ({ ...each, variables: { a: "x".repeat(10_000) } }));
    const answer = await post({ ...mail, html: "{{a}}", recipients }, around);
    const lines = await linesOf(answer);
    expect(lines.map(({ index, person }) => [index, person])).toEqual(
      recipients.map(({ person }, index) => [index, { id: person.id }]),
    );
    expect(counted.transactions).toBe(5);
    const tooLarge = await post({
      ...mail,
      recipients: [{ person: 1, variables: { a: "x".repeat(10 * 1024 * 1024) } }],
    });
    expect(tooLarge.status).toBe(413);
    expect(await tooLarge.text()).toContain("10 MiB");
  });

  it("stores nothing of those whose lines were not read, when the connection breaks", async () => {
    const recipients = people(250);
    const { body } = await post({ ...mail, recipients });
    const reader = body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await reader?.cancel();
    expect(await storedOf(recipients)).toBe(100);
    for (const { person } of [recipients[0], recipients[249]].flatMap((each) => each ?? []))
      expect(await logOf(person.id)).toEqual([]);
  });

  it("says which recipients could not be stored while D1 is out of reach", async () => {
    const recipients = people(150);
    const lines = await linesOf(await post({ ...mail, recipients }, countingD1(1).around));
    expect(lines).toHaveLength(150);
    expect(lines.slice(0, 100).every(({ html }) => html !== undefined)).toBe(true);
    for (const line of lines.slice(100)) expect(line).toMatchObject({ error: { code: "storage_unavailable" } });
    expect(lines.at(-1)).toMatchObject({ index: 149, person: { id: recipients[149]?.person.id } });
    expect((await post({ ...mail, recipients }, countingD1(0).around)).status).toBe(503);
  });

  it("stores addresses as if each recipient came alone, also when a batch names them twice", async () => {
    const world = async (send: (all: readonly object[]) => Promise<unknown>) => {
      const [one, other, third] = people(3).map(({ person }) => person.id);
      const unsubscribed = { email: "7", campaign: "autumn", person: one ?? "" };
      await ask(`/u/${token("unsubscribe", unsubscribed)}`, { method: "POST" });
      const at = (person: string | undefined, address: string | undefined) => ({
        person: { id: person, address: `${address}@batch.example` },
      });
      await send([at(one, one), at(other, one), at(other, other), at(third, other), at(third, third), at(one, third)]);
      const all = JSON.stringify([one, other, third]);
      const rows = async (query: string) => {
        const { results } = await env.DB.prepare(query).bind(all).all();
        const named = (row: unknown) =>
          [one, other, third].reduce<string>(
            (text, person, index) => text.replaceAll(person ?? "", `person-${index}`),
            JSON.stringify(row),
          );
        return results.map(named).sort();
      };
      return [
        await rows("SELECT person, address FROM people WHERE person IN (SELECT value FROM json_each(?))"),
        await rows(`SELECT subject, reason, owner FROM suppressions WHERE EXISTS (
          SELECT 1 FROM json_each(?) WHERE instr(subject, value))`),
        await rows(`SELECT person, address FROM other_addresses WHERE person IN (SELECT value FROM json_each(?))`),
      ];
    };
    const together = await world((recipients) => post({ ...mail, recipients }));
    const alone = await world(async (recipients) => {
      for (const recipient of recipients) await postJson("/v1/decorate", { ...mail, ...recipient });
    });
    expect(together).toEqual(alone);
    expect(together[1]?.join()).toContain("person:person-1");
  });
});
