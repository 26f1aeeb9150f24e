/** The zone of a page's times, and the form that chooses it. */
import { expect, it } from "vitest";
import { ask } from "../worker.ts";
import { signedIn, submit, withSession } from "./browser.ts";
import { ShownPage, shownPage } from "./page.ts";

const OF_BROWSER = "waxseal-zone=Asia/Tokyo";

async function footWith(session: string, path: string, ...cookies: readonly string[]): Promise<ShownPage> {
  const Cookie = [withSession(session).Cookie, ...cookies].join("; ");
  const answer = await ask(path, { headers: { Cookie } });
  return new ShownPage(answer.status, await answer.text());
}

it("is that of the browser until another is chosen, and again when the choice is emptied", async () => {
  const session = await signedIn();
  expect((await footWith(session, "/app")).text("footer")).toContain("Times are in UTC.");
  expect((await footWith(session, "/app", OF_BROWSER)).text("footer")).toContain("Times are in Asia/Tokyo.");
  const chosen = await submit("/app/zone", { zone: "europe/paris", next: "/app/emails?sort=sent&zone=UTC&cursor=a" });
  expect([chosen.status, chosen.headers.get("Location")]).toEqual([303, "/app/emails?sort=sent"]);
  const cookie = chosen.headers.get("Set-Cookie") ?? "";
  expect(cookie).toMatch(/^waxseal-chosen-zone=Europe%2FParis; .*Path=\/app; HttpOnly; Secure; SameSite=Lax$/);
  const page = await footWith(session, "/app", OF_BROWSER, cookie.split(";")[0] ?? "");
  expect(page.text("footer")).toContain("Times are in Europe/Paris.");
  const emptied = await submit("/app/zone", { zone: "", next: "https://elsewhere.example/" });
  expect(emptied.headers.get("Location")).toBe("/app");
  expect(emptied.headers.get("Set-Cookie")).toMatch(/^waxseal-chosen-zone=; Max-Age=0;/);
});

it("is asked of the browser on a page that was told none, but not where loading it again loses something", async () => {
  const session = await signedIn();
  const asks = async (path: string, ...cookies: readonly string[]) =>
    (await footWith(session, path, ...cookies)).html.includes("data-zone-unknown");
  expect(await asks("/app/people")).toBe(true);
  expect(await asks("/app/people?zone=UTC")).toBe(false);
  expect(await asks("/app/people", "waxseal-zone=Nowhere/None")).toBe(false);
  expect(await asks("/app/nothing")).toBe(false);
});

it("is refused when nobody knows it, which changes nothing", async () => {
  const refused = await submit("/app/zone", { zone: "Mars/Olympus" });
  expect([refused.status, refused.headers.get("Set-Cookie")]).toEqual([400, null]);
  expect(await refused.text()).toContain("time zone database");
  const fromElsewhere = await submit(
    "/app/zone",
    { zone: "UTC" },
    { Origin: "https://elsewhere.example", "Sec-Fetch-Site": "cross-site" },
  );
  expect(fromElsewhere.status).toBe(403);
});

it.each([
  ["/app/emails", "period=week&sort=sent"],
  ["/app/messages", "status=delivered"],
  ["/app/suppressions", "reason=blocked"],
])("%s in another zone than the one whose days a page of it was of leads to its first page", async (path, query) => {
  const page = await shownPage(`${path}?${query}&cursor=of-another-list`);
  expect([page.status, page.text("h1")]).toEqual([400, "This page of the list is gone"]);
  expect(page.links.get("First page of the list")).toBe(`${path}?${query}`);
});
