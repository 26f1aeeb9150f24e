/** The pages of deliverability and of suppressions: they say what the API answers, and change what their forms ask. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { ask } from "../worker.ts";
import { signedIn, submit, withSession } from "./browser.ts";
import { attributeOf, elementsOf, pageOf, tableOf, textOf } from "./page.ts";

const DOMAINS = "Outcomes by recipient domain";
const HOSTILE = `<img src=x onerror=alert(1)>"'&`;

let session: Record<string, string>;
beforeEach(async () => {
  await emptyLog();
  session = withSession(await signedIn());
});

const show = async (path: string) => await pageOf(await ask(path, { headers: session }));

describe("/app/deliverability", () => {
  const bounce = (person: string, category: number, details: string) => ({
    person,
    type: category > 2 ? 27 : 8,
    detail: JSON.stringify({ category, status: "5.7.1", details }),
  });

  it("shows each domain's outcomes and the servers' words as text, and those to one domain", async () => {
    const insert = env.DB.prepare("REPLACE INTO people (person, address) VALUES (?1, ?1 || '@' || ?2)");
    await env.DB.batch([
      insert.bind("a", "one.example"),
      insert.bind("b", "two.example"),
      insert.bind("c", "two.example"),
    ]);
    await logRows(
      ...["a", "b", "c"].map((person) => ({ person })),
      { person: "a", type: 7 },
      bounce("b", 1, HOSTILE),
      bounce("c", 3, "452 4.2.2 mailbox full"),
    );
    const page = await show("/app/deliverability");
    const [head, ...rows] = tableOf(page, "Outcomes by recipient domain");
    expect(head).toEqual(["Domain", "Sent", "Delivered", "Deferred", "Hard bounced", "Blocked", "Complaints"]);
    expect(rows).toEqual([
      ["two.example", "2", "0 0%", "1 50.0%", "1 50.0%", "1", "0 –"],
      ["one.example", "1", "1 100%", "0 0%", "0 0%", "0", "0 0%"],
    ]);
    const words = tableOf(page, "Bounces by the servers’ words").slice(1);
    expect(words.map(([said]) => said)).toEqual(expect.arrayContaining([HOSTILE, "452 4.2.2 mailbox full"]));
    expect(elementsOf(page, "img")).toEqual([]);
    const ofOne = await show("/app/deliverability?domain=one.example");
    expect(textOf(ofOne)).toContain("Why mail to one.example bounced");
    expect(textOf(ofOne)).toContain("Nothing bounced");
  });

  it("tells a sender who is rate limited from one who is greylisted, and what to do", async () => {
    const status = "4.7.28";
    const put = (person: string, details: string, more: object) => ({
      person,
      type: 27,
      detail: JSON.stringify({ category: 9, details, ...more }),
    });
    await logRows({ person: "a" }, put("a", "450 4.7.1 Greylisted, please try again.", { status: "4.7.1" }));
    const grey = textOf(await show("/app/deliverability"));
    expect([grey.includes("Greylisting is normal"), grey.includes("SPF, DKIM")]).toEqual([true, false]);
    await logRows({ person: "b" }, put("b", "421 4.7.28 unusual rate of unsolicited mail", { status }));
    const page = await show("/app/deliverability");
    expect(textOf(page)).toContain("authentication (SPF, DKIM, DMARC)");
    const reasons = tableOf(page, "Bounces by the servers’ words").slice(1);
    expect(new Set(reasons.map(([, reason]) => reason?.split(":")[0]))).toEqual(
      new Set(["Greylisted", "Rate limited"]),
    );
  });

  it("warns of a complaint rate from the limits of Gmail and Yahoo on, where there are enough messages", async () => {
    const people = Array.from({ length: 1_000 }, (_, index) => `p${index}`);
    await logRows(...people.flatMap((person) => [{ person }, { person, type: 7 }]));
    await logRows(...people.slice(0, 3).map((person) => ({ person, type: 9, detail: '{"cause":"complaint"}' })));
    const [, row] = tableOf(await show("/app/deliverability"), "Outcomes by recipient domain");
    expect(row?.at(-1)).toBe("3 0.30% over 0.3%");
  });

  it("has a next page that is there, though time goes on", async () => {
    const insert = env.DB.prepare("REPLACE INTO people (person, address) VALUES (?1, ?1 || '@' || ?1 || '.example')");
    const people = Array.from({ length: 51 }, (_, index) => `d${index}`);
    await env.DB.batch(people.map((person) => insert.bind(person)));
    await logRows(...people.map((person) => ({ person })));
    const next = elementsOf(await show("/app/deliverability"), "a").find((link) => attributeOf(link, "rel") === "next");
    const rows = tableOf(await show(next === undefined ? "" : (attributeOf(next, "href") ?? "")), DOMAINS);
    expect(rows).toHaveLength(2);
  });

  it("says what to do while nothing was sent", async () => {
    expect(textOf(await show("/app/deliverability"))).toContain("No mail was sent in this time");
  });
});

describe("/app/suppressions", () => {
  it("adds one, shows it with its cause, and removes it with who did it and why", async () => {
    const fields = { action: "add", recipient: "dora@example.com", reason: "unsubscribed", cause: HOSTILE, who: "lea" };
    const added = await submit("/app/suppressions", fields, session);
    expect([added.status, added.headers.get("Location")]).toEqual([
      303,
      "/app/suppressions?done=added&kind=address&recipient=dora%40example.com",
    ]);
    const [, row] = tableOf(await show("/app/suppressions"), "Suppressions");
    expect(row?.slice(0, 4)).toEqual(["dora@example.com", "Unsubscribed", HOSTILE, "lea"]);
    const asked = textOf(await show("/app/suppressions?recipient=dora@example.com"));
    expect(asked).toContain("Mail must not be sent to dora@example.com");
    const removal = { action: "remove", address: "dora@example.com", reason: "unsubscribed", who: "lea", why: "" };
    const refused = await submit("/app/suppressions?recipient=dora@example.com", removal, session);
    expect(refused.status).toBe(400);
    expect(textOf(await pageOf(refused))).toContain("Must not be empty");
    await submit("/app/suppressions", { ...removal, why: "she called" }, session);
    expect((await get("/v1/suppressions/check?address=dora@example.com")).body).toMatchObject({ reasons: [] });
  });

  it("says for whom an answer is and whether they are known, and takes no text for an id by itself", async () => {
    await env.DB.prepare("REPLACE INTO people (person, address) VALUES ('amy.36', 'amy.36@icloud.example')").run();
    const answer = async (query: string) => textOf(await show(`/app/suppressions?${query}`));
    expect(await answer("recipient=amy.36")).toContain("This is no email address");
    const known = "mail may be sent to the person amy.36 ( amy.36@icloud.example )";
    expect(await answer("kind=person&recipient=amy.36")).toContain(known);
    expect(await answer("recipient=amy.36@icloud.example")).toContain("mail may be sent to amy.36@icloud.example");
    for (const query of ["kind=person&recipient=erika", "recipient=amy.63@icloud.example"]) {
      expect(await answer(query)).toContain("known: no message");
      expect(await answer(query)).not.toContain("mail may be sent");
    }
    expect(await answer("kind=person&recipient=a%20b")).toContain("A person id has 1 to 64 letters");
  });

  it("suppresses an id that nobody has after it has asked only", async () => {
    const fields = { action: "add", kind: "person", recipient: "erika", reason: "unsubscribed" };
    const asked = await submit("/app/suppressions", fields, session);
    expect(asked.status).toBe(409);
    expect(textOf(await pageOf(asked))).toContain("Suppress the id erika all the same");
    // The consent is to one id.
    expect((await submit("/app/suppressions", { ...fields, unknown: "erica" }, session)).status).toBe(409);
    const reasons = async () => (await get("/v1/suppressions/check?person=erika")).body.reasons;
    expect(await reasons()).toEqual([]);
    expect((await submit("/app/suppressions", { ...fields, unknown: "erika" }, session)).status).toBe(303);
    expect(await reasons()).toHaveLength(1);
    const wrong = await submit("/app/suppressions", { ...fields, recipient: "a b", unknown: "a b" }, session);
    expect([wrong.status, textOf(await pageOf(wrong))]).toEqual([400, expect.stringContaining("A person id has 1 to")]);
  });

  it("imports a list, and names the lines that are no addresses", async () => {
    const addresses = `one@example.com\r\nnobody\n\ntwo@example.com`;
    const answer = await submit("/app/suppressions", { action: "import", addresses, reason: "invalid" }, session);
    const imported = "/app/suppressions?done=imported&accepted=2";
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, `${imported}&refused=1&lines=2`]);
    const page = textOf(await show(answer.headers.get("Location") ?? ""));
    expect(page).toContain("2 are suppressed from now on. One line is no address");
    expect(page).toContain("and suppressed nobody: line 2 of your list.");
    const none = await submit(
      "/app/suppressions",
      { action: "import", addresses: "nobody", reason: "invalid" },
      session,
    );
    expect([none.status, textOf(await pageOf(none))]).toEqual([422, expect.stringContaining("No line is an email")]);
  });

  it("shows a wrong entry again beside its field, and changes nothing", async () => {
    const before = (await get("/v1/suppressions")).body;
    const answer = await submit(
      "/app/suppressions",
      { action: "add", recipient: "no@address@", reason: "invalid" },
      session,
    );
    expect(answer.status).toBe(400);
    const page = await pageOf(answer);
    const field = elementsOf(page, "p").find(({ attrs }) =>
      attrs.some(({ value }) => value === "problem-add-recipient"),
    );
    expect(field === undefined ? "" : textOf(field)).toContain("This is no email address");
    expect((await get("/v1/suppressions")).body).toEqual(before);
  });

  it("is not for those who only read", async () => {
    const { body } = await post("/v1/clients", { name: "reader", scopes: ["read"] });
    const { id, secret } = body as { id: string; secret: string };
    const reader = withSession(await signedIn({ client: id, secret }));
    expect((await ask("/app/suppressions", { headers: reader })).status).toBe(403);
  });
});
