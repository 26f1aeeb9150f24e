/** A log that has one person's address wherever a text of others can be, in every spelling. */
import { env } from "cloudflare:workers";
import { sourceKey } from "../../src/decorate/source-key.ts";
import { EVENT_TYPES, FILTERED_TYPE_ID } from "../../src/events/event.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";

export const EMAIL = "7";
export const CAMPAIGN = "42";
/** What no masked answer has, in any spelling. */
export const SECRET = "dupont";
const ADDRESS = "marie.dupont@example.com";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const base64url = (text: string) => Buffer.from(text).toString("base64url");
const hex = (text: string) => Buffer.from(text).toString("hex");
const percent = (text: string) => hex(text).replaceAll(/../g, "%$&");

const SPELLINGS = [
  ADDRESS,
  ADDRESS.toUpperCase(),
  encodeURIComponent(ADDRESS),
  encodeURIComponent(encodeURIComponent(ADDRESS)),
  percent(ADDRESS),
  encodeURIComponent(base64(ADDRESS)),
  base64url(`{"email":"${ADDRESS}","n":1}`),
  hex(ADDRESS),
  "marie.dupont@bücher.example",
  "marie.dupont@xn--bcher-kva.example",
  encodeURIComponent("marie.dupont@bücher.example"),
  "marie.dupont＠example.com",
  "bounces%2Bmarie.dupont=example.com@sender.example",
];

const WORDS = [
  ...SPELLINGS.slice(0, 5),
  "Marie.Dupont: no such user",
  "<marie.dupont@example.com>... User unknown",
  "SMTP;550 5.1.1 rfc822;marie.dupont@example.com",
  "marie.dupont &#64; example.com, marie.dupont (at) example.com",
  `"marie.dupont"@example.com`,
  `see https://mx.example/why?to=${encodeURIComponent(ADDRESS)}&code=550`,
].join(" ");

const QUERY = SPELLINGS.map((spelling, index) => `p${index}=${spelling}`).join("&");
const URLS = [
  `https://shop.example/?${QUERY}`,
  ...SPELLINGS.map((spelling) => `https://shop.example/u/${spelling}/x?utm_source=news`),
  `mailto:${ADDRESS}?subject=Hello`,
  `https://${ADDRESS}:secret@shop.example/#${ADDRESS}`,
];

/** Ids of persons: a plain one, and ones that are the address. */
export const PERSONS = [
  "1",
  base64url(ADDRESS),
  hex(ADDRESS),
  "marie.dupont-at-example.com",
  "marie.dupont_example.com",
];

const DETAIL = {
  address: ADDRESS,
  category: 3,
  subcategory: ADDRESS,
  status: "4.2.2",
  details: WORDS,
  referrer: URLS[0],
  query: QUERY,
  clientIp: "192.0.2.1",
  formFields: { [ADDRESS]: ADDRESS },
  attempt: 2,
  firstAttemptAt: 1,
};
const LIFTED = { who: ADDRESS, why: WORDS };
/** What only these types have. */
const OWN_DETAIL: Readonly<Record<number, object>> = {
  [EVENT_TYPES.unsubscribed.id]: { cause: "form" },
  [EVENT_TYPES.subscribed.id]: { cause: "sender", ...LIFTED },
  [EVENT_TYPES.suppressionRemoved.id]: { reason: "blocked", ...LIFTED },
};

const TYPES = Object.values(EVENT_TYPES).map(({ id }) => id as number);

export async function fillLog(): Promise<void> {
  await emptyLog();
  const insertion = (text: string, ...values: string[]) => env.DB.prepare(text).bind(...values);
  const label = `News for ${ADDRESS}`;
  await env.DB.batch([
    insertion("DELETE FROM people"),
    ...PERSONS.map((person) => insertion("INSERT INTO people (person, address) VALUES (?1, ?2)", person, ADDRESS)),
    insertion("INSERT INTO names (kind, id, name, folded) VALUES ('email', ?1, ?2, lower(?2))", EMAIL, label),
    insertion("INSERT INTO names (kind, id, name, folded) VALUES ('campaign', ?1, ?2, lower(?2))", CAMPAIGN, label),
  ]);
  const rows = PERSONS.flatMap((person, index) =>
    TYPES.map((type) => ({
      id: `${type}/${EMAIL}/${person}/${CAMPAIGN}/s-1`,
      type,
      person,
      send: index === 0 ? base64url(ADDRESS) : "s-1",
      link_id: type === EVENT_TYPES.clicked.id ? base64url(ADDRESS) : null,
      link: type === EVENT_TYPES.clicked.id ? `https://shop.example/?${QUERY}` : null,
      user_agent: `Mozilla/5.0 (${ADDRESS})`,
      bot_pattern: ADDRESS,
      detail: JSON.stringify({ ...DETAIL, ...OWN_DETAIL[type] }),
    })),
  );
  const clicks = URLS.map((link, index) => ({ type: EVENT_TYPES.clicked.id, link, link_id: `l${index}` }));
  const retracted = { type: FILTERED_TYPE_ID, detail: JSON.stringify({ ...DETAIL, retracted: 10 }) };
  // The cursor of a report on bounces may be made of these: they are short, and the most frequent.
  const short = Array.from({ length: 20 }, () => ({
    type: EVENT_TYPES.hardBounced.id,
    detail: JSON.stringify({ category: 2, subcategory: ADDRESS }),
  }));
  await logRows(...rows, ...clicks, ...short, retracted);
  // As a description of the email leaves them.
  const links = URLS.map((url, index) =>
    insertion(
      "INSERT OR REPLACE INTO links (email, id, url, name) VALUES (?1, ?2, ?3, ?4)",
      EMAIL,
      `l${index}`,
      url,
      label,
    ),
  );
  await env.DB.batch(links);
  await env.EMAIL_SOURCES.put(sourceKey(EMAIL), `<p title="${ADDRESS}">${encodeURIComponent(ADDRESS)}</p>`);
}

/** Every reading of a text, in lower case: decoded by percent-encoding, base64 and hexadecimal. */
export function readingsOf(text: string): string {
  const plain = [text];
  for (let level = 0; level < 3; level++) plain.push(decodePercent(plain.at(-1) ?? ""));
  const hidden = plain.flatMap((each) =>
    Array.from(each.matchAll(/[\w+/-]{8,}/g), ([run]) =>
      [Buffer.from(run, "base64"), Buffer.from(run, "hex")].join(" "),
    ),
  );
  return [...plain, ...hidden].join("\n").toLowerCase();
}

function decodePercent(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
}
