/** What somebody with read alone finds on the dashboard: no whole address, the pages' source included. */
import { expect, it } from "vitest";
import type { Scope } from "../../src/access/scope.ts";
import { PAGES } from "../../src/dashboard/pages.ts";
import { fillLog, readingsOf, SECRET } from "../access/addressed-log.ts";
import { newClient } from "../marketo/marketo.ts";
import { ask } from "../worker.ts";
import { sessionOfClient, withSession } from "./browser.ts";

const MAX_LINKS = 300;
/** Of pages that differ by their parameters only. */
const MAX_OF_A_KIND = 6;

/** The addresses below /app that a page leads to, files to download and what its script asks for included. */
function linksIn(html: string): readonly string[] {
  return [...html.matchAll(/"(\/app(?:[/?][^"]*)?)"/g)].map(([, link = ""]) => link.replaceAll("&amp;", "&"));
}

const kindOf = (link: string) => link.split("?")[0]?.split("/").slice(0, 4).join("/") ?? "";

/** Follows the links from page to page, to the first answer that has the secret. Returns the links, and that one. */
async function walk(...scopes: readonly Scope[]) {
  const { client } = await newClient(...scopes);
  const headers = withSession(await sessionOfClient(client, scopes));
  const links = ["/app", ...PAGES.filter(({ path }) => !path.includes(":")).map(({ path }) => `/app${path}`)];
  const ofKind = new Map<string, number>();
  for (const link of links) {
    const count = ofKind.get(kindOf(link)) ?? 0;
    if (count >= MAX_OF_A_KIND) continue;
    ofKind.set(kindOf(link), count + 1);
    const answer = await ask(link, { headers });
    if ([400, 404, 500].includes(answer.status)) throw new Error(`${link} answers ${answer.status}`);
    const text = await answer.text();
    if (readingsOf(text).includes(SECRET)) return { links, found: link };
    if (links.length > MAX_LINKS) continue;
    for (const next of linksIn(text)) if (!links.includes(next) && !next.startsWith("/app/sign-")) links.push(next);
  }
  return { links, found: undefined };
}

it("no page, file or live answer that any link leads to has an address, in any spelling", async () => {
  await fillLog();
  const { links, found } = await walk("read");
  expect(links.length).toBeGreaterThan(10);
  expect(links.some((link) => link.startsWith("/app/messages/"))).toBe(true);
  expect(found).toBeUndefined();
  // Who may see addresses does.
  expect((await walk("read", "pii")).found).toBeDefined();
});
