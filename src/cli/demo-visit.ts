/**
 * The whole life of one mail, lived against a Worker as mail servers, clients and people live it. Knows only what is public:
 * the mail, the API's answer and HTTP. Throws with what was wrong; returns what the log has to hold now.
 */
import * as v from "valibot";
import { CommandError } from "./command-error.ts";

export interface Mail {
  readonly html?: string;
  readonly text?: string;
}

export interface MailIds {
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
}

/** What one row of the log has to be. */
export interface ExpectedEvent {
  readonly type: "opened" | "clicked" | "unsubscribed";
  readonly link?: { readonly id: string; readonly url: string };
}

export interface Visit {
  readonly origin: string;
  readonly apiKey: string;
  readonly ids: MailIds;
  readonly address: string;
  /** Gets a line for each step. */
  readonly say: (line: string) => void;
  /** Gets a line for each thing that the sender should know. */
  readonly warn: (line: string) => void;
  /** Gets what is going on, for as long as it does. */
  readonly progress: (line: string) => void;
}

const Decorated = v.object({
  html: v.optional(v.string()),
  text: v.optional(v.string()),
  headers: v.record(v.string(), v.string()),
  links: v.array(v.object({ id: v.string(), url: v.string() })),
  warnings: v.array(v.object({ code: v.string(), url: v.string(), message: v.string() })),
});

const PERSON = { "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };

export async function live(mail: Mail, visit: Visit): Promise<ExpectedEvent[]> {
  const decorated = await decorate(mail, visit);
  const opened = await loadPixels(decorated.html ?? "", visit);
  const clicked = await clickLinks(decorated, visit);
  const unsubscribed = await unsubscribe(decorated.headers, visit);
  return [...opened, ...clicked, ...unsubscribed];
}

async function decorate(mail: Mail, { origin, apiKey, ids, address, say, warn, progress }: Visit) {
  progress("decorating");
  const body = {
    email: { id: ids.email },
    person: { id: ids.person, address },
    campaign: { id: ids.campaign },
    ...mail,
  };
  const answer = await fetch(`${origin}/v1/decorate`, {
    method: "POST",
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (answer.status === 413) {
    throw new CommandError("This mail is too large for the API, which takes up to 1 MiB.", {
      next: "npx waxseal decorate takes messages up to 25 MB, and the library any; for the demo, try a smaller one.",
    });
  }
  check(answer.status === 200, `POST /v1/decorate answered ${answer.status}: ${text.slice(0, 500)}`);
  const decorated = v.parse(Decorated, JSON.parse(text));
  const size = (decorated.html?.length ?? 0) + (decorated.text?.length ?? 0);
  say(`decorated: ${size.toLocaleString("en")} characters, ${counted(decorated.links.length, "link")}`);
  for (const { code, url, message } of decorated.warnings) warn(`${code} ${shortened(url)}: ${message}`);
  return decorated;
}

async function loadPixels(html: string, { origin, say }: Visit): Promise<ExpectedEvent[]> {
  const [pixel] = addressesIn(html, `${origin}/o/`);
  if (pixel === undefined) {
    say("no HTML, so no pixel");
    return [];
  }
  for (const time of ["first", "second"]) {
    const answer = await fetch(pixel, { headers: PERSON });
    const type = answer.headers.get("Content-Type");
    check(
      answer.status === 200 && type === "image/gif",
      `the ${time} load of the pixel: ${answer.status} ${type}`,
    );
    await answer.arrayBuffer();
  }
  say("loaded the pixel twice");
  return [{ type: "opened" }];
}

async function clickLinks(
  { html = "", text = "", links }: v.InferOutput<typeof Decorated>,
  { origin, say, progress }: Visit,
): Promise<ExpectedEvent[]> {
  // A link that stands in both parts has the same address in both.
  const addresses = [
    ...new Set([...addressesIn(html, `${origin}/c/`), ...addressesIn(text, `${origin}/c/`)]),
  ];
  check(
    addresses.length === links.length,
    `the mail holds ${addresses.length} decorated links, the answer names ${links.length}`,
  );
  const expected: ExpectedEvent[] = [];
  for (const [index, link] of links.entries()) {
    progress(`clicking link ${(index + 1).toLocaleString("en")} of ${links.length.toLocaleString("en")}`);
    const answer = await fetch(addresses[index] ?? "", { redirect: "manual", headers: PERSON });
    // A header's bytes come as one character each (WHATWG Fetch, "isomorphic decode"); a destination is UTF-8.
    const location = Buffer.from(answer.headers.get("Location") ?? "", "latin1").toString("utf8");
    check(
      answer.status === 302 && location === link.url,
      `link ${link.id} answered ${answer.status} to ${location}, not 302 to ${link.url}`,
    );
    expected.push({ type: "clicked", link });
  }
  say(`clicked ${counted(links.length, "link")}: each leads to exactly its original`);
  return expected;
}

async function unsubscribe(
  headers: Readonly<Record<string, string>>,
  { say }: Visit,
): Promise<ExpectedEvent[]> {
  const [, address = ""] = /^<(.*)>$/.exec(headers["List-Unsubscribe"] ?? "") ?? [];
  const page = await fetch(address, { headers: PERSON });
  const shown = await page.text();
  check(
    page.status === 200 && /<form/i.test(shown),
    `the unsubscribe page answered ${page.status} without a form`,
  );
  say("opened the unsubscribe page, which changes nothing");
  const submitted = await fetch(address, {
    method: "POST",
    headers: PERSON,
    body: new URLSearchParams({ action: "unsubscribe" }),
  });
  await submitted.text();
  check(submitted.status === 200, `the unsubscribe form answered ${submitted.status}`);
  say("submitted its form");
  return [{ type: "unsubscribed" }];
}

/** Every address that begins so, in order. A token is base64url. */
function addressesIn(text: string, beginning: string): string[] {
  return text
    .split(beginning)
    .slice(1)
    .map((rest) => beginning + (/^[A-Za-z0-9_-]*(?:\.gif)?/.exec(rest)?.[0] ?? ""));
}

/** So much that one knows which it is. */
function shortened(url: string): string {
  return url.length <= 100 ? url : `${url.slice(0, 99)}…`;
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

function check(condition: boolean, complaint: string): asserts condition {
  if (!condition) throw new Error(complaint);
}
