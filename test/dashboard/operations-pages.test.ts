/** The pages of webhooks, exports and health. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { momentOf } from "../../src/dashboard/local-dates.ts";
import { rowOf } from "../../src/events/row.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { clickRow } from "../ingest/click-row.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { ask } from "../worker.ts";
import { signedIn, submit, withSession } from "./browser.ts";
import { attributeOf, elementsOf, pageOf, tableOf, textOf } from "./page.ts";

let session: Record<string, string>;
beforeEach(async () => {
  session = withSession(await signedIn());
});

/** What is posted to them fails, and is tried again. */
afterEach(async () => {
  const { data } = (await get("/v1/webhook-endpoints")).body as { data: { id: string }[] };
  for (const { id } of data) await submit(`/app/webhooks/${id}`, { action: "remove" }, session);
});

const show = async (path: string) => await pageOf(await ask(path, { headers: session }));

/** What the page that a form's answer leads to shows with the cookie that comes with it, and once more without. */
async function secretsAt(answer: Response) {
  const location = answer.headers.get("Location") ?? "";
  const cookie = answer.headers.getSetCookie().join();
  const page = await ask(location, { headers: { Cookie: `${session.Cookie}; ${cookie.split(";")[0]}` } });
  const [shown] = elementsOf(await pageOf(page), "pre");
  return {
    location,
    cookie,
    page,
    secret: shown === undefined ? "" : textOf(shown),
    again: textOf(await show(location)),
  };
}

describe("/app/webhooks", () => {
  it("adds an endpoint, shows its secret once, disables it, and removes it", async () => {
    const fields = {
      action: "create",
      url: "https://hooks.example.com/<b>",
      description: "CRM",
      events: "email.clicked",
    };
    const added = await submit("/app/webhooks", { ...fields, ordered: "on", batch: "100", bots: "exclude" }, session);
    expect(added.status).toBe(303);
    const { secret } = await secretsAt(added);
    expect(secret).toMatch(/^whsec_/);
    const { data } = (await get("/v1/webhook-endpoints")).body as { data: Record<string, unknown>[] };
    const [endpoint] = data;
    expect(endpoint).toMatchObject({ events: ["email.clicked"], ordered: true, batch: 100, bots: "exclude" });
    const row = tableOf(await show("/app/webhooks"), "Webhook endpoints")[1];
    expect(row?.slice(0, 4)).toEqual([String(endpoint?.url), "CRM", "email.clicked", "Enabled"]);
    const path = `/app/webhooks/${String(endpoint?.id)}`;
    const disabled = await submit(path, { action: "disable" }, session);
    expect(disabled.headers.get("Location")).toBe(`${path}?done=disabled`);
    const page = textOf(await show(`${path}?done=disabled`));
    expect(page).toContain("Disabled by you");
    expect(page).not.toContain(secret);
    await submit(path, { action: "remove" }, session);
    expect((await get("/v1/webhook-endpoints")).body).toEqual({ data: [] });
    expect((await ask(path, { headers: session })).status).toBe(404);
  });

  it("says beside the field why an address is refused, and keeps what was filled in", async () => {
    const answer = await submit(
      "/app/webhooks",
      { action: "create", url: "https://10.0.0.1/", description: "x" },
      session,
    );
    expect(answer.status).toBe(400);
    const page = await pageOf(answer);
    const problems = elementsOf(page, "p").filter((each) => attributeOf(each, "id") === "problem-url");
    expect(problems.map(textOf)).toEqual(["Must be of a host on the public internet."]);
    const inputs = elementsOf(page, "input").filter((each) => attributeOf(each, "name") === "description");
    expect(inputs.map((input) => attributeOf(input, "value"))).toEqual(["x"]);
  });
});

