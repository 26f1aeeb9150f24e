/**
 * The recipient's part of the demo: what mail clients and people do with a copy. Knows only the copy and HTTP. Throws
 * what was wrong.
 */
import { locationOf } from "../tokens/destination.ts";
import { check } from "./check.ts";
import type { Copy } from "./sender.ts";
import { counted, progress, say } from "./terminal.ts";

const PERSON = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };

/** Loads the pixel twice. False when the copy has none. */
export async function loadPixel({ html = "" }: Copy, origin: string): Promise<boolean> {
  const [pixel] = addressesIn(html, `${origin}/o/`);
  if (pixel === undefined) {
    say("no HTML, so no pixel");
    return false;
  }
  for (const time of ["first", "second"]) {
    const answer = await fetch(pixel, { headers: PERSON });
    const type = answer.headers.get("Content-Type");
    check(answer.status === 200 && type === "image/gif", `the ${time} load of the pixel: ${answer.status} ${type}`);
    await answer.arrayBuffer();
  }
  say("loaded the pixel twice");
  return true;
}

/** Clicks each link once. */
export async function clickLinks({ html = "", text = "", links }: Copy, origin: string): Promise<void> {
  // A link that is in both parts has the same address in both.
  const addresses = [...new Set([...addressesIn(html, `${origin}/c/`), ...addressesIn(text, `${origin}/c/`)])];
  check(
    addresses.length === links.length,
    `the mail holds ${addresses.length} decorated links, the answer names ${links.length}`,
  );
  for (const [index, link] of links.entries()) {
    progress(`clicking link ${(index + 1).toLocaleString("en")} of ${links.length.toLocaleString("en")}`);
    const answer = await fetch(addresses[index] ?? "", { redirect: "manual", headers: PERSON });
    const location = answer.headers.get("Location") ?? "";
    check(
      answer.status === 302 && location === locationOf(link.url),
      `link ${link.id} answered ${answer.status} to ${location}, not 302 to ${link.url}`,
    );
  }
  say(`clicked ${counted(links.length, "link")}: each leads to exactly its original`);
}

/** Opens the unsubscribe page and submits its form. */
export async function submitUnsubscribeForm({ headers }: Copy): Promise<void> {
  const [, address = ""] = /^<(.*)>$/.exec((headers["List-Unsubscribe"] ?? "").replaceAll(" ", "")) ?? [];
  const page = await fetch(address, { headers: PERSON });
  const shown = await page.text();
  check(page.status === 200 && /<form/i.test(shown), `the unsubscribe page answered ${page.status} without a form`);
  say("opened the unsubscribe page, which changes nothing");
  const submitted = await fetch(address, {
    method: "POST",
    headers: PERSON,
    body: new URLSearchParams({ action: "unsubscribe" }),
  });
  await submitted.text();
  check(submitted.status === 200, `the unsubscribe form answered ${submitted.status}`);
  say("submitted its form");
}

/** Every address with this beginning, in order. A token is base64url. */
function addressesIn(text: string, beginning: string): string[] {
  return text
    .split(beginning)
    .slice(1)
    .map((rest) => beginning + (/^[A-Za-z0-9_-]*(?:\.gif)?/.exec(rest)?.[0] ?? ""));
}
