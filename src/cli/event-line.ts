/** An event of the feed as a line for people. */
import pc from "picocolors";
import type { Schemas } from "../client/index.ts";
import { printable } from "./printable.ts";

type Event = Schemas["Event"];

const TYPE_WIDTH = Math.max("hard_bounced".length, "unsubscribed".length);
/** As wide as terminals are, with room for what is before. */
const MAX_DETAIL_CHARS = 100;

const COLORS: Readonly<Record<string, (text: string) => string>> = {
  hard_bounced: pc.red,
  soft_bounced: pc.yellow,
  retry: pc.yellow,
  unsubscribed: pc.magenta,
  opened: pc.green,
  clicked: pc.cyan,
};

/** `2026-11-20 09:30:00  clicked       email 1042 "November news", person 7: https://shop.example/shoes` */
export function eventLine(event: Event): string {
  const { type, at, email, person, address } = event;
  const time = at.slice(0, 19).replace("T", " ");
  const color = COLORS[type] ?? ((text: string) => text);
  const mail = email === undefined ? [] : [`email ${named(email)}`];
  const whose = person === undefined ? [] : [`person ${person.id}`];
  const who = [...mail, ...whose, ...(address === undefined ? [] : [address])].join(", ");
  const detail = detailOf(event).slice(0, MAX_DETAIL_CHARS);
  const words = printable(detail === "" ? who : `${who}: ${detail}`).replaceAll("\n", " ");
  return `${time}  ${color(type.padEnd(TYPE_WIDTH))}  ${words}`;
}

function named({ id, name }: Schemas["IdAndName"]): string {
  return name === undefined ? String(id) : `${id} "${name}"`;
}

/** What is worth saying of an event, in few words. */
function detailOf(event: Event): string {
  switch (event.type) {
    case "hard_bounced":
    case "soft_bounced":
      return event.bounce.details ?? `category ${event.bounce.category}`;
    case "opened":
      return deviceOf(event.visitor);
    case "clicked":
      return [event.link.name ?? event.link.url, deviceOf(event.visitor)].filter((part) => part).join(", ");
    case "unsubscribed":
    case "subscribed":
      return event.cause;
    case "suppression_removed":
      return [event.who, event.why].filter((part) => part).join(": ");
    case "retry":
      return `attempt ${event.attempt}`;
    case "retracted":
      return `was ${event.was}`;
    case "sent":
    case "delivered":
      return "";
  }
}

function deviceOf({ isBot, device, platform }: Extract<Event, { type: "opened" }>["visitor"]): string {
  return isBot ? "a bot" : (device ?? platform ?? "");
}