describe("a webhook endpoint's secret", () => {
  const create = { action: "create", url: "https://hooks.example.com/once" };

  it("is shown once, whoever loads the page again, and by no address", async () => {
    const added = await submit("/app/webhooks", create, session);
    const { location, cookie, secret, page, again } = await secretsAt(added);
    expect(cookie).toMatch(/^__Host-waxseal-once=[\w-]+; Max-Age=60; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    expect(page.headers.getSetCookie().join()).toMatch(/^__Host-waxseal-once=; Max-Age=0; Path=\/; HttpOnly; Secure/);
    expect(again).toContain("Its secret was shown, or the minute in which it could be is over.");
    expect([location, cookie, again].join()).not.toContain(secret.slice("whsec_".length));
    const { data } = (await get("/v1/webhook-endpoints")).body as { data: { url: string }[] };
    expect(data.filter(({ url }) => url === create.url)).toHaveLength(1);
    const rotated = await secretsAt(await submit(location.split("?")[0] ?? "", { action: "rotate" }, session));
    expect(rotated.location).toMatch(/[?]done=rotated$/);
    expect(rotated.secret).toMatch(/^whsec_/);
    expect(rotated.secret).not.toBe(secret);
  });

  it("is for its page, for who made it, and for a minute", async () => {
    const added = await submit("/app/webhooks", create, session);
    const { location, cookie } = await secretsAt(added);
    const [kept = ""] = cookie.split(";");
    const seen = async (path: string, token: string, value = kept) => {
      const headers = { Cookie: `${withSession(token).Cookie}; ${value}` };
      return (await (await ask(path, { headers })).text()).includes("whsec_");
    };
    // A view of the page that shows no secret leaves it to the one that does.
    const bare = await ask(location.split("?")[0] ?? "", { headers: { Cookie: `${session.Cookie}; ${kept}` } });
    expect([bare.status, bare.headers.getSetCookie()]).toEqual([200, []]);
    const mine = session.Cookie?.split("=")[1] ?? "";
    expect(await seen(location, mine)).toBe(true);
    expect(await seen(location, await signedIn())).toBe(false);
    expect(await seen(location, mine, `${kept.slice(0, -2)}AA`)).toBe(false);
    const other = (await secretsAt(await submit("/app/webhooks", create, session))).location;
    expect(await seen(other, mine)).toBe(false);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 60_000);
    expect(await seen(location, mine)).toBe(false);
    vi.restoreAllMocks();
  });
});

describe("a time in a form", () => {
  it.each([
    ["2026-11-20T09:30", "Europe/Paris", "first", "2026-11-20T08:30:00.000Z"],
    ["2026-11-20T09:30:15", "America/New_York", "last", "2026-11-20T14:30:15.000Z"],
    // Clocks show it twice, or leave it out.
    ["2026-10-25T02:30", "Europe/Paris", "first", "2026-10-25T00:30:00.000Z"],
    ["2026-10-25T02:30", "Europe/Paris", "last", "2026-10-25T01:30:00.000Z"],
    ["2026-03-29T02:30", "Europe/Paris", "first", "2026-03-29T01:00:00.000Z"],
    ["2026-03-29T02:30", "Europe/Paris", "last", "2026-03-29T01:00:00.000Z"],
    ["2026-04-05T02:00", "Australia/Lord_Howe", "last", "2026-04-04T15:30:00.000Z"],
    ["2026-11-20T09:30", "Nowhere/None", "first", "2026-11-20T09:30:00.000Z"],
  ] as const)("%s in %s is (%s) %s", (text, zone, which, moment) => {
    const ms = momentOf(text, zone, which);
    expect(ms === undefined ? undefined : new Date(ms).toISOString()).toBe(moment);
  });

  it.each([
    "",
    "2026-11-20",
    "2026-02-30T10:00",
    "2026-11-20T24:00",
    "2026-11-20T09:30Z",
    "9026-11-20T09:30",
    "x",
  ])("is not %j", (text) => {
    expect(momentOf(text, "Europe/Paris", "first")).toBeUndefined();
  });

  it("of a replay is the viewer's: the range is taken wide, and said with UTC", async () => {
    await logRows({ person: "replayed", email: "71" });
    const { id } = (await post("/v1/webhook-endpoints", { url: "https://hooks.example/" })).body as { id: string };
    const path = `/app/webhooks/${id}?zone=Europe/Paris`;
    const wrong = await submit(path, { action: "replay", from: "2026-10-25", to: "" }, session);
    expect(wrong.status).toBe(400);
    expect(textOf(await pageOf(wrong))).toContain("Must be a date and a time, like 2026-11-20T09:30.");
    const answer = await submit(path, { action: "replay", from: "2020-10-25T02:30", to: "" }, session);
    const location = new URL(answer.headers.get("Location") ?? "", "https://t.example");
    expect(Object.fromEntries(location.searchParams)).toEqual({ done: "replaying", from: "2020-10-25T00:30:00.000Z" });
    const page = await show(`${location.pathname}${location.search}&zone=Europe/Paris`);
    expect(textOf(page)).toContain("The events recorded from 25 Oct 2020, 02:30 on are posted again.");
    expect(elementsOf(page, "time").map((time) => attributeOf(time, "title"))).toContain("25 Oct 2020, 00:30:00 UTC");
  });
});

