/** Pages of messages that are archived: their numbers stay, and what is left out is said. */
import { beforeAll, expect, it } from "vitest";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { archiveMessages } from "../reports/archived-messages.ts";
import { click } from "../reports/small-mailing.ts";
import { signedIn } from "./browser.ts";
import { type ShownPage, shownPage, textOf } from "./page.ts";

const SAID = /([0-9,]+) of these messages (?:is|are) archived, and left out here/g;
const PAGES = {
  email: "/app/emails/7",
  recipients: "/app/emails/7/recipients?did=clicked",
  deliverability: "/app/deliverability?from=2026-08-09&to=2026-08-11",
  overview: "/app?from=2026-08-09&to=2026-08-11&by=day&show=sent",
} as const;

let token = "";
beforeAll(async () => {
  await emptyLog();
  token = await signedIn();
  const at = Date.parse("2026-08-10T08:00:00Z");
  const hour = 3_600_000;
  await logRows(
    ...["a", "b", "c", "d"].map((person) => ({ person, at })),
    ...["a", "c", "d"].map((person) => ({ person, type: 7, at: at + hour })),
    { person: "b", type: 8, at: at + hour },
    ...["a", "c"].map((person) => click(person, "l1", { at: at + 2 * hour })),
    // After the first 48 hours.
    { person: "e", at: at + 5 * 24 * hour },
  );
});

async function shown(): Promise<Readonly<Record<keyof typeof PAGES, ShownPage>>> {
  const pages: [string, ShownPage][] = [];
  for (const [name, path] of Object.entries(PAGES)) pages.push([name, await shownPage(path, token)]);
  return Object.fromEntries(pages) as Record<keyof typeof PAGES, ShownPage>;
}

const said = ({ html }: ShownPage) => [...html.matchAll(SAID)].map(([, count]) => count);

it("count archived messages in totals and courses, and say how many are not in lists and details", async () => {
  const before = await shown();
  expect(Object.values(before).map(said)).toEqual([[], [], [], []]);
  await archiveMessages("person IN ('a', 'b', 'e')");
  const { email, recipients, deliverability, overview } = await shown();
  expect([email.figures, overview.figures]).toEqual([before.email.figures, before.overview.figures]);
  expect(email.table("From sent to clicked")).toEqual(before.email.table("From sent to clicked"));
  expect(overview.table("Sent, by when the message was sent")).toEqual(
    before.overview.table("Sent, by when the message was sent"),
  );
  // In their first 48 hours, by the hour of the week, by domain, by device, and why they bounced.
  expect(said(email)).toEqual(["2", "3", "3", "3", "3"]);
  expect([said(recipients), said(deliverability), said(overview)]).toEqual([["3"], ["2", "2"], []]);
  expect(before.recipients.table("People").length - recipients.table("People").length).toBe(1);
});

it("show days where hours are not known, and say so", async () => {
  const page = await shownPage("/app?from=2026-08-10&to=2026-08-10&show=sent", token);
  expect(page.html).toContain("By day: some of these messages are archived, without their hours.");
  expect(page.table("Sent, by when the message was sent")).toHaveLength(1);
  expect(page.figures.Sent?.[0]).toBe("4");
});

it("say that the rest is archived where nothing else is left", async () => {
  await archiveMessages("true");
  const { email, recipients, deliverability } = await shown();
  expect(deliverability.text("h1") + deliverability.html).toContain("Mail of this time is archived");
  for (const page of [email, recipients]) {
    const text = page.all("main").map(textOf).join(" ");
    expect(text).toContain("Nothing of messages that are not archived");
    for (const denied of ["Nobody", "None was reported", "Nothing was opened", "No person"])
      expect(text).not.toContain(denied);
  }
});
