import { rowOf } from "../../src/events/row.ts";

/** The row of a click now, in the form of a queue message. */
export function clickRow(id: string, person: string, path = "é"): string {
  return rowOf({
    type: "clicked",
    id,
    atMs: Date.now(),
    message: { email: "7", person, campaign: "42" },
    link: { id: "l", url: `https://shop.example/${path}` },
    visitor: { userAgent: "x" },
  });
}