describe("/app/exports", () => {
  it("takes days of the viewer's calendar, both included, and says when they begin and end, with UTC", async () => {
    const links = async (query: string) => {
      const page = await show(`/app/exports?zone=Europe/Paris&${query}`);
      const files = elementsOf(page, "a").filter((link) => attributeOf(link, "download") === "emails.csv");
      const span = files.map((link) => new URL(attributeOf(link, "href") ?? "", "https://t.example").searchParams);
      return { page, span: span.map((found) => [found.get("since"), found.get("until")]) };
    };
    const { page, span } = await links("from=2026-03-29&to=2026-03-29");
    // The clocks go forward: a day of 23 hours.
    expect(span).toEqual([["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"]]);
    expect(textOf(page)).toContain("Of messages sent from 29 Mar 2026, 00:00 on and before 30 Mar 2026, 00:00");
    expect(elementsOf(page, "time").map((time) => attributeOf(time, "title"))).toEqual([
      "28 Mar 2026, 23:00:00 UTC",
      "29 Mar 2026, 22:00:00 UTC",
    ]);
    expect((await links("to=2026-10-25")).span).toEqual([[null, "2026-10-25T23:00:00.000Z"]]);
    const wrong = await links("from=2026-03-30&to=2026-03-29");
    expect([textOf(wrong.page).includes("Is before the first day."), wrong.span]).toEqual([true, []]);
    expect(textOf((await links("from=2026-02-30")).page)).toContain("Must be a date, like 2026-11-01.");
  });

  it("leads to each report as a file, which is what the API answers, and to nothing else", async () => {
    const page = await show("/app/exports?email=7&bots=include");
    const links = elementsOf(page, "a").filter((link) => attributeOf(link, "download") !== undefined);
    expect(links).toHaveLength(7);
    for (const link of links) {
      const answer = await ask(attributeOf(link, "href") ?? "", { headers: session });
      expect([answer.status, answer.headers.get("Content-Type")], textOf(link)).toEqual([
        200,
        "text/csv; charset=utf-8; header=present",
      ]);
      await answer.text();
    }
    for (const path of ["reports/emails", "people/export.csv", "reports/..%2F..%2Fhealthz%3F.csv", "reports/none.csv"])
      expect((await ask(`/app/files/${path}`, { headers: session })).status, path).toBe(404);
  });

  it("has every row in a file, however many pages of the API that are", async () => {
    const people = Array.from({ length: 1_100 }, (_, index) => `file-${index}`);
    await logRows(...people.map((person) => ({ person, email: "70" })));
    const answer = await ask("/app/files/reports/recipients.csv?email=70&did=not_opened", { headers: session });
    const [head = "", ...rows] = (await answer.text()).trimEnd().split("\r\n");
    expect(head).toContain("Person");
    expect(new Set(rows).size).toBe(people.length);
  });
});

describe("/app/health", () => {
  it("shows a dead letter, and records its events when it is replayed", async () => {
    const message = { email: "7", person: "dead", campaign: "9" };
    const visitor = { userAgent: "" };
    const row = rowOf({ type: "opened", id: "dead-letter", atMs: Date.now(), message, visitor });
    await env.OUTBOX.getByName(OUTBOX_NAME).addDeadLetter(bodyOf(groupOf([row, row])), "<b>why</b>");
    const page = await show("/app/health");
    expect(textOf(page)).toContain("Events are recorded");
    expect(textOf(page)).toMatch(/ Set .*TOKEN_KEYS.* Not set .*BOUNCE_ADDRESS/);
    expect(textOf(page)).not.toContain("wxs_dev_test");
    expect(tableOf(page, "Dead letters").at(-1)?.slice(1, 3)).toEqual(["<b>why</b>", "2"]);
    const replayed = await submit("/app/health", { action: "replay" }, session);
    expect(replayed.headers.get("Location")).toMatch(/^\/app\/health\?replayed=\d+&failed=0$/);
    const found = await env.DB.prepare("SELECT count(*) AS found FROM events WHERE id = 'dead-letter'").first("found");
    expect(found).toBe(1);
  });

  it("replays all dead letters, also those behind a hundred that are rejected again", async () => {
    const outbox = env.OUTBOX.getByName(OUTBOX_NAME);
    for (let n = 0; n < 100; n++) await outbox.addDeadLetter(`9[${n}]`, "unknown_version");
    await outbox.addDeadLetter(bodyOf(groupOf([clickRow("behind a hundred", "dead")])), "once");
    const answer = await submit("/app/health", { action: "replay" }, session);
    expect(answer.headers.get("Location")).toBe("/app/health?replayed=1&failed=100");
    const found = await env.DB.prepare("SELECT count(*) AS found FROM events WHERE id = 'behind a hundred'").first(
      "found",
    );
    expect(found).toBe(1);
  });
});
