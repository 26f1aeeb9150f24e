/** An event of the feed as a line for people. */
import pc from "picocolors";
import * as v from "valibot";
import { printable } from "./printable.ts";

const Named = v.object({ id: v.union([v.number(), v.string()]), name: v.optional(v.string()) });

/** What a line shows of an event; everything else is kept for `--json`. */
export const FeedEvent = v.looseObject({
  type: v.string(),
  seq: v.number(),
  at: v.string(),
  email: v.optional(Named),
  person: Named,
  campaign: v.optional(Named),
  address: v.optional(v.string()),
  cause: v.optional(v.string()),
  bounce: v.optional(v.looseObject({ category: v.number(), details: v.optional(v.string()) })),
  link: v.optional(v.looseObject({ url: v.optional(v.string()), name: v.optional(v.string()) })),
  visitor: v.optional(
    v.looseObject({ isBot: v.boolean(), device: v.optional(v.string()), platform: v.optional(v.string()) }),
  ),
});
export type FeedEvent = v.InferOutput<typeof FeedEvent>;

const TYPE_WIDTH = Math.max("hard_bounced".length, "unsubscribed".length);
/** As wide as terminals are, with room for what stands before. */
const MAX_DETAIL_CHARS = 100;

const COLORS: Readonly<Record<string, (text: string) => string>> = {
  hard_bounced: pc.red,
  soft_bounced: pc.yellow,
  unsubscribed: pc.magenta,
  opened: pc.green,
  clicked: pc.cyan,
};

/** `2026-11-20 09:30:00  clicked       email 1042 "November news", person 7: https://shop.example/shoes` */
export function eventLine(event: FeedEvent): string {
  const { type, at, email, person, address } = event;
  const time = at.slice(0, 19).replace("T", " ");
  const color = COLORS[type] ?? ((text: string) => text);
  const mail = email === undefined ? [] : [`email ${named(email)}`];
  const who = [...mail, `person ${named(person)}`, ...(address === undefined ? [] : [address])].join(", ");
  const detail = detailOf(event).slice(0, MAX_DETAIL_CHARS);
  const words = printable(detail === "" ? who : `${who}: ${detail}`).replaceAll("\n", " ");
  return `${time}  ${color(type.padEnd(TYPE_WIDTH))}  ${words}`;
}

function named({ id, name }: v.InferOutput<typeof Named>): string {
  return name === undefined ? String(id) : `${id} "${name}"`;
}

function detailOf({ bounce, link, visitor, cause }: FeedEvent): string {
  if (bounce !== undefined) return bounce.details ?? `category ${bounce.category}`;
  if (cause !== undefined) return cause;
  const device = visitor?.isBot ? "a bot" : (visitor?.device ?? visitor?.platform);
  const target = link?.name ?? link?.url;
  return [target, device].filter((part) => part !== undefined).join(", ");
}
