/** A mailing to seven people, and what they open and click. */
import { env } from "cloudflare:workers";
import { logRows, type Row } from "../marketo/marketo.ts";

const HOUR = 3_600_000;

export const click = (person: string, link_id: string, more: object = {}) => ({
  type: 11,
  person,
  link_id,
  link: `https://shop.example/${link_id}`,
  ...more,
});

/** As people do, each on their own: neither at once nor when the message was sent. */
export const apart = (rows: readonly Row[]): Row[] =>
  rows.map((row, index) => ({ at: Date.now() + (index + 1) * 60_000, ...row }));

export async function logMailing(): Promise<void> {
  await env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('email', '7', 'Spring', 'spring')").run();
  const old = Date.now() - 100 * HOUR;
  await logRows(
    ...["a", "b", "c", "d", "e", "f"].map((person) => ({ person })),
    { person: "noResponse", at: old },
    { person: "a", type: 7 },
    { person: "b", type: 8 },
    { person: "c", type: 27 },
    { person: "d", type: 7 },
    { person: "d", type: 10, is_bot: 1 },
    { person: "e", type: 8 },
    ...apart([
      { person: "e", type: 10 },
      click("a", "l1"),
      click("a", "l1"),
      click("e", "l1"),
      click("a", "l2"),
      click("d", "l3", { is_bot: 1 }),
    ]),
  );
}
