/** Every page that shows opens says what Apple's mail privacy proxy does to them. */
import { beforeAll, expect, it } from "vitest";
import { CAMPAIGN, EMAIL, pathsOf } from "../browser/page-paths.ts";
import { emptyLog } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { logMailing } from "../reports/small-mailing.ts";
import { signedIn } from "./browser.ts";
import { shownPage, textOf } from "./page.ts";

const OPENS = /\bopens?\b(?! and clicks by bots)|\bopened\b|\bopen rate\b/i;
const OF_PROXY = /behind Apple’s mail privacy proxy/;
/** Pages with the word that show no figures of opens, or each open by itself. */
const OTHERS = [
  // Names the proxy at each event of its own (test/messages/messages.test.ts).
  /^\/app\/messages\/./,
  // Counts what is held, whoever opened.
  /^\/app\/people\/./,
  // Types of events.
  /^\/app\/webhooks/,
  // The reader's mail client is the page itself.
  /^\/app\/try/,
];

beforeAll(async () => {
  await emptyLog();
  await logMailing();
});

it.each(["exclude", "include"])("a page that shows opens says so, with bots=%s", async (bots) => {
  const token = await signedIn();
  const [message] = ((await get("/v1/messages?person=e")).body as { data: { message: string }[] }).data;
  const paths = pathsOf({
    message: message?.message ?? "",
    messageIds: "7/42/e",
    person: "e",
    endpoint: "",
    erasure: "",
  })
    .filter((path) => !OTHERS.some((other) => other.test(path)))
    .map((path) => path.replaceAll(`${EMAIL}`, "7").replaceAll(`${CAMPAIGN}`, "42"));
  const showing: string[] = [];
  const silent: string[] = [];
  for (const path of paths) {
    const page = await shownPage(`${path}${path.includes("?") ? "&" : "?"}bots=${bots}`, token);
    expect([path, page.status]).toEqual([path, 200]);
    const text = page.all("main").map(textOf).join();
    if (!OPENS.test(text)) continue;
    (OF_PROXY.test(text) ? showing : silent).push(path);
  }
  expect(silent).toEqual([]);
  expect(showing).toEqual(expect.arrayContaining(["/app", "/app/messages", "/app/emails/7", "/app/exports"]));
});
