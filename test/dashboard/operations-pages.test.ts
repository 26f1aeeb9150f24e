/** The pages of webhooks, exports and health. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { rowOf } from "../../src/events/row.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask } from "../worker.ts";
import { signedIn, submit, withSession } from "./browser.ts";
import { attributeOf, elementsOf, pageOf, tableOf, textOf } from "./page.ts";

let session: Record<string, string>;
beforeEach(async () => {
  session = withSession(await signedIn());
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
    expect(problems.map(textOf)).toEqual([expect.stringContaining("url")]);
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
    expect(again).toContain("Its secret was shown once, and is not shown again.");
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

describe("/app/exports", () => {
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
    expect(tableOf(page, "Dead letters").at(-1)?.slice(1, 3)).toEqual(["<b>why</b>", "2"]);
    const replayed = await submit("/app/health", { action: "replay" }, session);
    expect(replayed.headers.get("Location")).toMatch(/^\/app\/health\?replayed=\d+&failed=0$/);
    const found = await env.DB.prepare("SELECT count(*) AS found FROM events WHERE id = 'dead-letter'").first("found");
    expect(found).toBe(1);
  });
});
